"""An integration with an invented post office: connects, hears its webhooks, sends by a job."""

from prikus.toolkit import Plugin, Use

plugin = Plugin(
    id="parcels",
    title="Посылки",
    summary="Почта, которой нет",
    version="1.0.0",
    category="integration",
    acts=("patients.patient.view",),
    uses=(
        Use("имя", "отправка", "post.example", "Россия", "год"),
        Use("фотография", "отправка", "*.post.example", "Россия", "год"),
    ),
)
