"""«Кассы»: what each does now, its words and choices."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from litestar import Request, Response, get, post

from prikus.toolkit import Context, done, fragment, page, read_form
from prikus_fiscal.jobs import RegisterRef, work_register
from prikus_fiscal.pages.words import NAMINGS, WORDS
from prikus_fiscal.schemas import Naming, RegisterForm
from prikus_fiscal.services import registers
from prikus_fiscal.services.day import by_register

CHANGED = "registers-changed"


class Form(msgspec.Struct, frozen=True):
    naming: Naming
    generic_name: str
    advance_name: str
    debt_name: str
    fallback_email: str = ""
    is_active: bool = False


@get("/registers")
async def listed(ctx: Context) -> Response[str]:
    rows = await registers.registers(ctx)
    return page(ctx, "fiscal/registers.html", block="list", rows=rows, **WORDS)


@get("/registers/{register_id:int}")
async def edit(ctx: Context, register_id: int) -> Response[str]:
    title, form = await registers.form(ctx, register_id)
    return page(
        ctx, "fiscal/register.html", block="panel", register_id=register_id, title=title, form=form, namings=NAMINGS
    )


@post("/registers/{register_id:int}", status_code=200)
async def save(ctx: Context, request: Request[Any, Any, Any], register_id: int) -> Response[str]:
    form = await read_form(request, Form)
    await registers.save(ctx, register_id, RegisterForm(**msgspec.structs.asdict(form)))
    return done("Настройки кассы сохранены.", CHANGED)


@post("/registers/{register_id:int}/resume", status_code=200)
async def resume(ctx: Context, register_id: int) -> Response[str]:
    await registers.resume(ctx, register_id)
    await ctx.enqueue(work_register, RegisterRef(register_id))
    return done("Касса снова работает.", CHANGED)


@get("/day-sheet")
async def day_sheet(ctx: Context, branch_id: int, legal_entity_id: int, day: dt.date) -> Response[str]:
    """A part of «Кассовый лист дня»."""
    rows = await by_register(ctx, branch_id, legal_entity_id, day)
    return fragment(ctx, "fiscal/day.html", "day", rows=rows, day=day)


routes = [listed, edit, save, resume, day_sheet]
