"""Printing leaves a trace (reliability 49)."""

from __future__ import annotations

from prikus.toolkit import Context
from prikus_billing.schemas.money import InvoiceCard
from prikus_billing.services.reading import invoice_card


async def invoice_to_print(ctx: Context, invoice_id: int) -> InvoiceCard:
    """The invoice for the printed sheet; who printed it goes into the audit."""
    ctx.require("billing.invoice.print")
    card = await invoice_card(ctx, invoice_id)
    await ctx.audit("billing.invoice_printed", "billing.invoice", card.id, f"Напечатан счёт № {card.number}")
    return card
