"""«Форма оплаты»."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from msgspec.structs import asdict

from prikus.toolkit import Conflict, Context, done, key_of, money, page, read_form
from prikus_billing.models import Invoice
from prikus_billing.pages.words import CHANGED
from prikus_billing.schemas.money import NewPayment, PaymentSums
from prikus_billing.services import payments
from prikus_billing.services.deposits import kept_by
from prikus_billing.services.desk import is_between_shifts


@get("/invoices/{invoice_id:int}/pay")
async def form(ctx: Context, invoice_id: int) -> Response[str]:
    ctx.require("billing.invoice.pay")
    invoice = await ctx.load(Invoice, invoice_id)
    if invoice.status not in ("issued", "partly_paid"):
        raise Conflict("По этому счёту платить нечего: он оплачен или отменён.")
    return page(
        ctx,
        "billing/pay.html",
        block="panel",
        invoice_id=invoice.id,
        number=f"{invoice.series}{invoice.number}",
        due=invoice.total - invoice.paid,
        deposit=await kept_by(ctx, invoice.patient_id, invoice.legal_entity_id),
        unshifted=await is_between_shifts(ctx),
    )


@post("/invoices/{invoice_id:int}/pay", status_code=200)
async def take(ctx: Context, request: Request[Any, Any, Any], invoice_id: int) -> Response[str]:
    sums = await read_form(request, PaymentSums)
    wish = NewPayment(invoice_id=invoice_id, **asdict(sums))
    paid = await payments.pay(ctx, wish, await key_of(request))
    above = f", на депозит {money(paid.to_deposit, ctx.clinic.currency)}" if paid.to_deposit else ""
    return done(f"Принято {money(paid.amount, ctx.clinic.currency)}{above}", CHANGED)


routes = [form, take]
