"""Rights on patients."""

from prikus.host.manifest import Permission

EVERYBODY_AT_CHAIR_OR_DESK = ("director", "administrator", "doctor", "coordinator", "accountant")

permissions = (
    Permission("patients.patient.view", "Пациенты: просмотр", EVERYBODY_AT_CHAIR_OR_DESK),
    Permission(
        "patients.patient.edit",
        "Пациенты: добавление и изменение",
        ("director", "administrator", "doctor", "coordinator"),
    ),
    Permission("patients.patient.delete", "Пациенты: удаление", ("director", "administrator")),
    Permission("patients.patient.merge", "Пациенты: объединение карточек", ("director", "administrator")),
    Permission("patients.patient.export", "Пациенты: выгрузка всех данных пациента", ("director",)),
    Permission("patients.patient.erase", "Пациенты: стирание персональных данных", ("director",)),
    Permission(
        "patients.sensitive.view",
        "Пациенты: паспорт, СНИЛС, ИНН и полис",
        ("director", "administrator", "accountant"),
    ),
)
