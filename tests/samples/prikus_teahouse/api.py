from __future__ import annotations

from litestar import get

from prikus.toolkit import Context
from prikus_teahouse.models import Tea


@get("/teas")
async def teas(ctx: Context) -> list[str]:
    ctx.require("teahouse.tea.view")
    return list(await ctx.db.scalars(ctx.visible(Tea, Tea.name).order_by(Tea.name)))


routes = [teas]
