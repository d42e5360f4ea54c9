"""Fresh authentication: whoever gives money back types the password again (reliability 11)."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy import func as sql

from prikus.access.context import Context
from prikus.data.statements import Prepared
from prikus.errors import ProofNeeded

FRESH_MINUTES = 15
"""How long a password counts after it was typed: long enough for a queue at the desk."""
_IS_PROVED = Prepared(select(sql.core.is_proved(bindparam("session"), FRESH_MINUTES)))


async def require_proof(ctx: Context) -> None:
    """Raise `ProofNeeded` when the person has not typed the password in this session for 15 minutes.

    Programs with keys, plugins and the system have no password: what they may is said by their rights.
    """
    identity = ctx.identity
    if identity is not None and not await _IS_PROVED.scalar(ctx.db, session=identity.session_id):
        raise ProofNeeded
