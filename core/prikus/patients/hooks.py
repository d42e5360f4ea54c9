"""What the card contributes to others: menu, «Создать», the trash, its own kind of events."""

from __future__ import annotations

from prikus.host.declarations import hookimpl
from prikus.patients.hookspecs import FeedKind
from prikus.patients.models import Patient
from prikus.patients.services.keeping import patient_restored
from prikus.trash.hookspecs import TrashSection
from prikus.ui.descriptors import MenuItem


@hookimpl
def menu_items() -> list[MenuItem]:
    return [
        MenuItem("Карточка пациента", "users", "/patients/", 30, "patients.patient.view"),
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
