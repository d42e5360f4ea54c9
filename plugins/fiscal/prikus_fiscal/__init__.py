"""Чеки 54-ФЗ (INT-05, INT-11)."""

from prikus.toolkit import Plugin

plugin = Plugin(
    id="fiscal",
    title="Чеки",
    summary="Чеки оплат, предоплат и возвратов через кассы клиники",
    version="1.0.0",
    category="capability",
    icon="receipt",
    requires=("billing", "catalog"),
    acts=("billing.invoice.view",),
)
