from __future__ import annotations

from prikus.toolkit import Conflict, Context, listens
from prikus_teahouse.events import TeaBrewed
from prikus_teahouse.services import pour


@listens(TeaBrewed)
async def pour_a_cup(ctx: Context, event: TeaBrewed) -> None:
    await pour(ctx, event.tea_id, event.strength, ctx.actor.kind)
    if event.strength > 10:
        raise Conflict("Слишком крепко.")
