"""What programs ask the calendar for: lists that they follow, free time, words on an appointment (API-01)."""

from __future__ import annotations

import datetime as dt

from prikus.toolkit import Changes, Context, Metadata, NotedWords, follow
from prikus.toolkit import note_metadata as note_words
from prikus.toolkit import read_metadata as read_words
from prikus_calendar.models import Appointment, AppointmentStatus, Shift
from prikus_calendar.schemas import AppointmentChange, FreeTime, ShiftChange
from prikus_calendar.services.agenda import gaps
from prikus_calendar.services.day import day


async def changed_appointments(ctx: Context, since: str | None, limit: int) -> Changes[AppointmentChange]:
    """Appointments in the order of their last change. Raises `Invalid` for a strange cursor."""
    ctx.require("calendar.appointment.view")
    status = (AppointmentStatus.clinic_id == Appointment.clinic_id) & (AppointmentStatus.id == Appointment.status_id)
    return await follow(
        ctx,
        AppointmentChange,
        Appointment,
        since,
        limit,
        columns={"meaning": AppointmentStatus.meaning},
        narrowed=lambda query: query.join(AppointmentStatus, status),
    )


async def changed_shifts(ctx: Context, since: str | None, limit: int) -> Changes[ShiftChange]:
    """Working time in the order of its last change, with what was taken away. Raises `Invalid`."""
    ctx.require("calendar.shift.view")
    return await follow(ctx, ShiftChange, Shift, since, limit)


async def free_times(ctx: Context, date: dt.date, branch_id: int | None) -> list[FreeTime]:
    """Free working time of a day that is still to come, chair by chair: what the agenda of the page shows."""
    return gaps(ctx, await day(ctx, date, branch_id))


async def read_metadata(ctx: Context, id: int) -> NotedWords:
    """What programs noted on an appointment. Raises `NotFound`."""
    ctx.require("calendar.appointment.view")
    return await read_words(ctx, Appointment, id)


async def note_metadata(ctx: Context, id: int, given: Metadata) -> NotedWords:
    """Raises `NotFound`, `Invalid`."""
    ctx.require("calendar.appointment.edit")
    return await note_words(ctx, Appointment, id, given)
