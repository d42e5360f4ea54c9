"""CRM."""

from prikus.toolkit import Plugin

plugin = Plugin(
    id="crm",
    title="CRM",
    summary="Заявки: кто обратился, откуда, кто отвечает и когда связаться снова",
    version="1.0.0",
    icon="headset",
)
