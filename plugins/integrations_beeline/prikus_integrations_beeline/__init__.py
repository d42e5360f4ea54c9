"""Beeline звонки (INT-01)."""

from prikus.toolkit import Plugin, Use

plugin = Plugin(
    id="integrations_beeline",
    title="Beeline звонки",
    summary="Звонки облачной АТС «Билайн»: журнал, записи разговоров, карточка входящего звонка",
    version="1.0.0",
    category="integration",
    icon="phone",
    requires=("telephony",),
    uses=(
        Use(
            "номера телефонов пациентов, записи разговоров",
            "звонки пациентам, журнал звонков и прослушивание записей",
            "cloudpbx.beeline.ru",
            "Россия",
            "пока клиника пользуется облачной АТС",
        ),
    ),
)
