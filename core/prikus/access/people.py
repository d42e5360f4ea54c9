"""Inviting people: a membership in this clinic, and a one-use link for an account that has no password yet."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from prikus.access.entry import clean_email
from prikus.access.visits import key_hash, new_key
from prikus.errors import Conflict

WAITS_ELSEWHERE = "Этого человека уже пригласила другая клиника, и он ещё не вошёл. Добавьте его после первого входа."


async def invite(db: AsyncSession, email: str) -> tuple[int, str | None]:
    """The account of an address, made when missing, and the link's key to show once.

    None instead of a key when the account has a password already: only a membership is added to it. Raises
    `Conflict` while another clinic's invitation waits: its link must not open this clinic, nor ours that one.
    """
    key = new_key()
    row = (
        await db.execute(
            text("select * from core.invite(:email, :key)"), {"email": clean_email(email), "key": key_hash(key)}
        )
    ).one()
    if await db.scalar(text("select core.waits_elsewhere(:account)"), {"account": row.account_id}):
        raise Conflict(WAITS_ELSEWHERE)
    return row.account_id, key if row.is_new else None


async def reissue(db: AsyncSession, staff_id: int) -> str:
    """A new link's key for a member who has no password yet; older links die. Raises `Conflict` for all others."""
    key = new_key()
    values = {"staff": staff_id, "key": key_hash(key)}
    account_id = await db.scalar(text("select account_id from core.staff_member where id = :staff"), values)
    if await db.scalar(text("select core.waits_elsewhere(:account)"), {"account": account_id}):
        raise Conflict(WAITS_ELSEWHERE)
    if not await db.scalar(text("select core.reissue_link(:staff, :key)"), values):
        raise Conflict("У этого сотрудника уже есть пароль: ссылка ему не нужна.")
    return key
