"""What the card contributes to others: menu, «Создать», the trash, its own kind of events."""

from __future__ import annotations

from sqlalchemy import case

from prikus.host.declarations import hookimpl
from prikus.patients.hookspecs import FeedKind, PatientRecords
from prikus.patients.models import IdentityDocument, Patient, PatientAddress, PatientEvent
from prikus.patients.services.keeping import patient_restored
from prikus.trash.hookspecs import TrashSection
from prikus.ui.descriptors import MenuItem


@hookimpl
def menu_items() -> list[MenuItem]:
    return [
        MenuItem("Карточка пациента", "users", "/patients/", 30, "patients.patient.view", short="Пациенты"),
        MenuItem("Добавить пациента", "user-plus", "/patients/new", 20, "patients.patient.edit", section="create"),
    ]


@hookimpl
def feed_kinds() -> list[FeedKind]:
    return [FeedKind("card", "Карточка", ("patient",))]


@hookimpl
def trash_sections() -> list[TrashSection]:
    return [
        TrashSection(
            id="patients",
            title="Пациенты",
            model=Patient,
            name=Patient.last_name + " " + Patient.first_name,
            right="patients.patient.delete",
            order=10,
            restore=patient_restored,
        )
    ]


@hookimpl
def patient_records() -> list[PatientRecords]:
    card = {
        "Карта": Patient.card_number,
        "Фамилия": Patient.last_name,
        "Имя": Patient.first_name,
        "Отчество": Patient.patronymic,
        "Дата рождения": Patient.birth_date,
        "Телефон": Patient.phone,
        "Домашний телефон": Patient.home_phone,
        "Почта": Patient.email,
        "СНИЛС": Patient.snils,
        "ИНН": Patient.inn,
        "Полис ОМС": Patient.oms_policy_number,
        "Рассылка": Patient.mailing_enabled,
        "Комментарий": Patient.comment,
    }
    document = {
        "Вид": case((IdentityDocument.kind == "passport", "Паспорт"), else_=IdentityDocument.title),
        "Серия": IdentityDocument.series,
        "Номер": IdentityDocument.number,
        "Кем выдан": IdentityDocument.issuer,
        "Код подразделения": IdentityDocument.department_code,
        "Когда выдан": IdentityDocument.issued_on,
    }
    address = {
        "Вид": case((PatientAddress.kind == "registration", "Регистрация"), else_="Проживание"),
        "Индекс": PatientAddress.postcode,
        "Регион": PatientAddress.region,
        "Город": PatientAddress.city,
        "Улица": PatientAddress.street,
        "Дом": PatientAddress.house,
        "Квартира": PatientAddress.flat,
    }
    feed = {"Когда": PatientEvent.happened_at, "Событие": PatientEvent.title, "Подробности": PatientEvent.text}
    return [
        PatientRecords("Карточка", Patient, Patient.id, card, 0),
        PatientRecords("Документы", IdentityDocument, IdentityDocument.patient_id, document, 1),
        PatientRecords("Адреса", PatientAddress, PatientAddress.patient_id, address, 2),
        PatientRecords("События", PatientEvent, PatientEvent.patient_id, feed, 100),
    ]
