"""An exchange that does not exist: rings, hands out recordings, tells statistics."""

from prikus.toolkit import Plugin, Use

plugin = Plugin(
    id="ringer",
    title="Звонарь",
    summary="Станция, которой нет",
    version="1.0.0",
    category="integration",
    requires=("telephony",),
    uses=(Use("номер телефона", "звонок", "ringer.example", "Россия", "год"),),
)
