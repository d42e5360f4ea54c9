"""Numbers without gaps, and presses of a button that count once."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec
from sqlalchemy import ClauseElement, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from prikus.data.statements import prepared
from prikus.errors import Invalid, StillRunning
from prikus.events.models import Counter, IdempotencyKey
from prikus.failpoints import failpoint

T = TypeVar("T", bound=msgspec.Struct)
LOCK_TIMEOUT = "55P03"


async def next_number(db: AsyncSession, series: str, legal_entity_id: int = 0) -> int:
    """The next number of a gapless series: the counter's row stays locked until the commit (reliability 9)."""
    number = await _next().scalar(db, for_series=series, for_entity=legal_entity_id)
    assert number is not None
    return number


@prepared
def _next() -> ClauseElement:
    given = {"series": bindparam("for_series"), "legal_entity_id": bindparam("for_entity"), "value": 1}
    keys = ["clinic_id", "series", "legal_entity_id"]
    counted = (
        insert(Counter).values(given).on_conflict_do_update(index_elements=keys, set_={"value": Counter.value + 1})
    )
    return counted.returning(Counter.value)


async def once(
    db: AsyncSession, key: str, request: msgspec.Struct, outcome: type[T], work: Callable[[], Awaitable[T]]
) -> T:
    """Do `work` once for a key; a second press waits for the first and gets its outcome (reliability 12–14).

    Whatever `work` raises takes the key and all that it wrote along, also when the caller shows the refusal and
    commits. Raises `Invalid` when the key is missing or was used for another request, `StillRunning` (409 with
    `Retry-After`) when the first has not ended in three seconds: the page repeats that once with the same key.
    """
    if not 8 <= len(key) <= 100:
        raise Invalid({}, "Форма открыта слишком давно. Обновите страницу и повторите.")
    async with db.begin_nested():
        return await _once(db, key, request, outcome, work)


async def _once(
    db: AsyncSession, key: str, request: msgspec.Struct, outcome: type[T], work: Callable[[], Awaitable[T]]
) -> T:
    failpoint("before_write")
    # Sorted, so that a key outlives a release in which the fields stand in another order.
    digest = hashlib.sha256(msgspec.json.encode(request, order="sorted")).digest()
    try:
        fresh = await _take_key().scalar(db, given=key, digest=digest)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == LOCK_TIMEOUT:
            raise StillRunning from error
        raise
    if fresh is None:
        known = await _known_key().row(db, given=key)
        if known is None or known[1] is None:
            raise StillRunning
        if known[0] != digest:
            raise Invalid({}, "Эта форма уже отправлена с другими данными. Обновите страницу.")
        return msgspec.convert(known[1], outcome, strict=False)
    made = await work()
    await _note_outcome().rows(db, fresh=fresh, made=msgspec.to_builtins(made))
    return made


@prepared
def _take_key() -> ClauseElement:
    row = insert(IdempotencyKey).values(key=bindparam("given"), request_hash=bindparam("digest"))
    return row.on_conflict_do_nothing(index_elements=["clinic_id", "key"]).returning(IdempotencyKey.id)


@prepared
def _known_key() -> ClauseElement:
    return select(IdempotencyKey.request_hash, IdempotencyKey.outcome).where(IdempotencyKey.key == bindparam("given"))


@prepared
def _note_outcome() -> ClauseElement:
    return update(IdempotencyKey).where(IdempotencyKey.id == bindparam("fresh")).values(outcome=bindparam("made"))
