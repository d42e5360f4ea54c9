"""Rights of «Телефония»."""

from prikus.toolkit import Permission

FRONT_DESK = ("director", "administrator")

permissions = (
    Permission("telephony.call.view", "Звонки: просмотр", (*FRONT_DESK, "coordinator")),
    Permission("telephony.call.make", "Звонки: звонить и принимать", FRONT_DESK),
    Permission("telephony.recording.listen", "Звонки: прослушивание записей", ("director",)),
    Permission("telephony.extension.edit", "Звонки: внутренние номера сотрудников", ("director",)),
)
