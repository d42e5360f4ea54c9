"""«Отменить счёт» and «Вернуть деньги»."""

from __future__ import annotations

from typing import Any, cast, get_args

from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict

from prikus.toolkit import Conflict, Context, Invalid, done, key_of, money, page
from prikus_billing.models import Invoice
from prikus_billing.pages.words import CHANGED, REFUND_WAYS
from prikus_billing.schemas.money import Cancellation, NewRefund, RefundLine, Way
from prikus_billing.services import reversing
from prikus_billing.services.desk import is_between_shifts

QUANTITY = "quantity-"


@get("/invoices/{invoice_id:int}/cancel")
async def cancel_form(ctx: Context, invoice_id: int) -> Response[str]:
    ctx.require("billing.invoice.cancel")
    invoice = await ctx.load(Invoice, invoice_id)
    if invoice.status in ("cancelled", "refunded"):
        raise Conflict("Счёт уже отменён или возвращён.")
    return page(ctx, "billing/cancel.html", block="panel", invoice=invoice, kept=invoice.paid - invoice.refunded)


@post("/invoices/{invoice_id:int}/cancel", status_code=200)
async def cancel(ctx: Context, request: Request[Any, Any, Any], invoice_id: int) -> Response[str]:
    form = await request.form()
    wish = Cancellation(invoice_id=invoice_id, reason=str(form.get("reason") or ""))
    undone = await reversing.cancel_invoice(ctx, wish, await key_of(request))
    kept = f" На депозит зачислено {money(undone.amount, ctx.clinic.currency)}." if undone.amount else ""
    return done(f"Счёт отменён.{kept}", CHANGED)


@get("/invoices/{invoice_id:int}/refund")
async def refund_form(ctx: Context, invoice_id: int) -> Response[str]:
    ctx.require("billing.invoice.refund")
    invoice = await ctx.load(Invoice, invoice_id)
    reversing.check_refundable(invoice.status)
    return page(
        ctx,
        "billing/refund.html",
        block="panel",
        invoice=invoice,
        lines=await reversing.lines_to_refund(ctx, invoice_id),
        way=await reversing.proposed_way(ctx, invoice_id),
        ways=REFUND_WAYS,
        unshifted=await is_between_shifts(ctx),
    )


@post("/invoices/{invoice_id:int}/refund", status_code=200)
async def refund(ctx: Context, request: Request[Any, Any, Any], invoice_id: int) -> Response[str]:
    form = await request.form()
    way = form.get("way")
    if way not in get_args(Way):
        raise Invalid({"way": "Выберите, как вернуть деньги."})
    wish = NewRefund(
        invoice_id=invoice_id, lines=_lines(form), way=cast(Way, way), reason=str(form.get("reason") or "")
    )
    undone = await reversing.refund(ctx, wish, await key_of(request))
    return done(f"Возвращено {money(undone.amount, ctx.clinic.currency)}", CHANGED)


def _lines(form: FormMultiDict) -> tuple[RefundLine, ...]:
    named = {name.removeprefix(QUANTITY): str(value) for name, value in form.items() if name.startswith(QUANTITY)}
    wrong = {f"{QUANTITY}{at}": "Введите целое число." for at, text in named.items() if not text.isdecimal()}
    if wrong:
        raise Invalid(wrong)
    if not all(at.isdecimal() for at in named):
        raise Invalid({}, "Форма содержит неизвестные поля.")
    return tuple(RefundLine(int(at), int(text)) for at, text in named.items())


routes = [cancel_form, cancel, refund_form, refund]
