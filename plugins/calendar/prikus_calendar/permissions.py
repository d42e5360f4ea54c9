"""Rights of the calendar."""

from prikus.toolkit import Permission

EVERYBODY = ("director", "administrator", "doctor", "coordinator", "accountant")
FRONT_DESK = ("director", "administrator", "coordinator")

permissions = (
    Permission("calendar.appointment.view", "Просмотр календаря", EVERYBODY),
    Permission("calendar.appointment.create", "Запись пациентов на приём", FRONT_DESK),
    Permission("calendar.appointment.edit", "Перенос приёмов и смена статуса", (*FRONT_DESK, "doctor")),
    Permission("calendar.appointment.cancel", "Отмена приёмов", FRONT_DESK),
    Permission("calendar.appointment.overlap", "Запись поверх занятого времени", ("director",)),
    Permission("calendar.shift.view", "Просмотр графика врачей", EVERYBODY),
    Permission("calendar.shift.edit", "Изменение графика врачей", ("director", "administrator")),
)
