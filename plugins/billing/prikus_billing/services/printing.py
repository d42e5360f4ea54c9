"""Printing leaves a trace (reliability 49)."""

from __future__ import annotations

from prikus.toolkit import Context
from prikus_billing.schemas import InvoiceCard
from prikus_billing.services.reading import invoice_card


async def invoice_to_print(ctx: Context, invoice_id: int) -> InvoiceCard:
    """The invoice for the printed sheet; who printed it goes into the audit, in a transaction of its own while the
    clinic is read-only."""
    ctx.require("billing.invoice.print")
    card = await invoice_card(ctx, invoice_id)
    if ctx.clinic.mode == "read_only":
        async with ctx.unit() as own:
            await _note(own, card)
    else:
        await _note(ctx, card)
    return card


async def _note(ctx: Context, card: InvoiceCard) -> None:
    await ctx.audit("billing.invoice_printed", "billing.invoice", card.id, f"Напечатан счёт № {card.number}")
