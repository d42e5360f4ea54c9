"""Lists that a program follows: what has changed since it last looked, deletions too, nothing missed (API-01).

Rows are ordered by the transaction that changed them last. A transaction that is still open may yet commit a row that
stands earlier in this order, so a page ends before the oldest open one: what is behind a cursor is there for good.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Row, Select, Text, bindparam, cast, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from prikus.data.types import XID8
from prikus.errors import Invalid

MOST = 500
USUAL = 100
EDGE = text("select system_identifier, pg_snapshot_xmin(pg_current_snapshot())::text from pg_control_system()")
"""One look for all sources: each with an edge of its own, a row committed between two of them would be passed by."""
STRANGE = "Этого курсора мы не выдавали: начните список сначала, без changed_since."
RESTORED = "База данных восстановлена из копии, курсоры начались заново: прочитайте список сначала, без changed_since."


class ChangeSource(msgspec.Struct, frozen=True):
    """A select, with the columns that say which transaction changed a row last and which thing it is about.

    No two sources may tell of one thing in one transaction.
    """

    query: Any
    xid: Any
    id: Any


class Changed(msgspec.Struct, frozen=True):
    """A part of a list: rows of the sources as (number of the source, row), the cursor behind them, whether more is
    there already. The cursor is to be kept, and asked with again later."""

    rows: list[tuple[int, Row[Any]]]
    cursor: str
    has_more: bool


class _Place(msgspec.Struct, frozen=True, array_like=True):
    epoch: int
    xid: int
    id: int


async def read_changes(
    db: AsyncSession, sources: Sequence[ChangeSource], since: str | None, limit: int = USUAL
) -> Changed:
    """What changed after the cursor `since`, oldest change first; without a cursor everything.

    Raises `Invalid` for a cursor that is strange or older than a restore of the database.
    """
    epoch, edge = (await db.execute(EDGE)).one()
    place = _read(since) if since else _Place(epoch, 0, 0)
    if place.epoch != epoch:
        raise Invalid({"changed_since": RESTORED})
    limit = max(1, min(limit, MOST))
    found: list[tuple[int, int, int, Row[Any]]] = []
    for number, source in enumerate(sources):
        for row in await db.execute(_after(source, place, edge, limit + 1)):
            found.append((int(row.changed_in), row.changed_id, number, row))
    found.sort(key=lambda one: one[:3])
    has_more, found = len(found) > limit, found[:limit]
    last = _Place(epoch, *found[-1][:2]) if found else place
    return Changed([(number, row) for _, _, number, row in found], _write(last), has_more)


def _after(source: ChangeSource, place: _Place, end: str, limit: int) -> Select[Any]:
    xid = cast(bindparam("xid", str(place.xid), type_=Text), XID8)
    begin = tuple_(xid, bindparam("edge", place.id, type_=BigInteger))
    oldest_open = cast(bindparam("end", end, type_=Text), XID8)
    return (
        source.query.add_columns(cast(source.xid, Text).label("changed_in"), source.id.label("changed_id"))
        .where(tuple_(source.xid, source.id) > begin, source.xid < oldest_open)
        .order_by(source.xid, source.id)
        .limit(limit)
    )


def _write(place: _Place) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def _read(cursor: str) -> _Place:
    try:
        place = msgspec.json.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=_Place)
    except (binascii.Error, ValueError, msgspec.DecodeError):
        place = _Place(0, -1, 0)
    if not (0 <= place.xid < 2**63 and 0 <= place.id < 2**63):
        raise Invalid({"changed_since": STRANGE})
    return place
