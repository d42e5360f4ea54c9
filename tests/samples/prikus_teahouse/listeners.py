from __future__ import annotations

from prikus.toolkit import Conflict, Context, listens
from prikus_teahouse.events import TeaBought, TeaBrewed, TeaSold
from prikus_teahouse.services import pour


@listens(TeaBrewed)
async def pour_a_cup(ctx: Context, event: TeaBrewed) -> None:
    await pour(ctx, event.tea_id, event.strength, ctx.actor.kind)
    if event.strength > 10:
        raise Conflict("Слишком крепко.")


@listens(TeaBought, TeaSold, ordered=True)
async def keep_book(ctx: Context, event: TeaBought | TeaSold) -> None:
    """One line of the book for each trade with a tea, in the order of the trades."""
    if event.word == "порча":
        raise Conflict("Книга не приняла строку.")
    await ctx.audit("teahouse.booked", "teahouse.tea", event.tea_id, event.word)
