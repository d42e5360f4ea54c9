"""Эвотор касса (INT-05)."""

from prikus.toolkit import Plugin, Use

plugin = Plugin(
    id="integrations_evotor",
    title="Эвотор касса",
    summary="Чеки оплат, предоплат и возвратов через цифровую кассу Эвотор",
    version="1.0.0",
    category="integration",
    icon="receipt",
    requires=("fiscal",),
    uses=(
        Use(
            "имя, телефон или e-mail плательщика, названия и цены оплаченных услуг",
            "чеки по закону 54-ФЗ",
            "fiscalization.evotor.ru",
            "Россия",
            "пока клиника пользуется кассой",
        ),
    ),
)
