"""What the calendar contributes to pages of others."""

from __future__ import annotations

from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from prikus.toolkit import (
    CardAction,
    Conflict,
    Context,
    Erasing,
    FeedKind,
    MenuItem,
    Merging,
    PatientRecords,
    SlotItem,
    StaffMember,
    hookimpl,
)
from prikus_calendar.models import Appointment, AppointmentStatus


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
            short="Записать",
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
            primary=True,
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


@hookimpl
def patient_records() -> list[PatientRecords]:
    doctor = and_(StaffMember.clinic_id == Appointment.clinic_id, StaffMember.id == Appointment.doctor_id)
    status = and_(AppointmentStatus.clinic_id == Appointment.clinic_id, AppointmentStatus.id == Appointment.status_id)
    columns = {
        "Начало": Appointment.starts_at,
        "Конец": Appointment.ends_at,
        "Врач": select(StaffMember.last_name + " " + StaffMember.first_name).where(doctor).scalar_subquery(),
        "Статус": select(AppointmentStatus.name).where(status).scalar_subquery(),
        "Комментарий": Appointment.comment,
        "Причина отмены": Appointment.cancel_reason,
    }
    return [PatientRecords("Приёмы", Appointment, Appointment.patient_id, columns, 20)]


@hookimpl
async def patient_merging(ctx: Context, merging: Merging) -> None:
    """Two cards of one person booked at one time: a person says which of the two is meant."""
    one, other = aliased(Appointment), aliased(Appointment)
    at_once = select(func.min(func.greatest(one.starts_at, other.starts_at))).where(
        one.patient_id == merging.gone_id,
        other.patient_id == merging.patient_id,
        one.occupies,
        other.occupies,
        ~one.overlap_ok,
        ~other.overlap_ok,
        one.starts_at < other.ends_at,
        other.starts_at < one.ends_at,
    )
    if moment := await ctx.db.scalar(at_once):
        when = moment.astimezone(ctx.zone()).strftime("%d.%m.%Y в %H:%M")
        raise Conflict(f"У обеих карточек есть приём {when}. Отмените лишний и повторите объединение.")


@hookimpl
async def patient_erasing(ctx: Context, erasing: Erasing) -> None:
    """Whoever is expected cannot be forgotten yet."""
    coming = select(func.min(Appointment.starts_at)).where(
        Appointment.patient_id == erasing.patient_id, Appointment.occupies, Appointment.starts_at > ctx.now()
    )
    if moment := await ctx.db.scalar(coming):
        when = moment.astimezone(ctx.zone()).strftime("%d.%m.%Y в %H:%M")
        raise Conflict(f"Пациент записан на {when}. Сначала отмените запись.")
