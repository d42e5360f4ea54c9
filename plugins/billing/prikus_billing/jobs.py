"""What billing does when it is switched on."""

from __future__ import annotations

from prikus.toolkit import Context, Nothing, job
from prikus_billing.services.methods import seed_methods


@job
async def on_enable(ctx: Context, payload: Nothing) -> None:
    """Bring the two ways of paying. May run again."""
    await seed_methods(ctx)
