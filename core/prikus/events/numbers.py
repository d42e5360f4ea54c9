"""Numbers without gaps, and presses of a button that count once."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from prikus.errors import Conflict, Invalid
from prikus.events.models import Counter, IdempotencyKey
from prikus.failpoints import failpoint

T = TypeVar("T", bound=msgspec.Struct)


async def next_number(db: AsyncSession, series: str, legal_entity_id: int = 0) -> int:
    """The next number of a gapless series: the counter's row stays locked until the commit (reliability 9)."""
    row = insert(Counter).values(series=series, legal_entity_id=legal_entity_id, value=1)
    number = await db.scalar(
        row.on_conflict_do_update(
            index_elements=["clinic_id", "series", "legal_entity_id"], set_={"value": Counter.value + 1}
        ).returning(Counter.value)
    )
    assert number is not None
    return number


async def once(
    db: AsyncSession, key: str, request: msgspec.Struct, outcome: type[T], work: Callable[[], Awaitable[T]]
) -> T:
    """Do `work` once for a key; a second press waits for the first and gets its outcome (reliability 12–14).

    Whatever `work` raises takes the key and all that it wrote along, also when the caller shows the refusal and
    commits. Raises `Invalid` when the key is missing or was used for another request. A wait longer than three
    seconds ends in a lock timeout, which the page repeats with the same key.
    """
    if not 8 <= len(key) <= 100:
        raise Invalid({}, "Форма открыта слишком давно. Обновите страницу и повторите.")
    async with db.begin_nested():
        return await _once(db, key, request, outcome, work)


async def _once(
    db: AsyncSession, key: str, request: msgspec.Struct, outcome: type[T], work: Callable[[], Awaitable[T]]
) -> T:
    failpoint("before_write")
    digest = hashlib.sha256(msgspec.json.encode(request, order="deterministic")).digest()
    row = insert(IdempotencyKey).values(key=key, request_hash=digest)
    fresh = await db.scalar(
        row.on_conflict_do_nothing(index_elements=["clinic_id", "key"]).returning(IdempotencyKey.id)
    )
    if fresh is None:
        known = (
            await db.execute(
                select(IdempotencyKey.request_hash, IdempotencyKey.outcome).where(IdempotencyKey.key == key)
            )
        ).one_or_none()
        if known is None or known.outcome is None:
            raise Conflict("Этот запрос ещё выполняется. Подождите немного и повторите.")
        if known.request_hash != digest:
            raise Invalid({}, "Эта форма уже отправлена с другими данными. Обновите страницу.")
        return msgspec.convert(known.outcome, outcome, strict=False)
    made = await work()
    await db.execute(update(IdempotencyKey).where(IdempotencyKey.id == fresh).values(outcome=msgspec.to_builtins(made)))
    return made
