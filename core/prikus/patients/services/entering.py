"""From what was typed to what is stored: cleaning and checking a patient's form."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import msgspec
from sqlalchemy import select

from prikus.access.context import Context
from prikus.access.models import StaffMember
from prikus.errors import Invalid
from prikus.patients.schemas import Address, Document, PatientForm
from prikus.patients.services.names import digits_of, name_columns, phone_digits
from prikus.references.models import Gender, MarketingChannel, PatientGroup
from prikus.ui.forms import read_phone

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
EARLIEST = dt.date(1900, 1, 1)
LONGEST = {"comment": 5000}
LONGEST_LINE = 200
CHOICES: dict[str, Any] = {
    "gender_id": Gender,
    "marketing_channel_id": MarketingChannel,
    "patient_group_id": PatientGroup,
    "coordinator_id": StaffMember,
}
PLAIN = ("birth_date", *CHOICES, "mailing_enabled", "oms_policy_number", "comment")
SENSITIVE = ("snils", "inn", "oms_policy_number")


def columns_of(ctx: Context, form: PatientForm) -> dict[str, Any]:
    """Values of the patient's own columns. Raises `Invalid` with a sentence for each field that does not fit."""
    mistakes = _too_long(form)
    names = {name: _squeezed(getattr(form, name)) for name in ("last_name", "first_name", "patronymic")}
    phones = {name: _phone(name, getattr(form, name), mistakes) for name in ("phone", "home_phone")}
    if form.email and not EMAIL.fullmatch(form.email):
        mistakes["email"] = "Проверьте адрес: в нём не хватает @ или имени сайта."
    if form.birth_date and not EARLIEST <= form.birth_date <= ctx.today():
        mistakes["birth_date"] = "Проверьте дату рождения: она в будущем или слишком давно."
    if mistakes:
        raise Invalid(mistakes)
    return {
        **names,
        **name_columns(names["last_name"] or "", names["first_name"] or "", names["patronymic"]),
        **phones,
        "phone_digits": phone_digits(phones["phone"] or ""),
        "email": form.email and form.email.lower(),
        "snils": _number(form.snils, 11),
        "inn": _number(form.inn, 12),
        **{name: getattr(form, name) for name in PLAIN},
    }


def _too_long(form: PatientForm) -> dict[str, str]:
    values = ((name, getattr(form, name)) for name in form.__struct_fields__)
    limits = ((name, value, LONGEST.get(name, LONGEST_LINE)) for name, value in values if isinstance(value, str))
    return {name: f"Слишком длинно: не больше {most} знаков." for name, value, most in limits if len(value) > most}


def _squeezed(text: str | None) -> str | None:
    return " ".join(text.split()) if text else None


def _phone(name: str, text: str | None, mistakes: dict[str, str]) -> str | None:
    if not text:
        return None
    try:
        return read_phone(text)
    except ValueError as error:
        mistakes[name] = str(error)
        return None


def _number(text: str | None, length: int) -> str | None:
    """Digits alone when their number is right; otherwise as it was written, since a doubt is no block."""
    if not text:
        return None
    digits = digits_of(text)
    return digits if len(digits) == length else text


def document_of(form: PatientForm) -> Document | None:
    """The passport or the other document, whichever the switch chose; None when nothing of it is filled."""
    if form.other_document:
        found = Document(
            kind="other",
            title=form.document_title,
            series=None,
            number=form.document_number,
            issuer=form.document_issuer,
            department_code=None,
            issued_on=form.document_issued_on,
        )
    else:
        found = Document(
            kind="passport",
            title=None,
            series=form.passport_series,
            number=form.passport_number,
            issuer=form.passport_issuer,
            department_code=form.passport_department_code,
            issued_on=form.passport_issued_on,
        )
    return found if any(msgspec.structs.astuple(found)[1:]) else None


def addresses_of(form: PatientForm) -> dict[str, Address | None]:
    """Registration and residence; an empty one is None, and so is a residence that is the same."""
    found: dict[str, Address | None] = {}
    for kind in ("registration", "residence"):
        address = Address(**{part: getattr(form, f"{kind}_{part}") for part in Address.__struct_fields__})
        found[kind] = address if address.line else None
    if form.same_address:
        found["residence"] = None
    return found


async def check_choices(ctx: Context, values: dict[str, Any]) -> None:
    """Refuse ids that are not in this clinic's living reference books; `values` are those that are new."""
    chosen = {name: values[name] for name in CHOICES if values.get(name) is not None}
    if not chosen:
        return
    parts = [ctx.visible(CHOICES[name], CHOICES[name].id).where(CHOICES[name].id == id) for name, id in chosen.items()]
    row = (await ctx.db.execute(select(*(part.scalar_subquery() for part in parts)))).one()
    if missing := [name for name, found in zip(chosen, row, strict=True) if found is None]:
        raise Invalid(dict.fromkeys(missing, "Выберите значение из списка."))
