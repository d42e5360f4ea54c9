"""Background work of telephony."""

from __future__ import annotations

import msgspec

from prikus.toolkit import Context, job, scheduled
from prikus_telephony.services.finishing import settle, sweep


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
