"""«Онлайн-запись»: what came, and what is published where."""

from __future__ import annotations

from typing import Any, Literal

from litestar import Request, Response, get, post

from prikus.toolkit import Context, done, page, read_form
from prikus_online_booking.jobs import ChannelRef, publish_schedule
from prikus_online_booking.schemas import Kind, PublishForm
from prikus_online_booking.services import channels, listing, telling

CHANGED = "channels-changed"
Asked = Request[Any, Any, Any]
Shown = Literal["", "new", "moved", "cancelled", "refused"]


@get("/bookings")
async def bookings(
    ctx: Context, shown: Shown = "", channel: str = "", after: str | None = None, before: str | None = None
) -> Response[str]:
    connection_id = int(channel) if channel.isascii() and channel.isdecimal() and len(channel) < 19 else None
    found = await listing.bookings(ctx, listing.Filters(shown or None, connection_id), after=after, before=before)
    offered = [(str(one.id), one.title) for one in await telling.channels(ctx)]
    chosen = {"shown": shown, "channel": channel}
    return page(ctx, "online_booking/bookings.html", block="list", found=found, chosen=chosen, offered=offered)


@get("/channels")
async def show_channels(ctx: Context) -> Response[str]:
    return page(ctx, "online_booking/channels.html", block="list", rows=await channels.channels(ctx))


@get("/channels/{connection_id:int}/doctors/{staff_id:int}")
async def edit_doctor(ctx: Context, connection_id: int, staff_id: int) -> Response[str]:
    return await _edit(ctx, connection_id, "doctor", staff_id)


@get("/channels/{connection_id:int}/branches/{branch_id:int}")
async def edit_branch(ctx: Context, connection_id: int, branch_id: int) -> Response[str]:
    return await _edit(ctx, connection_id, "branch", branch_id)


async def _edit(ctx: Context, connection_id: int, kind: Kind, id: int) -> Response[str]:
    channel, form = await channels.published(ctx, connection_id, kind, id)
    return page(ctx, "online_booking/publish.html", block="panel", channel=channel, kind=kind, form=form)


@post("/channels/{connection_id:int}/doctors/{staff_id:int}", status_code=200)
async def publish_doctor(ctx: Context, request: Asked, connection_id: int, staff_id: int) -> Response[str]:
    return await _publish(ctx, request, connection_id, "doctor", staff_id)


@post("/channels/{connection_id:int}/branches/{branch_id:int}", status_code=200)
async def name_branch(ctx: Context, request: Asked, connection_id: int, branch_id: int) -> Response[str]:
    return await _publish(ctx, request, connection_id, "branch", branch_id)


async def _publish(ctx: Context, request: Asked, connection_id: int, kind: Kind, id: int) -> Response[str]:
    await channels.publish(ctx, connection_id, kind, id, await read_form(request, PublishForm))
    await ctx.enqueue(publish_schedule, ChannelRef(connection_id))
    return done("Сохранено.", CHANGED)


routes = [bookings, show_channels, edit_doctor, edit_branch, publish_doctor, name_branch]
