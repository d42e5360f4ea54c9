"""What online booking hears of the calendar."""

from __future__ import annotations

import datetime as dt

import msgspec

from prikus.toolkit import Context, listens
from prikus_online_booking.jobs import BookingRef, publish_day, tell_channel
from prikus_online_booking.services.telling import days_of, note_change


class Changed(msgspec.Struct, frozen=True):
    """What is needed of the facts about an appointment."""

    appointment_id: int
    doctor_id: int
    branch_id: int
    business_date: dt.date
    old_starts_at: dt.datetime | None = None
    reason: str | None = None


class NewShift(msgspec.Struct, frozen=True):
    staff_id: int
    business_date: dt.date


@listens(
    "appointment.created",
    "appointment.moved",
    "appointment.cancelled",
    "appointment.status_changed",
    into=Changed,
)
async def appointment_changed(ctx: Context, event: Changed) -> None:
    """Tell the channel of a booking what the clinic did, and all channels what is free now."""
    is_moved = event.old_starts_at is not None
    booking_id = await note_change(ctx, event.appointment_id, is_moved=is_moved, reason=event.reason)
    if booking_id is not None:
        await ctx.enqueue(tell_channel, BookingRef(booking_id))
    days = [event.business_date]
    if event.old_starts_at is not None:
        days.append(event.old_starts_at.astimezone(ctx.zone(event.branch_id)).date())
    for day in await days_of(ctx, event.doctor_id, *days):
        await ctx.enqueue(publish_day, day)


@listens("shift.created", into=NewShift)
async def shift_created(ctx: Context, event: NewShift) -> None:
    for day in await days_of(ctx, event.staff_id, event.business_date):
        await ctx.enqueue(publish_day, day)
