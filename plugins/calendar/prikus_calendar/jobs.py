"""Background work of the calendar."""

from __future__ import annotations

from prikus.toolkit import Context, Nothing, job
from prikus_calendar.services.seed import seed_references


@job
async def on_enable(ctx: Context, payload: Nothing) -> None:
    """Statuses and visit types for a clinic that has switched the calendar on."""
    await seed_references(ctx)
