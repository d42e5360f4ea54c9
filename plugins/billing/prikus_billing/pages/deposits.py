"""The patient's deposit: «Предоплата», «Снять», what moved it, and where the card shows it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from litestar import Request, Response, get, post
from msgspec.structs import asdict

from prikus.toolkit import Context, done, fragment, key_of, money, page, read_form
from prikus_billing.pages.words import CHANGED, DEPOSIT_MOVES, KINDS, WAYS
from prikus_billing.schemas.money import DepositRow, OneWay, Prepayment, Withdrawal
from prikus_billing.services import deposits
from prikus_billing.services.desk import is_between_shifts

FORM = "billing/deposit.html"


@get("/patients/{patient_id:int}/deposit")
async def box(ctx: Context, patient_id: int) -> Response[str]:
    return fragment(ctx, FORM, "box", patient_id=patient_id, deposit=await deposits.deposit_of(ctx, patient_id))


@get("/patients/{patient_id:int}/deposit/sum")
async def figure(ctx: Context, patient_id: int) -> Response[str]:
    return fragment(ctx, FORM, "figure", deposit=await deposits.deposit_of(ctx, patient_id))


@get("/patients/{patient_id:int}/deposit/moves")
async def moves(ctx: Context, patient_id: int, before: int | None = None) -> Response[str]:
    patient, deposit = await deposits.named_deposit(ctx, patient_id)
    rows, onward = await deposits.moves_of(ctx, patient_id, before)
    return page(
        ctx,
        "billing/deposit_moves.html",
        block="rows" if before else "panel",
        patient_id=patient_id,
        patient=patient,
        deposit=deposit,
        rows=rows,
        onward=onward,
        titles=DEPOSIT_MOVES,
        ways_of=_ways,
        slots=ctx.describe("movement_states"),
    )


def _ways(row: DepositRow) -> str:
    """In which ways the money of the deposit itself came or went."""
    return ", ".join(WAYS[way] for way in row.ways) if row.kind in ("top_up", "withdrawal") else ""


@get("/patients/{patient_id:int}/deposit/top-up")
async def top_up_form(ctx: Context, patient_id: int) -> Response[str]:
    return await _form(ctx, "billing/top_up.html", patient_id, *await deposits.deposit_to_fill(ctx, patient_id))


async def _form(ctx: Context, template: str, patient_id: int, patient: str, deposit: Decimal) -> Response[str]:
    return page(
        ctx,
        template,
        block="panel",
        patient_id=patient_id,
        patient=patient,
        deposit=deposit,
        kinds=KINDS,
        unshifted=await is_between_shifts(ctx),
    )


@post("/patients/{patient_id:int}/deposit/top-up", status_code=200)
async def top_up(ctx: Context, request: Request[Any, Any, Any], patient_id: int) -> Response[str]:
    typed = await read_form(request, OneWay)
    wish = Prepayment(patient_id=patient_id, **asdict(typed))
    moved = await deposits.top_up(ctx, wish, await key_of(request))
    return done(f"На депозит внесено {money(moved.amount, ctx.clinic.currency)}", CHANGED)


@get("/patients/{patient_id:int}/deposit/withdraw")
async def withdraw_form(ctx: Context, patient_id: int) -> Response[str]:
    return await _form(ctx, "billing/withdraw.html", patient_id, *await deposits.deposit_to_withdraw(ctx, patient_id))


@post("/patients/{patient_id:int}/deposit/withdraw", status_code=200)
async def withdraw(ctx: Context, request: Request[Any, Any, Any], patient_id: int) -> Response[str]:
    typed = await read_form(request, OneWay)
    wish = Withdrawal(patient_id=patient_id, **asdict(typed))
    moved = await deposits.withdraw(ctx, wish, await key_of(request))
    return done(f"Депозит снят: {money(moved.amount, ctx.clinic.currency)}", CHANGED)


routes = [box, figure, moves, top_up_form, top_up, withdraw_form, withdraw]
