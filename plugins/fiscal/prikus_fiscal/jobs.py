"""Background work of fiscal: the queues of the registers."""

from __future__ import annotations

import msgspec

from prikus.toolkit import Context, job, outgoing, scheduled
from prikus_fiscal.services import sending


class RegisterRef(msgspec.Struct, frozen=True):
    register_id: int


@job
@outgoing
async def work_register(ctx: Context, payload: RegisterRef) -> None:
    """Send what waits for a register, ask for what it has, and come again when the next is due."""
    done = await sending.work(ctx, payload.register_id)
    if done.at is None and not done.freed:
        return
    async with ctx.unit() as own:
        if done.at is not None:
            await own.enqueue(work_register, payload, done.at)
        for register_id in done.freed:
            await own.enqueue(work_register, RegisterRef(register_id))


@scheduled("*/5 * * * *")
async def sweep_registers(ctx: Context) -> None:
    """What a crash left lying goes on."""
    for register_id in await sending.due_registers(ctx):
        await ctx.enqueue(work_register, RegisterRef(register_id))
