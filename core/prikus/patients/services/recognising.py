"""Whose card it is, said by a service outside: the one with this phone and name, or a new one."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import msgspec
from sqlalchemy import text

from prikus.access.context import Context
from prikus.errors import Invalid
from prikus.patients.models import Patient
from prikus.patients.schemas import NewPatient
from prikus.patients.services.entering import columns_of
from prikus.patients.services.keeping import add_patient
from prikus.patients.services.names import search_key

NEEDED = "Заполните это поле."
MOST_WITH_ONE_PHONE = 50


class SaidPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A person as somebody outside says who it is. `comment` goes into a new card, never into a known one."""

    last_name: str
    first_name: str
    phone: str
    patronymic: str | None = None
    birth_date: dt.date | None = None
    comment: str | None = None


class Recognised(msgspec.Struct, frozen=True):
    """A patient; `is_new` says that the card was made now, and that a person should look at it."""

    id: int
    is_new: bool


async def recognise_patient(ctx: Context, said: SaidPerson) -> Recognised:
    """The only living card with this phone and name, whom no patronymic and birth date contradicts; else a new one.

    Families share a phone, so a number alone recognises nobody, and of two that fit none is chosen. Two requests about
    one number take turns until the commit: one person gets one card. Raises `Invalid` beside a field, `Denied`.
    """
    ctx.require("patients.patient.edit")
    names = {name: getattr(said, name).strip() for name in ("last_name", "first_name")}
    if missing := [name for name, value in names.items() if not search_key(value)]:
        raise Invalid(dict.fromkeys(missing, NEEDED))
    form = NewPatient(**msgspec.structs.asdict(said), despite_duplicate=True)
    digits = columns_of(ctx, form)["phone_digits"]
    place = hashlib.blake2b(f"patient:{ctx.clinic.id}:{digits}".encode(), digest_size=8).digest()
    await ctx.db.execute(text("select pg_advisory_xact_lock(:key)"), {"key": int.from_bytes(place, signed=True)})
    rows = ctx.visible(
        Patient, Patient.id, Patient.last_name, Patient.first_name, Patient.patronymic, Patient.birth_date
    )
    found = await ctx.db.execute(rows.where(Patient.phone_digits == digits).limit(MOST_WITH_ONE_PHONE))
    fitting = [row.id for row in found if _is_same(row, said)]
    if len(fitting) == 1:
        return Recognised(fitting[0], is_new=False)
    return Recognised((await add_patient(ctx, form)).id, is_new=True)


def _is_same(row: Any, said: SaidPerson) -> bool:
    if search_key(row.last_name, row.first_name) != search_key(said.last_name, said.first_name):
        return False
    pairs = [
        (search_key(row.patronymic), search_key(said.patronymic)),
        (row.birth_date, said.birth_date),
    ]
    return all(not known or not given or known == given for known, given in pairs)
