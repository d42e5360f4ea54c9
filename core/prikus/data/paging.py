"""Pages of a list that grows while it is read: by place, not by number, so that nothing is skipped or shown twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from prikus.errors import NotFound

R = TypeVar("R")
LARGEST_ID = 2**63 - 1


async def read_page(
    db: AsyncSession,
    query: Select[Any],
    by: tuple[Any, Any],
    read: Callable[[Any], R],
    *,
    after: str | None = None,
    before: str | None = None,
    size: int = 30,
    newest_first: bool = True,
) -> tuple[list[R], str | None, str | None]:
    """A page of `query`, which has no order of its own: its rows, and the cursors of the pages before and after it.

    `by` are a moment and the id; `read` makes a row's struct. `after` and `before` are cursors of its making.
    Raises `NotFound` for others.
    """
    moment, number = by
    is_down = newest_first == (before is None)
    query = query.add_columns(moment.label("page_moment"), number.label("page_number"))
    if (cursor := after if before is None else before) is not None:
        place, here = tuple_(moment, number), tuple_(*read_place(cursor), types=[moment.type, number.type])
        query = query.where(place < here if is_down else place > here)
    order = (moment.desc(), number.desc()) if is_down else (moment, number)
    found = (await db.execute(query.order_by(*order).limit(size + 1))).all()
    has_more, rows = len(found) > size, list(found[:size])
    if not rows:
        return [], None, None
    if before is not None:
        rows.reverse()
    has_previous, has_next = (has_more, True) if before is not None else (after is not None, has_more)
    first, last = (f"{row.page_moment.isoformat()}_{row.page_number}" for row in (rows[0], rows[-1]))
    return [read(row) for row in rows], first if has_previous else None, last if has_next else None


def read_place(cursor: str) -> tuple[dt.datetime, int]:
    """The moment and the id of a cursor `<moment>_<id>`. Raises `NotFound` for any other text."""
    at, _, id = cursor.rpartition("_")
    try:
        when, which = dt.datetime.fromisoformat(at), int(id)
    except ValueError:
        raise NotFound() from None
    if when.tzinfo is None or not 0 < which <= LARGEST_ID:
        raise NotFound()
    return when, which
