"""Who opened which card (reliability 49)."""

from __future__ import annotations

from prikus.access.context import Context
from prikus.patients.schemas import Card

ACTION = "patient.opened"


async def note_opening(ctx: Context, card: Card) -> None:
    """Write the opening into the audit, in a transaction of its own while the clinic is read-only."""
    if ctx.clinic.mode == "read_only":
        async with ctx.unit() as own:
            await _note(own, card)
    else:
        await _note(ctx, card)


async def _note(ctx: Context, card: Card) -> None:
    await ctx.audit(ACTION, "patient", card.id, f"Открыта карточка № {card.card_number:06d}.")
