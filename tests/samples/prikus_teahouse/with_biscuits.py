from litestar import get

from prikus.toolkit import Context, hookimpl


@hookimpl
def teas_of_day() -> list[str]:
    return ["к печенью"]


@get("/pairs")
async def pairs(ctx: Context) -> list[str]:
    ctx.require("teahouse.tea.view")
    return ctx.describe("teas_of_day")


routes = [pairs]
