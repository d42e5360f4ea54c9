"""Housekeeping of sign-in."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, text

from prikus.access.context import Context
from prikus.events.models import IdempotencyKey
from prikus.host.declarations import scheduled

KEY_HOURS = 72


@scheduled("17 3 * * *")
async def forget_expired(ctx: Context) -> None:
    """Ended sessions, old links, and idempotency keys older than 72 hours (reliability 13)."""
    await ctx.db.execute(text("select core.delete_expired()"))
    await ctx.db.execute(
        delete(IdempotencyKey).where(IdempotencyKey.created_at < ctx.now() - dt.timedelta(hours=KEY_HOURS))
    )
