"""What channels are told: bookings that the clinic changed, time that became free or busy."""

from __future__ import annotations

import datetime as dt

import msgspec
from sqlalchemy import exists, select

from prikus.toolkit import WORKS, ConnectionInfo, Context, Problem, known_connections, note_result, open_connection
from prikus_calendar.public import appointments_v1
from prikus_online_booking.models import ExternalBooking, ExternalIdentity
from prikus_online_booking.schemas import BookingProvider
from prikus_online_booking.services.booking import CHANNEL
from prikus_online_booking.services.finding import booked
from prikus_online_booking.services.publishing import schedule


class DayRef(msgspec.Struct, frozen=True):
    """A doctor's day at a channel."""

    connection_id: int
    staff_id: int
    date: dt.date


def providers(ctx: Context) -> dict[str, BookingProvider]:
    """Channels of effective plugins, by kind of connection."""
    return {provider.kind: provider for provider in ctx.describe("booking_providers")}


async def channels(ctx: Context) -> list[ConnectionInfo]:
    """Connections by which patients book, whatever their state."""
    known = providers(ctx)
    return [one for one in await known_connections(ctx) if one.kind in known]


async def note_change(ctx: Context, appointment_id: int, *, is_moved: bool, reason: str | None) -> int | None:
    """Take in what happened to an appointment. The booking's number when its channel does not know it yet."""
    query = select(ExternalBooking).where(ExternalBooking.appointment_id == appointment_id)
    row = await ctx.db.scalar(query.with_for_update())
    if row is None or ctx.cause.created_by_kind == row.created_by_kind:
        return None
    visit = appointments_v1().subquery()
    place = select(visit.c.meaning, visit.c.doctor_id, visit.c.starts_at).where(visit.c.id == appointment_id)
    meaning, row.staff_id, row.starts_at = (await ctx.db.execute(place)).one()
    was, is_cancelled = row.state, meaning == "cancelled"
    if is_cancelled:
        row.state, row.reason = "cancelled", reason
    elif was == "cancelled":
        row.state, row.reason = "new", None
    elif is_moved:
        row.state = "moved"
    if row.state == was and not (is_moved and not is_cancelled):
        return None
    row.changed_by = "clinic"
    await ctx.db.flush()
    ctx.changed(CHANNEL)
    return row.id


async def tell(outside: Context, booking_id: int) -> None:
    """Say to the channel how its booking stands now. Raises `Problem` to be tried again."""
    async with outside.unit() as own:
        connection_id = await own.db.scalar(
            select(ExternalBooking.connection_id).where(ExternalBooking.id == booking_id)
        )
        known = [one for one in await channels(own) if one.id == connection_id and one.state in WORKS]
        said = await booked(own, connection_id, booking_id) if known and connection_id else None
        if said is None or (provider := providers(own)[known[0].kind]).tell is None:
            return
        opened = await open_connection(own, known[0].id)
    await provider.tell(outside, opened, said)


async def publishing(ctx: Context) -> dict[int, BookingProvider]:
    """Connections that want to be told the schedule."""
    known = providers(ctx)
    there = {one.id: known[one.kind] for one in await channels(ctx) if one.state in WORKS}
    return {id: provider for id, provider in there.items() if provider.publish}


async def days_of(ctx: Context, staff_id: int, *dates: dt.date) -> list[DayRef]:
    """What to tell because these days of a doctor changed: to each channel those that it wants, from today on."""
    wanting, today = await publishing(ctx), ctx.today()
    if not wanting:
        return []
    shown = select(ExternalIdentity.connection_id).where(
        ExternalIdentity.staff_id == staff_id, ExternalIdentity.is_published
    )
    there = sorted(id for id in await ctx.db.scalars(shown) if id in wanting)
    ahead = {date: (date - today).days for date in sorted(set(dates))}
    return [DayRef(id, staff_id, date) for id in there for date in ahead if 0 <= ahead[date] < wanting[id].days]


async def publish(outside: Context, connection_id: int, day: DayRef | None = None) -> None:
    """Tell a channel everything, or one day of a doctor. A failure is noted at the connection: the next whole mends it.

    Before anybody has chosen a doctor nothing is told: an empty schedule takes everything away.
    """
    async with outside.unit() as own:
        provider = (await publishing(own)).get(connection_id)
        if provider is None or provider.publish is None:
            return
        opened = await open_connection(own, connection_id)
        first = day.date if day else own.today()
        last = first if day else first + dt.timedelta(days=provider.days - 1)
        told = await schedule(own, connection_id, first, last, staff_id=day.staff_id if day else None)
        if not told.doctors and (day or not await _has_chosen(own, connection_id)):
            return
    try:
        await provider.publish(outside, opened, told)
    except Problem as problem:
        await note_result(outside, connection_id, problem.sentence)
    else:
        await note_result(outside, connection_id, None)


async def _has_chosen(ctx: Context, connection_id: int) -> bool:
    """Whether a doctor was ever shown there, or hidden."""
    doctors = ExternalIdentity.connection_id == connection_id, ExternalIdentity.kind == "doctor"
    return bool(await ctx.db.scalar(select(exists().where(*doctors))))
