"""What the card of an incoming call gains when billing is there: the debt."""

from __future__ import annotations

from prikus.toolkit import Context, hookimpl, money
from prikus_billing.public import debt_of
from prikus_telephony.schemas import CallerFact, CallerPart


@hookimpl
async def caller_part(ctx: Context, patient_id: int) -> CallerPart | None:
    """«Долг», for those who may see invoices."""
    if not ctx.can("billing.invoice.view"):
        return None
    debt = await debt_of(ctx, patient_id)
    return CallerPart(10, (CallerFact("Долг", money(debt), status="miss" if debt > 0 else None),))
