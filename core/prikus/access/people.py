"""Inviting people: a membership in this clinic, and a one-use link for an account that has no password yet."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from prikus.access.entry import clean_email
from prikus.access.visits import key_hash, new_key


async def invite(db: AsyncSession, email: str) -> tuple[int, str | None]:
    """The account of an address, made when missing, and the link's key to show once.

    None instead of a key when the account has a password already: only a membership is added to it.
    """
    key = new_key()
    row = (
        await db.execute(
            text("select * from core.invite(:email, :key)"), {"email": clean_email(email), "key": key_hash(key)}
        )
    ).one()
    return row.account_id, key if row.is_new else None
