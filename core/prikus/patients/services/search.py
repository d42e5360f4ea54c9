"""Finding patients: by the beginning of a name, phone or card number first, then anywhere inside (PAT-01)."""

from __future__ import annotations

import msgspec
from sqlalchemy import BigInteger, ClauseElement, ColumnElement, Integer, Text, bindparam, func, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY

from prikus.access.context import Context
from prikus.data.base import visible
from prikus.data.statements import prepared
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
BEGIN, END = bindparam("begin", type_=Text), bindparam("end", type_=Text)
CARD, CURSOR = bindparam("card", type_=BigInteger), bindparam("cursor", type_=BigInteger)
LIMIT = bindparam("limit", type_=Integer)


class Page(msgspec.Struct, frozen=True):
    """A part of the list. `total` stops at `COUNTED`; `previous` and `next` are cursors."""

    rows: list[Match]
    total: int
    previous: int | None = None
    next: int | None = None


async def matches_where(ctx: Context, *conditions: ColumnElement[bool], limit: int) -> list[Match]:
    """Living patients that fit, in the order of the dictionary."""
    query = visible(Patient, *COLUMNS).where(*conditions).order_by(Patient.sort_name, Patient.id).limit(limit)
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
    first = await (_beginning(ctx, key, limit) if words else _numbered(ctx, digits, limit))
    if len(first) >= limit:
        return first
    known = {match.id for match in first}
    found = await _inside().structs(Match, ctx.db, words=words, digits=digits, limit=limit)
    return [*first, *(match for match in found if match.id not in known)][:limit]


async def _beginning(ctx: Context, key: str, limit: int) -> list[Match]:
    return await _begins().structs(Match, ctx.db, begin=key, end=_after(key), limit=limit)


async def _numbered(ctx: Context, digits: str, limit: int) -> list[Match]:
    begin = phone_beginning(digits)
    card = min(int(digits), HIGHEST_CARD)
    return await _numbers().structs(Match, ctx.db, begin=begin, end=_after(begin), card=card, limit=limit)


@prepared
def _begins() -> ClauseElement:
    between = Patient.search_name >= BEGIN, Patient.search_name < END
    return visible(Patient, *COLUMNS).where(*between).order_by(Patient.search_name).limit(LIMIT)


@prepared
def _numbers() -> ClauseElement:
    """The card of this number, then phones that begin so: two index look-ups, not one with OR."""
    phones = visible(Patient, Patient.id).where(Patient.phone_digits >= BEGIN, Patient.phone_digits < END)
    is_card = Patient.card_number == CARD
    ids = phones.limit(LIMIT).union_all(visible(Patient, Patient.id).where(is_card)).subquery()
    return (
        select(*COLUMNS)
        .join(ids, ids.c.id == Patient.id)
        .order_by(is_card.desc(), Patient.sort_name, Patient.id)
        .limit(LIMIT)
    )


@prepared
def _inside() -> ClauseElement:
    typed = bindparam("words", type_=ARRAY(Text)), bindparam("digits", type_=Text), LIMIT
    found = func.core.find_patients(*typed, type_=BigInteger).table_valued("id")
    return select(*COLUMNS).join(found, found.c.id == Patient.id).order_by(Patient.sort_name, Patient.id)


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
    query = _part(sort, after is not None, before is not None)
    rows = await query.structs(Match, ctx.db, cursor=after if before is None else before)
    more, rows = len(rows) > PAGE, rows[:PAGE]
    back = before is not None
    if back:
        rows.reverse()
    total = await _total().scalar(ctx.db)
    has_previous, has_next = (more, True) if back else (after is not None, more)
    return Page(
        rows,
        total or 0,
        rows[0].id if rows and has_previous else None,
        rows[-1].id if rows and has_next else None,
    )


@prepared
def _total() -> ClauseElement:
    counted = visible(Patient, Patient.id).order_by(Patient.sort_name, Patient.id).limit(COUNTED).subquery()
    return select(func.count()).select_from(counted)


@prepared
def _part(sort: Sort, is_after: bool, is_before: bool) -> ClauseElement:
    columns = (Patient.sort_name, Patient.id) if sort.endswith("name") else (Patient.card_number,)
    descending = sort.startswith("-") != is_before
    query = visible(Patient, *COLUMNS)
    if is_after or is_before:
        edge = select(*columns).where(Patient.id == CURSOR).scalar_subquery()
        place = tuple_(*columns)
        query = query.where(place < edge if descending else place > edge)
    return query.order_by(*(column.desc() if descending else column for column in columns)).limit(PAGE + 1)
