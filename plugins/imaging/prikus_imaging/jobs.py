"""Background work of imaging: the queues of the connections."""

from __future__ import annotations

import msgspec

from prikus.toolkit import Context, job, outgoing, scheduled
from prikus_imaging.services import working


class QueueRef(msgspec.Struct, frozen=True):
    connection_id: int


@job
@outgoing
async def work_queue(ctx: Context, payload: QueueRef) -> None:
    """Take the steps that are due over a connection, and come again when the next one is."""
    again = await working.work(ctx, payload.connection_id)
    if again is not None:
        async with ctx.unit() as own:
            await own.enqueue(work_queue, payload, again)


@scheduled("*/5 * * * *")
async def sweep_queues(ctx: Context) -> None:
    """What a crash, a pause or a connection that was off left lying goes on."""
    for connection_id in await working.due_connections(ctx):
        await ctx.enqueue(work_queue, QueueRef(connection_id))


async def wake_queue(ctx: Context, connection_id: int) -> None:
    """Let an analysis that was just asked for begin after the commit."""
    await ctx.enqueue(work_queue, QueueRef(connection_id))
