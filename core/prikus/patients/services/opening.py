"""Who opened which card (reliability 49)."""

from __future__ import annotations

from prikus.access.context import Context
from prikus.patients.schemas import Card

ACTION = "patient.opened"


async def note_opening(ctx: Context, card: Card) -> None:
    """Write the opening into the audit."""
    await ctx.audit(ACTION, "patient", card.id, f"Открыта карточка № {card.card_number:06d}.")
