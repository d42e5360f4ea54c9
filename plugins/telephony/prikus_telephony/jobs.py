"""Background work of telephony."""

from __future__ import annotations

import msgspec

from prikus.toolkit import Context, job, outgoing, scheduled
from prikus_telephony.services.finishing import settle, sweep
from prikus_telephony.services.providers import look_back


class CallId(msgspec.Struct, frozen=True):
    call_id: int


@job
async def settle_call(ctx: Context, payload: CallId) -> None:
    """Finish a call some moments after its last leg."""
    await settle(ctx, payload.call_id)


@scheduled("*/15 * * * *")
async def sweep_calls(ctx: Context) -> None:
    """Finish calls whose end was never told."""
    await sweep(ctx)


@scheduled("*/10 * * * *")
@outgoing
async def reconcile_calls(ctx: Context) -> None:
    """Ask the exchanges what no event told."""
    await look_back(ctx)
