"""SMS-Центр (INT-07)."""

from prikus.toolkit import Plugin, Use

plugin = Plugin(
    id="integrations_smsc",
    title="SMS-Центр",
    summary="SMS пациентам через smsc.ru",
    version="1.0.0",
    category="integration",
    icon="message",
    requires=("messaging",),
    uses=(
        Use(
            "номера телефонов, тексты сообщений",
            "SMS пациентам",
            "smsc.ru",
            "Россия",
            "пока клиника пользуется сервисом",
        ),
    ),
)
