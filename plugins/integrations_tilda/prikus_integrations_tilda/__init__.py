"""Tilda: forms that people fill in on the clinic's site become requests of the CRM (INT-14)."""

from prikus.toolkit import Plugin

plugin = Plugin(
    id="integrations_tilda",
    title="Tilda",
    summary="Заявки из форм сайта на Tilda",
    version="1.0.0",
    category="integration",
    icon="world",
    requires=("crm",),
)
