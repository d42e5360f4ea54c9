"""What fiscal hears of billing: money that moved."""

from __future__ import annotations

import msgspec

from prikus.toolkit import Context, NotFound, listens
from prikus_billing.public import settlement_of
from prikus_fiscal.jobs import RegisterRef, work_register
from prikus_fiscal.services.making import make_receipt


class Moved(msgspec.Struct, frozen=True):
    """`transaction_id` is None in facts of a time when nobody told it."""

    transaction_id: int | None = None


@listens(
    "payment.received",
    "payment.refunded",
    "invoice.cancelled",
    "deposit.topped_up",
    "deposit.withdrawn",
    into=Moved,
    ordered=True,
)
async def money_gives_receipt(ctx: Context, event: Moved) -> None:
    """In the order of the money: a sale before what takes it back."""
    if event.transaction_id is None:
        return
    try:
        moved = await settlement_of(ctx, event.transaction_id)
    except NotFound:  # nobody's money moved, such as when an invoice of 0 ₽ is cancelled
        return
    made = await make_receipt(ctx, moved)
    if made is not None and made.register_id is not None:
        await ctx.enqueue(work_register, RegisterRef(made.register_id))
