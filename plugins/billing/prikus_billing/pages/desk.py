"""«Касса»: the shift of the desk, its panels, shifts of the past, «Кассовый лист дня» (BILL-01)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Literal

import msgspec
from litestar import Request, Response, get, post

from prikus.toolkit import Conflict, Context, done, key_of, money, page, read_form
from prikus_billing.pages.words import DAY_MOVES, DESK_CHANGED, DESK_MOVES
from prikus_billing.schemas.desk import CashMove, Handover, NewShift, ShiftCount
from prikus_billing.services import desk, shifts


class CashForm(msgspec.Struct, frozen=True, kw_only=True):
    amount: Decimal
    reason: str


class HandoverForm(msgspec.Struct, frozen=True, kw_only=True):
    to_staff_id: int
    counted: Decimal
    reason: str = ""


class CountForm(msgspec.Struct, frozen=True, kw_only=True):
    counted: Decimal
    reason: str = ""


@get("/desk")
async def now(ctx: Context, after: str | None = None) -> Response[str]:
    """The open shift of the person's branch, or the form that opens one."""
    branch = ctx.branch
    shift = await desk.shift_now(ctx, branch)
    rows, onward = await desk.rows_of(ctx, shift.id, after) if shift else ([], None)
    return page(
        ctx,
        "billing/desk.html",
        block="rows" if after else "desk",
        branch=branch,
        zone=str(ctx.zone(branch.id)),
        shift=shift,
        last=await desk.last_count(ctx, branch) if shift is None else None,
        rows=rows,
        onward=onward,
        at="/billing/desk",
        titles=DESK_MOVES,
        slots=ctx.describe("movement_states"),
    )


@post("/desk/open", status_code=200)
async def open_now(ctx: Context, request: Request[Any, Any, Any]) -> Response[str]:
    made = await shifts.open_shift(ctx, await read_form(request, NewShift), await key_of(request))
    return done(f"Смена № {made.number} открыта", DESK_CHANGED)


@get("/desk/shifts")
async def past(ctx: Context, before: int | None = None) -> Response[str]:
    branch = ctx.branch
    found, onward = await desk.past_shifts(ctx, branch, before)
    zone = str(ctx.zone(branch.id))
    return page(ctx, "billing/shifts.html", block="list", branch=branch, shifts=found, onward=onward, zone=zone)


@get("/desk/shifts/{shift_id:int}")
async def one(ctx: Context, shift_id: int, after: str | None = None) -> Response[str]:
    shift = await desk.shift_of(ctx, shift_id)
    rows, onward = await desk.rows_of(ctx, shift_id, after)
    return page(
        ctx,
        "billing/shift.html",
        block="rows" if after else "content",
        shift=shift,
        zone=str(ctx.zone(shift.branch_id)),
        rows=rows,
        onward=onward,
        at=f"/billing/desk/shifts/{shift_id}",
        titles=DESK_MOVES,
        slots=ctx.describe("movement_states"),
    )


@get("/desk/shifts/{shift_id:int}/put-in")
async def put_in_form(ctx: Context, shift_id: int) -> Response[str]:
    return await _panel(ctx, shift_id, "put-in")


@get("/desk/shifts/{shift_id:int}/take-out")
async def take_out_form(ctx: Context, shift_id: int) -> Response[str]:
    return await _panel(ctx, shift_id, "take-out")


@get("/desk/shifts/{shift_id:int}/hand-over")
async def hand_over_form(ctx: Context, shift_id: int) -> Response[str]:
    return await _panel(ctx, shift_id, "hand-over", people=await desk.colleagues(ctx))


@get("/desk/shifts/{shift_id:int}/close")
async def close_form(ctx: Context, shift_id: int) -> Response[str]:
    return await _panel(ctx, shift_id, "close")


async def _panel(ctx: Context, shift_id: int, action: str, **more: Any) -> Response[str]:
    ctx.require("billing.shift.run")
    shift = await desk.shift_of(ctx, shift_id)
    if shift.closed_at is not None:
        raise Conflict("Смена уже закрыта. Обновите страницу.")
    return page(ctx, "billing/shift_panel.html", block="panel", shift=shift, action=action, **more)


@post("/desk/shifts/{shift_id:int}/put-in", status_code=200)
async def put_in(ctx: Context, request: Request[Any, Any, Any], shift_id: int) -> Response[str]:
    return await _move_cash(ctx, request, shift_id, "put_in", "Внесено")


@post("/desk/shifts/{shift_id:int}/take-out", status_code=200)
async def take_out(ctx: Context, request: Request[Any, Any, Any], shift_id: int) -> Response[str]:
    return await _move_cash(ctx, request, shift_id, "take_out", "Изъято")


async def _move_cash(
    ctx: Context, request: Request[Any, Any, Any], shift_id: int, kind: Literal["put_in", "take_out"], word: str
) -> Response[str]:
    typed = await read_form(request, CashForm)
    wish = CashMove(shift_id=shift_id, kind=kind, amount=typed.amount, reason=typed.reason)
    await shifts.move_cash(ctx, wish, await key_of(request))
    return done(f"{word} {money(typed.amount, ctx.clinic.currency)}", DESK_CHANGED)


@post("/desk/shifts/{shift_id:int}/hand-over", status_code=200)
async def hand_over(ctx: Context, request: Request[Any, Any, Any], shift_id: int) -> Response[str]:
    typed = await read_form(request, HandoverForm)
    made = await shifts.hand_over(
        ctx, Handover(shift_id=shift_id, **msgspec.structs.asdict(typed)), await key_of(request)
    )
    return done(f"Смена № {made.number} передана", DESK_CHANGED)


@post("/desk/shifts/{shift_id:int}/close", status_code=200)
async def close(ctx: Context, request: Request[Any, Any, Any], shift_id: int) -> Response[str]:
    typed = await read_form(request, CountForm)
    made = await shifts.close_shift(
        ctx, ShiftCount(shift_id=shift_id, **msgspec.structs.asdict(typed)), await key_of(request)
    )
    found = f", расхождение {money(made.difference, ctx.clinic.currency)}" if made.difference else ", касса сошлась"
    return done(f"Смена № {made.number} закрыта{found}", DESK_CHANGED)


@get("/desk/day")
async def day(ctx: Context, date: dt.date | None = None) -> Response[str]:
    """«Кассовый лист дня» of the person's branch, today's without a date."""
    branch = ctx.branch
    chosen = date or ctx.today(branch.id)
    return page(
        ctx,
        "billing/day.html",
        block="sheet",
        sheet=await desk.day_sheet(ctx, branch, chosen),
        branch=branch,
        today=ctx.today(branch.id),
        zone=str(ctx.zone(branch.id)),
        titles=DAY_MOVES,
        parts=ctx.describe("day_sheet_parts"),
    )


forms = [put_in_form, take_out_form, hand_over_form, close_form]
routes = [now, open_now, past, one, *forms, put_in, take_out, hand_over, close, day]
