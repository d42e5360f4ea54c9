"""Names and numbers of patients as they are compared: the only place where search and storage agree (PAT-01)."""

from __future__ import annotations

from prikus.access.names import full_name, sort_key

FIRST_RUSSIAN = {"8": "7", "7": "7"}
PHONE_LENGTH = 11


def search_key(*parts: str | None) -> str:
    """Words in lower case, «ё» as «е», everything else than letters and digits as one space."""
    text = sort_key(*parts)
    return " ".join("".join(sign if sign.isalnum() else " " for sign in text).split())


def digits_of(text: str) -> str:
    return "".join(sign for sign in text if sign in "0123456789")


def phone_digits(phone: str) -> str:
    """Digits of a number as it is stored: a Russian one as `7XXXXXXXXXX`, whether written with 8, +7 or neither."""
    digits = digits_of(phone)
    if len(digits) == PHONE_LENGTH and digits[0] == "8" and not phone.lstrip().startswith("+"):
        return "7" + digits[1:]
    return digits


def phone_beginning(digits: str) -> str:
    """What stored digits begin with when a person has typed these: a leading 8 and a missing 7 mean 7."""
    return "7" + (digits[1:] if digits[:1] in FIRST_RUSSIAN else digits)


def phone_part(typed: str) -> str:
    """Digits to look for inside numbers (E.164) when a person has typed a part of one: a leading 8 may mean +7."""
    digits = digits_of(typed)
    return digits[1:] if digits[:1] == "8" and len(digits) > 1 else digits


def name_columns(last: str, first: str, patronymic: str | None) -> dict[str, str]:
    """Computed columns of a patient's name."""
    return {"sort_name": sort_key(last, first, patronymic), "search_name": search_key(last, first, patronymic)}


__all__ = [
    "digits_of",
    "full_name",
    "name_columns",
    "phone_beginning",
    "phone_digits",
    "phone_part",
    "search_key",
    "sort_key",
]
