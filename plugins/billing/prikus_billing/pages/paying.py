"""«Форма оплаты»."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from litestar import Request, Response, get, post

from prikus.toolkit import Conflict, Context, done, money, page, read_form
from prikus_billing.models import Invoice
from prikus_billing.pages.words import CHANGED
from prikus_billing.schemas import NewPayment
from prikus_billing.services import payments


class PaymentForm(msgspec.Struct, frozen=True, kw_only=True):
    """The sums of the form; a blank one is nothing."""

    cash: Decimal = Decimal(0)
    cashless: Decimal = Decimal(0)


@get("/invoices/{invoice_id:int}/pay")
async def form(ctx: Context, invoice_id: int) -> Response[str]:
    ctx.require("billing.invoice.pay")
    invoice = await ctx.load(Invoice, invoice_id)
    if invoice.status in ("paid", "cancelled"):
        raise Conflict("По этому счёту платить нечего: он оплачен или отменён.")
    return page(
        ctx,
        "billing/pay.html",
        block="panel",
        invoice_id=invoice.id,
        number=f"{invoice.series}{invoice.number}",
        due=invoice.total - invoice.paid,
    )


@post("/invoices/{invoice_id:int}/pay", status_code=200)
async def take(ctx: Context, request: Request[Any, Any, Any], invoice_id: int) -> Response[str]:
    sums = await read_form(request, PaymentForm)
    key = str((await request.form()).get("idempotency_key") or "")
    wish = NewPayment(invoice_id=invoice_id, cash=sums.cash, cashless=sums.cashless)
    paid = await payments.pay(ctx, wish, key)
    return done(f"Принято {money(paid.amount, ctx.clinic.currency)}", CHANGED)


routes = [form, take]
