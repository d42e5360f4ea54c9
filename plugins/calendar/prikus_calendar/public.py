"""What other plugins may use of the calendar."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Select, case, select

from prikus.toolkit import Context
from prikus_calendar.events import (
    AppointmentCancelled,
    AppointmentCreated,
    AppointmentMoved,
    AppointmentStatusChanged,
    ShiftCreated,
)
from prikus_calendar.models import Appointment, AppointmentStatus, Shift
from prikus_calendar.schemas import NewAppointment, Saved
from prikus_calendar.services.check import check_bookings as check
from prikus_calendar.services.plugins import book_appointment, cancel_appointment, move_appointment

__all__ = [
    "AppointmentCancelled",
    "AppointmentCreated",
    "AppointmentMoved",
    "AppointmentStatusChanged",
    "NewAppointment",
    "Saved",
    "ShiftCreated",
    "appointments_v1",
    "book_appointment",
    "cancel_appointment",
    "check",
    "doctor_of_visit",
    "move_appointment",
    "shifts_v1",
]


async def doctor_of_visit(ctx: Context, patient_id: int, date: dt.date) -> int | None:
    """The doctor whom the patient visits on a local day: of the appointment that has come furthest, else the earliest.

    Appointments that free their time (missed, cancelled) do not count. None when there is none.
    """
    ctx.require("calendar.appointment.view")
    furthest = case({"finished": 0, "in_progress": 1, "waiting": 2}, value=AppointmentStatus.meaning, else_=3)
    return await ctx.db.scalar(
        select(Appointment.doctor_id)
        .join(
            AppointmentStatus,
            (AppointmentStatus.clinic_id == Appointment.clinic_id) & (AppointmentStatus.id == Appointment.status_id),
        )
        .where(Appointment.patient_id == patient_id, Appointment.business_date == date, Appointment.occupies)
        .order_by(furthest, Appointment.starts_at)
        .limit(1)
    )


def appointments_v1() -> Select[int, int, int, int, int, dt.datetime, dt.datetime, dt.date, str, bool, int]:
    """Appointments as facts, version 1.

    Columns: `clinic_id`, `id`, `patient_id`, `doctor_id`, `branch_id`, `starts_at` and `ends_at` (UTC),
    `business_date` (local day of the branch), `meaning` of the status, `occupies`, `chair_id`.
    """
    return select(
        Appointment.clinic_id,
        Appointment.id,
        Appointment.patient_id,
        Appointment.doctor_id,
        Appointment.branch_id,
        Appointment.starts_at,
        Appointment.ends_at,
        Appointment.business_date,
        AppointmentStatus.meaning,
        Appointment.occupies,
        Appointment.chair_id,
    ).join(
        AppointmentStatus,
        (AppointmentStatus.clinic_id == Appointment.clinic_id) & (AppointmentStatus.id == Appointment.status_id),
    )


def shifts_v1() -> Select[int, int, int, int, int, dt.datetime, dt.datetime, dt.date]:
    """Working time of doctors in chairs as facts, version 1.

    Columns: `clinic_id`, `id`, `staff_id`, `chair_id`, `branch_id`, `starts_at` and `ends_at` (UTC), `business_date`
    (local day of the branch).
    """
    return select(
        Shift.clinic_id,
        Shift.id,
        Shift.staff_id,
        Shift.chair_id,
        Shift.branch_id,
        Shift.starts_at,
        Shift.ends_at,
        Shift.business_date,
    )
