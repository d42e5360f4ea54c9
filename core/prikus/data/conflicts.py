"""What a unique index says, in words."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from prikus.errors import Problem

UNIQUE_VIOLATION = "23505"


async def flush_unique(db: AsyncSession, refusal: Problem) -> None:
    """Write what is pending; raise `refusal` when a value that must be unique is taken. Other errors pass."""
    try:
        await db.flush()
    except IntegrityError as error:
        if getattr(error.orig, "sqlstate", None) == UNIQUE_VIOLATION:
            raise refusal from error
        raise
