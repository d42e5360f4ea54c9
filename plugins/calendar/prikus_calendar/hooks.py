"""What the calendar contributes to pages of others."""

from __future__ import annotations

from prikus.toolkit import CardAction, FeedKind, MenuItem, SlotItem, hookimpl


@hookimpl
def menu_items() -> list[MenuItem]:
    return [
        MenuItem("Календарь", "calendar-event", "/calendar/", 20, right="calendar.appointment.view"),
        MenuItem(
            "Новая запись",
            "calendar-plus",
            "/calendar/appointments/new",
            10,
            right="calendar.appointment.create",
            section="create",
            key="KeyN",
        ),
    ]


@hookimpl
def card_actions() -> list[CardAction]:
    return [
        CardAction(
            "book",
            "Записать",
            "calendar-plus",
            "/calendar/appointments/new?patient_id={patient_id}",
            10,
            right="calendar.appointment.create",
        )
    ]


@hookimpl
def card_boxes() -> list[SlotItem]:
    return [
        SlotItem(
            "calendar-next",
            "Ближайшие приёмы",
            "calendar-event",
            "/calendar/patients/{patient_id}/next",
            20,
            right="calendar.appointment.view",
        )
    ]


@hookimpl
def feed_kinds() -> list[FeedKind]:
    return [FeedKind("appointments", "Приёмы", ("appointment",))]
