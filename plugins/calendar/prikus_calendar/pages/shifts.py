"""Panels of working time: «Добавить график врача», removal (CAL-17, CAL-19)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from litestar import Request, Response, get, post

from prikus.toolkit import Conflict, Context, announce, done, fragment, page, plural, read_form
from prikus_calendar.pages.appointments import read_clock, when_words
from prikus_calendar.schemas import NewShifts, RowVersion
from prikus_calendar.services import day as reading
from prikus_calendar.services import shifts

WEEKDAYS = ((1, "Пн"), (2, "Вт"), (3, "Ср"), (4, "Чт"), (5, "Пт"), (6, "Сб"), (7, "Вс"))
OPENS, CLOSES = dt.time(9), dt.time(15)


@get("/shifts/new")
async def new_shift(
    ctx: Context,
    date: dt.date | None = None,
    starts: str | None = None,
    ends: str | None = None,
    chair_id: int | None = None,
) -> Response[str]:
    ctx.require("calendar.shift.edit")
    values = {
        "date": date or ctx.today(ctx.branch.id),
        "starts": read_clock(starts) or OPENS,
        "ends": read_clock(ends) or CLOSES,
        "chair_id": chair_id,
        "staff_id": None,
        "until": None,
        "weekdays": (),
    }
    return page(ctx, "calendar/shift.html", block="panel", values=values, taken=[], **await _choices(ctx))


@post("/shifts", status_code=200)
async def create(ctx: Context, request: Request) -> Response[str]:
    new = await read_form(request, NewShifts)
    try:
        saved = await shifts.add_shifts(ctx, new)
    except Conflict as conflict:
        await ctx.db.rollback()
        return fragment(
            ctx,
            "calendar/shift.html",
            "panel",
            status=409,
            values={name: getattr(new, name) for name in new.__struct_fields__},
            taken=conflict.detail.get("taken", []),
            **await _choices(ctx),
        )
    text = f"Добавлено: {plural(saved.created, 'смена', 'смены', 'смен')}"
    if saved.skipped:
        text += f", пропущено занятых дней: {len(saved.skipped)}"
    return announce(done(text), "calendar-changed", {"date": saved.first.isoformat()})


@get("/shifts/{id:int}/delete")
async def delete_dialog(ctx: Context, id: int) -> Response[str]:
    ctx.require("calendar.shift.edit")
    cell = await reading.shift(ctx, id)
    return fragment(ctx, "calendar/dialogs.html", "delete_shift", cell=cell, when=when_words(cell))


@post("/shifts/{id:int}/delete", status_code=200)
async def delete(ctx: Context, id: int, request: Request) -> Response[str]:
    wish = await read_form(request, RowVersion)
    await shifts.delete_shift(ctx, id, wish.row_version)
    return announce(done("Рабочее время удалено"), "calendar-changed")


async def _choices(ctx: Context) -> dict[str, Any]:
    return {
        "doctors": await reading.doctors(ctx),
        "chairs": await reading.all_chairs(ctx),
        "weekdays": WEEKDAYS,
    }


routes = [new_shift, create, delete_dialog, delete]
