from __future__ import annotations

import msgspec
from sqlalchemy import select, text

from prikus.toolkit import Context, Nothing, job, scheduled
from prikus_teahouse.models import Tea
from prikus_teahouse.services import NewTea, add_tea, pour

HOUSE_TEA = "Чай заведения"


class Order(msgspec.Struct, frozen=True):
    """Brew for `seconds`, then pour cup `number`."""

    tea_id: int
    number: int
    seconds: float = 0


@job
async def on_enable(ctx: Context, payload: Nothing) -> None:
    """May run again: the house has one tea of its own."""
    if await ctx.db.scalar(select(Tea.id).where(Tea.name == HOUSE_TEA)) is None:
        await add_tea(ctx, NewTea(HOUSE_TEA))


@job
async def on_disable(ctx: Context, payload: Nothing) -> None:
    await ctx.audit("teahouse.closed", "plugin", None, "Чайная закрыта")


@job
async def brew_order(ctx: Context, payload: Order) -> None:
    await ctx.db.execute(text("select pg_sleep(:seconds)"), {"seconds": payload.seconds})
    await pour(ctx, payload.tea_id, payload.number)


@scheduled("0 6 * * *")
async def wash_cups(ctx: Context) -> None:
    await ctx.audit("teahouse.washed", "plugin", None, "Чашки вымыты")
