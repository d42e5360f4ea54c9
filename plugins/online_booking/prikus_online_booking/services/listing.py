"""Bookings of channels as people and programs read them."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import and_, func, select

from prikus.toolkit import (
    Changes,
    Context,
    Patient,
    StaffMember,
    follow,
    full_name,
    known_connections,
    read_page,
    short_name,
)
from prikus_calendar.public import appointments_v1
from prikus_online_booking.models import ExternalBooking
from prikus_online_booking.schemas import BookingChange, BookingPage, BookingRow, By, State

PAGE = 30
RIGHT = "online_booking.booking.view"


class Filters(msgspec.Struct, frozen=True):
    """What the list is narrowed to."""

    state: State | None = None
    connection_id: int | None = None


async def bookings(
    ctx: Context, filters: Filters, *, after: str | None = None, before: str | None = None
) -> BookingPage:
    """Newest first, 30 to a page. `after` and `before` are cursors of its making."""
    ctx.require(RIGHT)
    titles = {one.id: one.title for one in await known_connections(ctx)}
    query, by = _rows(), (ExternalBooking.created_at, ExternalBooking.id)
    if filters.state:
        query = query.where(ExternalBooking.state == filters.state)
    if filters.connection_id is not None:
        query = query.where(ExternalBooking.connection_id == filters.connection_id)

    def read(row: Any) -> BookingRow:
        return _row(ctx, row, titles)

    return BookingPage(*await read_page(ctx.db, query, by, read, after=after, before=before, size=PAGE))


async def changed_bookings(ctx: Context, since: str | None, limit: int) -> Changes[BookingChange]:
    """Bookings in the order of their last change. Raises `Invalid` for a strange cursor."""
    ctx.require(RIGHT)
    return await follow(ctx, BookingChange, ExternalBooking, since, limit)


def _rows() -> Any:
    visit = appointments_v1().subquery()
    of_visit = and_(visit.c.clinic_id == ExternalBooking.clinic_id, visit.c.id == ExternalBooking.appointment_id)
    patient = and_(Patient.clinic_id == ExternalBooking.clinic_id, Patient.id == ExternalBooking.patient_id)
    doctor_id = func.coalesce(visit.c.doctor_id, ExternalBooking.staff_id)
    doctor = and_(StaffMember.clinic_id == ExternalBooking.clinic_id, StaffMember.id == doctor_id)
    return (
        select(
            ExternalBooking.id,
            ExternalBooking.connection_id,
            ExternalBooking.state,
            ExternalBooking.changed_by,
            ExternalBooking.created_at,
            ExternalBooking.patient_id,
            ExternalBooking.is_new_patient,
            ExternalBooking.name,
            ExternalBooking.phone,
            ExternalBooking.reason,
            func.coalesce(visit.c.starts_at, ExternalBooking.starts_at).label("starts_at"),
            visit.c.branch_id,
            visit.c.business_date,
            *_names(Patient, "patient"),
            *_names(StaffMember, "doctor"),
        )
        .outerjoin(visit, of_visit)
        .outerjoin(Patient, patient & Patient.deleted_at.is_(None))
        .outerjoin(StaffMember, doctor)
    )


def _names(model: Any, prefix: str) -> list[Any]:
    return [getattr(model, part).label(f"{prefix}_{part}") for part in ("last_name", "first_name", "patronymic")]


def _row(ctx: Context, row: Any, titles: dict[int, str]) -> BookingRow:
    patient = (row.patient_last_name, row.patient_first_name, row.patient_patronymic)
    doctor = (row.doctor_last_name, row.doctor_first_name, row.doctor_patronymic)
    return BookingRow(
        id=row.id,
        channel=titles.get(row.connection_id),
        state=msgspec.convert(row.state, State),
        changed_by=msgspec.convert(row.changed_by, By),
        received_at=row.created_at,
        patient_id=row.patient_id if patient[0] else None,
        patient=full_name(*patient) if patient[0] else row.name,
        phone=row.phone,
        is_new_patient=row.is_new_patient,
        doctor=short_name(*doctor) if doctor[0] else None,
        starts_at=row.starts_at,
        branch_id=row.branch_id,
        business_date=row.business_date,
        reason=row.reason,
    )
