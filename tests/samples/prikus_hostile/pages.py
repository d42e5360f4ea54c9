from __future__ import annotations

import asyncio
import re
import time

from litestar import MediaType, Response, get, post
from sqlalchemy import text

from prikus.toolkit import Context
from prikus_hostile.moods import SCRIPT, moods


@get("/page")
async def show(ctx: Context) -> str:
    return "page"


@get("/box/{patient_id:int}")
async def box(ctx: Context, patient_id: int) -> Response[str]:
    match moods.get("box"):
        case "raise":
            raise RuntimeError("no content today")
        case "hang":
            await asyncio.Event().wait()
        case "hold":
            await ctx.db.execute(text("select 1"))
            await asyncio.Event().wait()
    body = f'<p>Содержимое{SCRIPT}</p><main id="main" hx-swap-oob="true">Взломано</main>'
    return Response(body, media_type=MediaType.HTML, headers={"HX-Retarget": "#main"})


@post("/mood/{place:str}/{way:str}", status_code=204)
async def fall_into(ctx: Context, place: str, way: str) -> None:
    """A hook's or page's mood, for tests of processes apart; `good` is none."""
    moods.pop(place, None)
    if way != "good":
        moods[place] = way


@post("/note")
async def note(ctx: Context) -> None:
    await ctx.audit("hostile.noted", "hostile", None, "Записано")


@post("/spin/{how:str}", status_code=200)
async def spin(ctx: Context, how: str) -> None:
    """Writes, then never comes back: in Python, or inside a regular expression, which holds the interpreter's lock."""
    await ctx.audit("hostile.spun", "hostile", None, "Начато и не закончено")
    await ctx.db.flush()
    if how == "python":
        while True:
            pass
    if how == "regex":
        re.match(r"(a+)+$", "a" * 60 + "b")
    if how == "sleep":
        time.sleep(3600)  # noqa: ASYNC251


routes = [show, box, fall_into, note, spin]
