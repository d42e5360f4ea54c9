"""Looking at invoices: the section of the card, one invoice, the printed sheet, the debt in the card's header."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get

from prikus.toolkit import Context, fragment, page, redirect
from prikus_billing.pages.words import MOVEMENTS, STATUSES
from prikus_billing.services import reading
from prikus_billing.services.deposits import deposit_of
from prikus_billing.services.printing import invoice_to_print


@get("/patients/{patient_id:int}")
async def section(
    ctx: Context,
    request: Request[Any, Any, Any],
    patient_id: int,
    invoice: int | None = None,
    after: str | None = None,
    before: str | None = None,
) -> Response[str]:
    await reading.patient_name(ctx, patient_id)
    if request.headers.get("hx-request") != "true":
        return redirect(ctx, f"/patients/{patient_id}?tab=billing")
    found = await reading.invoices_of(ctx, patient_id, after=after, before=before)
    shown = invoice or (found.rows[0].id if found.rows else None)
    card = await reading.invoice_card(ctx, shown) if shown else None
    return fragment(
        ctx,
        "billing/section.html",
        "section",
        patient_id=patient_id,
        deposit=await deposit_of(ctx, patient_id),
        found=found,
        invoice=card if card and card.patient_id == patient_id else None,
        **_words(ctx),
    )


def _words(ctx: Context) -> dict[str, Any]:
    """What an invoice's card needs beside the invoice."""
    return {"statuses": STATUSES, "movements": MOVEMENTS, "slots": ctx.describe("movement_states")}


@get("/patients/{patient_id:int}/debt")
async def debt(ctx: Context, patient_id: int) -> Response[str]:
    return fragment(ctx, "billing/section.html", "debt", debt=await reading.debt_of(ctx, patient_id))


@get("/invoices/{invoice_id:int}")
async def invoice(ctx: Context, invoice_id: int) -> Response[str]:
    card = await reading.invoice_card(ctx, invoice_id)
    return page(ctx, "billing/invoice.html", block="invoice", invoice=card, **_words(ctx))


@get("/invoices/{invoice_id:int}/print")
async def printed(ctx: Context, invoice_id: int) -> Response[str]:
    return page(ctx, "billing/print.html", invoice=await invoice_to_print(ctx, invoice_id), movements=MOVEMENTS)


routes = [section, debt, invoice, printed]
