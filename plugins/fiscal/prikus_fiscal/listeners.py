"""What fiscal hears of billing: money that moved."""

from __future__ import annotations

import msgspec

from prikus.toolkit import Context, listens
from prikus_billing.public import settlement_of
from prikus_fiscal.jobs import RegisterRef, work_register
from prikus_fiscal.services.making import make_receipt


class Moved(msgspec.Struct, frozen=True):
    """`transaction_id` is None in facts of a time when nobody told it."""

    transaction_id: int | None = None


@listens("payment.received", into=Moved)
async def payment_gives_receipt(ctx: Context, event: Moved) -> None:
    await _make(ctx, event)


@listens("payment.refunded", into=Moved)
async def refund_gives_receipt(ctx: Context, event: Moved) -> None:
    await _make(ctx, event)


@listens("invoice.cancelled", into=Moved)
async def cancelling_gives_receipt(ctx: Context, event: Moved) -> None:
    """What was paid goes to the deposit: the sale is taken back, and nothing is handed out."""
    await _make(ctx, event)


@listens("deposit.topped_up", into=Moved)
async def prepayment_gives_receipt(ctx: Context, event: Moved) -> None:
    await _make(ctx, event)


@listens("deposit.withdrawn", into=Moved)
async def withdrawal_gives_receipt(ctx: Context, event: Moved) -> None:
    await _make(ctx, event)


async def _make(ctx: Context, event: Moved) -> None:
    if event.transaction_id is None:
        return
    made = await make_receipt(ctx, await settlement_of(ctx, event.transaction_id))
    if made is not None and made.register_id is not None:
        await ctx.enqueue(work_register, RegisterRef(made.register_id))
