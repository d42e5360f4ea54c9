"""Телефония."""

from prikus.toolkit import Plugin

plugin = Plugin(
    id="telephony",
    title="Телефония",
    summary="Журнал звонков, записи разговоров, карточка входящего звонка",
    version="1.0.0",
    icon="phone",
    enhances=("billing", "calendar"),
)
