"""What a patient's form shows when it opens: nothing, what was typed into a search, or the card."""

from __future__ import annotations

from typing import Any

import msgspec

from prikus.patients.schemas import Card, PatientForm
from prikus.patients.services.names import digits_of, phone_beginning

NAME = ("last_name", "first_name", "patronymic")


def empty_values() -> dict[str, Any]:
    """Every field of the form. The second address is the first one until somebody says otherwise."""
    return {field.name: None for field in msgspec.structs.fields(PatientForm)} | {"same_address": True}


def values_of_text(text: str) -> dict[str, Any]:
    """A phone number, or name parts in the order in which they are spoken."""
    words = text.split()
    if text and not any(sign.isalpha() for sign in text):
        digits = digits_of(text)
        return empty_values() | {"phone": f"+{phone_beginning(digits)}" if digits else None}
    return empty_values() | dict(zip(NAME, (word[:1].upper() + word[1:] for word in words), strict=False))


def values_of_card(card: Card) -> dict[str, Any]:
    values = empty_values() | {"is_active": card.is_active}
    values |= {name: getattr(card, name) for name in values if hasattr(card, name)}
    values["same_address"] = card.residence is None
    for kind, address in (("registration", card.registration), ("residence", card.residence)):
        if address is not None:
            values |= _named(kind, address)
    if card.document is not None:
        prefix = "document" if card.document.kind == "other" else "passport"
        values |= {name: value for name, value in _named(prefix, card.document).items() if name in values}
        values["other_document"] = card.document.kind == "other"
    return values


def _named(prefix: str, part: msgspec.Struct) -> dict[str, Any]:
    return {f"{prefix}_{name}": value for name, value in msgspec.structs.asdict(part).items()}
