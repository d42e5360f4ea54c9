"""Online booking for programs: what came, what is published (API-01)."""

from __future__ import annotations

from litestar import get, post
from litestar.params import JSONBody

from prikus.toolkit import Changes, Context, Cursor, Done, Limit, OptionalId, RowId, checked_body
from prikus_online_booking.jobs import ChannelRef, publish_schedule
from prikus_online_booking.schemas import BookingChange, BookingPage, Channel, Kind, PublishForm, State
from prikus_online_booking.services import channels, listing


@get("/bookings")
async def get_bookings(
    ctx: Context,
    shown: State | None = None,
    channel: OptionalId = None,
    after: Cursor = None,
    before: Cursor = None,
) -> BookingPage:
    """Записи из каналов, новые сверху, по 30; `next` ответа – это `after` следующей страницы."""
    return await listing.bookings(ctx, listing.Filters(shown, channel), after=after, before=before)


@get("/bookings/changes")
async def get_changed_bookings(
    ctx: Context, changed_since: Cursor = None, limit: Limit = 100
) -> Changes[BookingChange]:
    """Записи из каналов в порядке изменений. Курсор из ответа продолжает список в любой день."""
    return await listing.changed_bookings(ctx, changed_since, limit)


@get("/channels")
async def get_channels(ctx: Context) -> list[Channel]:
    """Каналы онлайн-записи и что в них публикуется."""
    return await channels.channels(ctx)


@post("/channels/{connection_id:int}/doctors/{staff_id:int}", status_code=200)
async def publish_doctor(ctx: Context, connection_id: RowId, staff_id: RowId, data: JSONBody[PublishForm]) -> Done:
    """Показывать врача в канале или убрать; minutes – длина одной ячейки."""
    return await _publish(ctx, connection_id, "doctor", staff_id, data)


@post("/channels/{connection_id:int}/branches/{branch_id:int}", status_code=200)
async def name_branch(ctx: Context, connection_id: RowId, branch_id: RowId, data: JSONBody[PublishForm]) -> Done:
    """Назвать филиал кодом, который дал канал."""
    return await _publish(ctx, connection_id, "branch", branch_id, data)


async def _publish(ctx: Context, connection_id: int, kind: Kind, id: int, data: PublishForm) -> Done:
    await channels.publish(ctx, connection_id, kind, id, checked_body(data))
    await ctx.enqueue(publish_schedule, ChannelRef(connection_id))
    return Done(id)


routes = [get_bookings, get_changed_bookings, get_channels, publish_doctor, name_branch]
