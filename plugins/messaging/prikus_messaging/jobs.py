"""Background work of messaging: the queues of the connections."""

from __future__ import annotations

import msgspec

from prikus.toolkit import Context, job, outgoing, scheduled
from prikus_messaging.services import sending


class ChannelRef(msgspec.Struct, frozen=True):
    connection_id: int


@job
@outgoing
async def work_channel(ctx: Context, payload: ChannelRef) -> None:
    """Send what waits for a connection, ask for what has left, and come again when the next is due."""
    again = await sending.work(ctx, payload.connection_id)
    if again is not None:
        async with ctx.unit() as own:
            await own.enqueue(work_channel, payload, again)


@scheduled("*/5 * * * *")
async def sweep_channels(ctx: Context) -> None:
    """What a crash, a pause or a connection that was off left lying goes on; what is too late does not."""
    await sending.drop_late(ctx)
    for connection_id in await sending.due_connections(ctx):
        await ctx.enqueue(work_channel, ChannelRef(connection_id))


async def wake_channel(ctx: Context, connection_id: int) -> None:
    """Let a message that was just written leave after the commit."""
    await ctx.enqueue(work_channel, ChannelRef(connection_id))
