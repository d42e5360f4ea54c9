from __future__ import annotations

import asyncio
import os

import msgspec

from prikus.toolkit import Context, job


class Act(msgspec.Struct, frozen=True):
    how: str


@job
async def act(ctx: Context, payload: Act) -> None:
    """Does what is asked for, and says so in the audit when it comes back."""
    if payload.how == "die":
        os._exit(1)
    if payload.how == "hang":
        await asyncio.Event().wait()
    if payload.how == "fail":
        raise RuntimeError("never")
    await ctx.audit("hostile.done", "hostile", None, "Сделано")
