"""What people do about a receipt: again, a contact, another register, settled otherwise, a correction."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import msgspec
from litestar import Request, Response, get, post

from prikus.toolkit import Context, done, key_of, page, read_form
from prikus_fiscal.jobs import RegisterRef, work_register
from prikus_fiscal.pages.words import REASONS
from prikus_fiscal.schemas import NewCorrection
from prikus_fiscal.services import mending, reading, registers

CHANGED = "receipts-changed"


class Contact(msgspec.Struct, frozen=True):
    contact: str


class Chosen(msgspec.Struct, frozen=True):
    register_id: int


class Note(msgspec.Struct, frozen=True):
    note: str


class CorrectionForm(msgspec.Struct, frozen=True):
    reason: Literal["own", "order"]
    day: dt.date
    number: str
    note: str


async def _send(ctx: Context, *register_ids: int) -> Response[str]:
    for register_id in register_ids:
        await ctx.enqueue(work_register, RegisterRef(register_id))
    return done("Чек отправлен в очередь кассы.", CHANGED)


@post("/receipts/{receipt_id:int}/retry", status_code=200)
async def retry(ctx: Context, receipt_id: int) -> Response[str]:
    return await _send(ctx, await mending.retry(ctx, receipt_id))


@get("/receipts/{receipt_id:int}/contact")
async def ask_contact(ctx: Context, receipt_id: int) -> Response[str]:
    ctx.require("fiscal.receipt.retry")
    return page(ctx, "fiscal/contact.html", block="panel", receipt=await reading.card(ctx, receipt_id))


@post("/receipts/{receipt_id:int}/contact", status_code=200)
async def give_contact(ctx: Context, request: Request[Any, Any, Any], receipt_id: int) -> Response[str]:
    form = await read_form(request, Contact)
    return await _send(ctx, await mending.give_contact(ctx, receipt_id, form.contact))


@get("/receipts/{receipt_id:int}/register")
async def choose_register(ctx: Context, receipt_id: int) -> Response[str]:
    ctx.require("fiscal.receipt.retry")
    shown, offered = await reading.card(ctx, receipt_id), await registers.choices(ctx)
    return page(ctx, "fiscal/move.html", block="panel", receipt=shown, registers=offered)


@post("/receipts/{receipt_id:int}/register", status_code=200)
async def move(ctx: Context, request: Request[Any, Any, Any], receipt_id: int) -> Response[str]:
    form = await read_form(request, Chosen)
    return await _send(ctx, await mending.move(ctx, receipt_id, form.register_id))


@get("/receipts/{receipt_id:int}/resolve")
async def ask_resolution(ctx: Context, receipt_id: int) -> Response[str]:
    ctx.require("fiscal.receipt.correct")
    return page(ctx, "fiscal/resolve.html", block="panel", receipt=await reading.card(ctx, receipt_id))


@post("/receipts/{receipt_id:int}/resolve", status_code=200)
async def resolve(ctx: Context, request: Request[Any, Any, Any], receipt_id: int) -> Response[str]:
    form = await read_form(request, Note)
    for register_id in await mending.resolve(ctx, receipt_id, form.note):
        await ctx.enqueue(work_register, RegisterRef(register_id))
    return done("Чек закрыт вручную.", CHANGED)


@get("/receipts/{receipt_id:int}/correct")
async def ask_correction(ctx: Context, receipt_id: int) -> Response[str]:
    ctx.require("fiscal.receipt.correct")
    shown = await reading.card(ctx, receipt_id)
    return page(ctx, "fiscal/correct.html", block="panel", receipt=shown, reasons=REASONS)


@post("/receipts/{receipt_id:int}/correct", status_code=200)
async def correct(ctx: Context, request: Request[Any, Any, Any], receipt_id: int) -> Response[str]:
    form = await read_form(request, CorrectionForm)
    key = await key_of(request)
    new = NewCorrection(reason=form.reason, day=form.day, number=form.number, note=form.note)
    made = await mending.correct(ctx, receipt_id, new, key)
    return await _send(ctx, made.register_id, *made.freed)


routes = [
    retry,
    ask_contact,
    give_contact,
    choose_register,
    move,
    ask_resolution,
    resolve,
    ask_correction,
    correct,
]
