"""Background work of telephony."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import msgspec

from prikus.toolkit import Context, job, outgoing, scheduled
from prikus_telephony.services.finishing import settle, sweep
from prikus_telephony.services.providers import find_recording, look_back

AGAIN = (dt.timedelta(minutes=1), dt.timedelta(minutes=5), dt.timedelta(minutes=15))
"""When a recording is looked for again: exchanges need their time for it."""


class CallId(msgspec.Struct, frozen=True):
    call_id: int


class Search(msgspec.Struct, frozen=True):
    """Whose recording is looked for, and how often it was before."""

    call_id: int
    times: int = 0


@job
async def settle_call(ctx: Context, payload: CallId) -> None:
    """Finish a call some moments after its last leg."""
    if await settle(ctx, payload.call_id):
        await telling(ctx, [payload.call_id])


async def telling(ctx: Context, talks: Iterable[int]) -> None:
    """Have the recordings of these talks looked for."""
    for call_id in talks:
        await ctx.enqueue(seek_recording, Search(call_id))


@job
@outgoing
async def seek_recording(ctx: Context, payload: Search) -> None:
    """Ask the exchange for the number of a talk's recording, and again while there is none."""
    if not await find_recording(ctx, payload.call_id) and payload.times < len(AGAIN):
        async with ctx.unit() as own:
            again = Search(payload.call_id, payload.times + 1)
            await own.enqueue(seek_recording, again, own.now() + AGAIN[payload.times])


@scheduled("*/15 * * * *")
async def sweep_calls(ctx: Context) -> None:
    """Finish calls whose end was never told."""
    await telling(ctx, await sweep(ctx))


@scheduled("*/10 * * * *")
@outgoing
async def reconcile_calls(ctx: Context) -> None:
    """Ask the exchanges what no event told."""
    talks = await look_back(ctx)
    async with ctx.unit() as own:
        await telling(own, talks)
