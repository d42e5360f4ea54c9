from __future__ import annotations

import msgspec

from prikus.toolkit import Context
from prikus_teahouse.events import TeaBought, TeaBrewed, TeaSold
from prikus_teahouse.models import Cup, Tea


class NewTea(msgspec.Struct):
    name: str


async def add_tea(ctx: Context, new: NewTea) -> Tea:
    ctx.require("teahouse.tea.brew")
    tea = Tea(name=new.name)
    ctx.db.add(tea)
    await ctx.db.flush()
    return tea


async def brew(ctx: Context, tea: Tea, strength: int = 1) -> None:
    ctx.require("teahouse.tea.brew")
    await ctx.emit(TeaBrewed(tea_id=tea.id, strength=strength), aggregate=tea)
    ctx.changed("teahouse.tea", tea.id, tea.row_version)


async def trade(ctx: Context, tea: Tea, word: str) -> None:
    """Buy («куп…») or sell: the price moves, and with it the version of the row that the fact is about."""
    tea.price += 1
    fact = TeaBought if word.startswith("куп") else TeaSold
    await ctx.emit(fact(tea_id=tea.id, word=word), aggregate=tea)


async def pour(ctx: Context, tea_id: int, number: int, note: str = "") -> None:
    ctx.db.add(Cup(tea_id=tea_id, number=number, note=note))
    await ctx.db.flush()
