from __future__ import annotations

import asyncio

from litestar import Request, Response, get, post
from sqlalchemy import text

from prikus.toolkit import Conflict, Context, redirect
from prikus_teahouse.models import Tea
from prikus_teahouse.services import NewTea, add_tea, brew, pour


@get("/teas")
async def teas(ctx: Context) -> list[str]:
    ctx.require("teahouse.tea.view")
    return list(await ctx.db.scalars(ctx.visible(Tea, Tea.name).order_by(Tea.name)))


@get("/teas/{tea_id:int}")
async def tea(ctx: Context, tea_id: int) -> str:
    ctx.require("teahouse.tea.view")
    return (await ctx.load(Tea, tea_id)).name


@post("/teas/{name:str}/{ending:str}")
async def add(request: Request, ctx: Context, name: str, ending: str) -> Response[str]:
    """Adds a tea and ends in the way that is asked for."""
    made = await add_tea(ctx, NewTea(name))
    await brew(ctx, made)
    if ending == "conflict":
        raise Conflict("Такой чай уже варится.")
    if ending == "fault":
        raise RuntimeError("the kettle exploded")
    if ending == "twice":
        await pour(ctx, made.id, 1)
        await pour(ctx, made.id, 1)
    if ending == "nowhere":
        await pour(ctx, made.id + 10**9, 1)
    if ending == "wait":
        await ctx.db.execute(text("select pg_sleep(20)"))
    if ending == "think":
        await asyncio.Event().wait()
    if ending == "timeout":
        await ctx.db.execute(text("set local statement_timeout = 50"))
        await ctx.db.execute(text("select pg_sleep(20)"))
    return redirect(ctx, "/teahouse/teas")


routes = [teas, tea, add]
