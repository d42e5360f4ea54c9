"""«Добавить счёт»: the form, its lines, its running total."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict

from prikus.toolkit import Context, Invalid, NotFound, convert_form, fragment, page, redirect
from prikus_billing.schemas.money import NewInvoice, NewLine
from prikus_billing.services import invoices, reading
from prikus_billing.services.ledger import sum_up
from prikus_catalog.public import price_of

LINE = ("service_id", "teeth", "quantity", "price", "doctor_id", "appointment_id")
FORM = "billing/new.html"


@get("/patients/{patient_id:int}/invoices/new")
async def new(ctx: Context, patient_id: int) -> Response[str]:
    ctx.require("billing.invoice.issue")
    return page(
        ctx,
        FORM,
        block="panel",
        patient_id=patient_id,
        patient=await reading.patient_name(ctx, patient_id),
        proposal=await invoices.propose(ctx, patient_id),
        total=sum_up(()),
        amounts={},
    )


@get("/lines/new")
async def line(ctx: Context, service: int, doctor: int | None = None, appointment: int | None = None) -> Response[str]:
    """A line for a service that was picked."""
    ctx.require("billing.invoice.issue")
    offers = await price_of(ctx, {service})
    if service not in offers:
        raise NotFound("Этой услуги больше нет в прайс-листе.")
    return fragment(
        ctx,
        FORM,
        "line",
        id=secrets.token_hex(4),
        offer=offers[service],
        doctors=await reading.doctors(ctx),
        doctor=doctor,
        appointment=appointment,
    )


@post("/total", status_code=200)
async def total(ctx: Context, request: Request[Any, Any, Any]) -> Response[str]:
    form = await request.form()
    ids = _ids(form)
    lines: list[NewLine | None] = []
    for id in ids:
        try:
            lines.append(_line(form, id))
        except Invalid:
            lines.append(None)
    amounts = await invoices.estimate(ctx, lines)
    counted = sum_up(amount for amount in amounts if amount is not None)
    return fragment(ctx, FORM, "total", total=counted, amounts=dict(zip(ids, amounts, strict=True)))


@post("/patients/{patient_id:int}/invoices/new", status_code=200)
async def create(ctx: Context, request: Request[Any, Any, Any], patient_id: int) -> Response[str]:
    form = await request.form()
    ids = _ids(form)
    try:
        wish = NewInvoice(
            patient_id=patient_id, lines=_lines(form, ids), note=str(form.get("note") or "").strip() or None
        )
        await invoices.issue_invoice(ctx, wish, str(form.get("idempotency_key") or ""))
    except Invalid as refused:
        raise Invalid(_by_id(refused.fields, ids), refused.sentence) from None
    return redirect(ctx, f"/patients/{patient_id}?tab=billing")


def _ids(form: FormMultiDict) -> list[str]:
    return [str(id) for id in form.getall("line", [])]


def _line(form: FormMultiDict, id: str) -> NewLine:
    fields = [(field, value) for field in LINE for value in form.getall(f"{field}-{id}", [])]
    return convert_form(FormMultiDict(fields), NewLine)


def _lines(form: FormMultiDict, ids: Sequence[str]) -> tuple[NewLine, ...]:
    lines, mistakes = [], {}
    for n, id in enumerate(ids):
        try:
            lines.append(_line(form, id))
        except Invalid as refused:
            mistakes |= {f"{field}-{n}": sentence for field, sentence in refused.fields.items()}
    if mistakes:
        raise Invalid(mistakes)
    return tuple(lines)


def _by_id(fields: dict[str, str], ids: Sequence[str]) -> dict[str, str]:
    """Services count lines, the page knows them by the ids of their rows."""
    named = {}
    for field, sentence in fields.items():
        name, dash, n = field.rpartition("-")
        named[f"{name}-{ids[int(n)]}" if dash and n.isdecimal() else field] = sentence
    return named


routes = [new, line, total, create]
