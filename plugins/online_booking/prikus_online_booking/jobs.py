"""Background work of online booking: channels that want to be told."""

from __future__ import annotations

import msgspec

from prikus.toolkit import Context, job, outgoing, scheduled
from prikus_online_booking.services import telling
from prikus_online_booking.services.telling import DayRef


class ChannelRef(msgspec.Struct, frozen=True):
    connection_id: int


class BookingRef(msgspec.Struct, frozen=True):
    booking_id: int


@scheduled("*/15 * * * *")
async def publish_schedules(ctx: Context) -> None:
    """Each channel that wants it is told everything, also what no event told."""
    for connection_id in await telling.publishing(ctx):
        await ctx.enqueue(publish_schedule, ChannelRef(connection_id))


@job
@outgoing
async def publish_schedule(ctx: Context, payload: ChannelRef) -> None:
    await telling.publish(ctx, payload.connection_id)


@job
@outgoing
async def publish_day(ctx: Context, payload: DayRef) -> None:
    """As the day stands when it is told: repetition and order do not matter."""
    await telling.publish(ctx, payload.connection_id, payload)


@job
@outgoing
async def tell_channel(ctx: Context, payload: BookingRef) -> None:
    await telling.tell(ctx, payload.booking_id)
