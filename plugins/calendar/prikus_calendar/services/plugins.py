"""Booking by other plugins: the same rules and rights as for people, without a version that a form was drawn from."""

from __future__ import annotations

import datetime as dt

from prikus.toolkit import Context
from prikus_calendar.models import Appointment
from prikus_calendar.schemas import CancelAppointment, MoveAppointment, NewAppointment, Saved
from prikus_calendar.services import booking, statuses


async def book_appointment(ctx: Context, new: NewAppointment) -> Saved:
    """Book a patient, for a plugin that knows itself what it has booked already (CAL-08).

    Raises `Invalid` outside working time, `NotFound`, and `Conflict` whose `detail["held"]` says what is taken: chair,
    doctor or patient. Its sentence names who holds the time: it is for the clinic's people alone. A refusal leaves
    nothing behind.
    """
    return await booking.book_for_plugin(ctx, new)


async def move_appointment(
    ctx: Context, id: int, *, chair_id: int, doctor_id: int, date: dt.date, starts: dt.time, ends: dt.time
) -> Saved:
    """Another time, chair or doctor, by the clock of the chair's branch (CAL-12). Raises what `book_appointment` does.

    The appointment stays locked until the commit. A cancelled one is a `Conflict` without `held`.
    """
    async with ctx.db.begin_nested():
        version = (await ctx.load(Appointment, id, lock=True)).row_version
        place = {"chair_id": chair_id, "doctor_id": doctor_id, "date": date, "starts": starts, "ends": ends}
        return await booking.move(ctx, id, MoveAppointment(row_version=version, **place))


async def cancel_appointment(ctx: Context, id: int, reason: str | None = None) -> bool:
    """Cancel it (CAL-10); False when it is cancelled already. Raises `NotFound`."""
    appointment = await ctx.load(Appointment, id, lock=True)
    if appointment.cancelled_at is not None:
        return False
    await statuses.cancel(ctx, id, CancelAppointment(row_version=appointment.row_version, reason=reason))
    return True
