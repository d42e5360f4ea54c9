"""Finding patients: by the beginning of a name, phone or card number first, then anywhere inside (PAT-01)."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import BigInteger, ColumnElement, Select, Text, func, literal, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY

from prikus.access.context import Context
from prikus.patients.models import Patient
from prikus.patients.schemas import Match, Sort
from prikus.patients.services.names import digits_of, phone_beginning, search_key

COLUMNS = (
    Patient.id,
    Patient.card_number,
    Patient.last_name,
    Patient.first_name,
    Patient.patronymic,
    Patient.phone,
    Patient.birth_date,
    Patient.is_active,
)
HIGHEST_CARD = 2**63 - 1
COUNTED = 10_000
PAGE = 50


class Page(msgspec.Struct, frozen=True):
    """A part of the list. `total` stops at `COUNTED`; `previous` and `next` are cursors."""

    rows: list[Match]
    total: int
    previous: int | None = None
    next: int | None = None


async def matches_where(ctx: Context, *conditions: ColumnElement[bool], limit: int) -> list[Match]:
    """Living patients that fit, in the order of the dictionary."""
    query = ctx.visible(Patient, *COLUMNS).where(*conditions).order_by(Patient.sort_name, Patient.id).limit(limit)
    return await _matches(ctx, query)


async def _matches(ctx: Context, query: Select[*tuple[Any, ...]]) -> list[Match]:
    return [Match(*row) for row in await ctx.db.execute(query)]


async def find_patients(ctx: Context, text: str, limit: int = 10) -> list[Match]:
    """Patients whose name, phone or card number fits what is typed, the best first.

    Letter case and «ё» do not matter; of phones only digits are compared, 8 and +7 are one. Raises `Denied`.
    """
    ctx.require("patients.patient.view")
    key, digits = search_key(text), digits_of(text)
    words = [word for word in key.split() if not word.isdecimal()]
    if not words and not digits:
        return []
    first = await _matches(ctx, _begins(ctx, key, limit) if words else _numbered(ctx, digits, limit))
    if len(first) >= limit:
        return first
    known = {match.id for match in first}
    found = func.core.find_patients(literal(words, ARRAY(Text)), digits, limit, type_=BigInteger).table_valued("id")
    query = select(*COLUMNS).join(found, found.c.id == Patient.id).order_by(Patient.sort_name, Patient.id)
    inside = [match for match in await _matches(ctx, query) if match.id not in known]
    return [*first, *inside][:limit]


def _begins(ctx: Context, key: str, limit: int) -> Select[Any]:
    between = Patient.search_name >= key, Patient.search_name < _after(key)
    return ctx.visible(Patient, *COLUMNS).where(*between).order_by(Patient.search_name).limit(limit)


def _numbered(ctx: Context, digits: str, limit: int) -> Select[*tuple[Any, ...]]:
    """The card of this number, then phones that begin so: two index look-ups, not one with OR."""
    begin = phone_beginning(digits)
    phones = ctx.visible(Patient, Patient.id).where(Patient.phone_digits >= begin, Patient.phone_digits < _after(begin))
    card = min(int(digits), HIGHEST_CARD)
    ids = phones.limit(limit).union_all(ctx.visible(Patient, Patient.id).where(Patient.card_number == card)).subquery()
    is_card = Patient.card_number == card
    return (
        select(*COLUMNS)
        .join(ids, ids.c.id == Patient.id)
        .order_by(is_card.desc(), Patient.sort_name, Patient.id)
        .limit(limit)
    )


def _after(text: str) -> str:
    """The least text above everything that begins so: the end of an index range."""
    return text[:-1] + chr(ord(text[-1]) + 1)


async def list_patients(
    ctx: Context, text: str = "", sort: Sort = "name", after: int | None = None, before: int | None = None
) -> Page:
    """A page of the list, or the best `PAGE` finds for a text. Cursors are ids of the rows at its edges."""
    ctx.require("patients.patient.view")
    if text.strip():
        found = await find_patients(ctx, text, PAGE)
        return Page(found, len(found))
    rows = await _matches(ctx, _part(ctx, sort, after, before))
    more, rows = len(rows) > PAGE, rows[:PAGE]
    back = before is not None
    if back:
        rows.reverse()
    total = await ctx.db.scalar(
        select(func.count()).select_from(
            ctx.visible(Patient, Patient.id).order_by(Patient.sort_name, Patient.id).limit(COUNTED).subquery()
        )
    )
    has_previous, has_next = (more, True) if back else (after is not None, more)
    return Page(
        rows,
        total or 0,
        rows[0].id if rows and has_previous else None,
        rows[-1].id if rows and has_next else None,
    )


def _part(ctx: Context, sort: Sort, after: int | None, before: int | None) -> Select[Any]:
    columns = (Patient.sort_name, Patient.id) if sort.endswith("name") else (Patient.card_number,)
    descending = sort.startswith("-") != (before is not None)
    query = ctx.visible(Patient, *COLUMNS)
    cursor = after if before is None else before
    if cursor is not None:
        edge = select(*columns).where(Patient.id == cursor).scalar_subquery()
        place = tuple_(*columns)
        query = query.where(place < edge if descending else place > edge)
    return query.order_by(*(column.desc() if descending else column for column in columns)).limit(PAGE + 1)
