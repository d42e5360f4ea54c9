"""A plugin that does every wrong thing that cannot be seen before it runs. `moods` says which one now."""

from prikus.toolkit import Plugin

plugin = Plugin(
    id="hostile",
    title="Вредный",
    summary="Ломает всё, до чего дотянется",
    version="1.0.0",
    requires=("billing", "calendar"),
    acts=("patients.patient.view",),
)
