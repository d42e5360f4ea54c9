"""How values look in pages: money, days, times, phones, names. All take `None` and then show a dash."""

from __future__ import annotations

import datetime as dt
import hashlib
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

import phonenumbers
from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, get_currency_symbol
from markupsafe import Markup

from prikus.ui.escaping import escaped_text, html

NBSP = "\u00a0"
DASH = "\u2014"
MINUS = "\u2212"
AVATAR_COLOURS = ("plan", "conf", "wait", "now", "done", "san", "think")
_RUSSIAN = Locale("ru")


def money(amount: Decimal | int | None, currency: str | None = "RUB") -> str:
    """`12 500,00 ₽` with non-breaking spaces. Floats are refused: they are not money."""
    if amount is None:
        return DASH
    if isinstance(amount, bool) or not isinstance(amount, Decimal | int):
        raise TypeError(f"{amount!r}: money is Decimal or int, not {type(amount).__name__}")
    digits = f"{abs(Decimal(amount)):,.2f}".replace(",", NBSP).replace(".", ",")
    sign = MINUS if amount < 0 else ""
    return f"{sign}{digits}{NBSP}{_symbol(currency)}" if currency else f"{sign}{digits}"


@lru_cache(maxsize=64)
def _symbol(currency: str) -> str:
    return get_currency_symbol(currency, locale=_RUSSIAN)


def file_size(size: int | None) -> str:
    """`25 МБ`, `3,4 ГБ`: as people say how large a file is; units are of 1000."""
    if size is None:
        return DASH
    for unit, word in ((10**9, "ГБ"), (10**6, "МБ"), (10**3, "КБ")):
        if size >= unit:
            said = f"{size / unit:.1f}".removesuffix(".0").replace(".", ",")
            return f"{said}{NBSP}{word}"
    return f"{size}{NBSP}байт"


def date(day: dt.date | None, zone: str | None = None) -> str:
    """`24.11.2026`. An instant needs the zone whose day is meant."""
    if day is None:
        return DASH
    if isinstance(day, dt.datetime):
        day = _local(day, zone).date()
    return day.strftime("%d.%m.%Y")


def date_words(day: dt.date | None, weekday: bool = False) -> str:
    """`24 ноября 2026`, or `вторник, 24 ноября` for headings."""
    if day is None:
        return DASH
    return format_date(day, "EEEE, d MMMM" if weekday else "d MMMM y", locale=_RUSSIAN)


def time(moment: dt.datetime | dt.time | None, zone: str | None = None) -> str:
    """`09:30`. An instant is shown in `zone`, a wall-clock time as it is."""
    if moment is None:
        return DASH
    if isinstance(moment, dt.datetime):
        moment = _local(moment, zone)
    return f"{moment.hour:02}:{moment.minute:02}"


def datetime(moment: dt.datetime | None, zone: str | None = None) -> str:
    """`24.11.2026, 09:30` in `zone`."""
    if moment is None:
        return DASH
    return _local(moment, zone).strftime("%d.%m.%Y, %H:%M")


def _local(moment: dt.datetime, zone: str | None) -> dt.datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    if zone is None:
        raise ValueError("an instant is shown in a zone: pass ctx.clinic.time_zone")
    return moment.astimezone(ZoneInfo(zone))


def phone(number: str | None) -> str:
    """`+7 912 340-12-89`; what is not a number stays as it was written."""
    if not number:
        return DASH
    return _phone(number)


@lru_cache(maxsize=8192)
def _phone(number: str) -> str:
    try:
        parsed = phonenumbers.parse(number, "RU")
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def initials_name(full_name: str | None) -> str:
    """`Фамилия И. О.` of «Фамилия Имя Отчество»."""
    if not full_name or not full_name.strip():
        return DASH
    last, *others = full_name.split()
    return NBSP.join([last, *(f"{word[0]}." for word in others[:2])])


def initials(full_name: str | None) -> str:
    """Two letters for an avatar: of the last and the first name."""
    match (full_name or "").split(maxsplit=2):
        case [last, first, *_]:
            return (last[0] + first[0]).upper()
        case [name]:
            return name[0].upper()
    return "?"


def colour_of(key: object) -> str:
    """A status colour that stays the same for the same person."""
    digest = hashlib.blake2b(str(key).encode(), digest_size=2).digest()
    return AVATAR_COLOURS[int.from_bytes(digest) % len(AVATAR_COLOURS)]


def plural(count: int | Decimal, one: str, few: str, many: str) -> str:
    """`1 пациент`, `2 пациента`, `5 пациентов`; fractions take the second form."""
    kind, number = _counted(count)
    word = {"one": one, "few": few, "many": many}.get(kind, few)
    return f"{number}{NBSP}{word}"


@lru_cache(maxsize=1024)
def _counted(count: int | Decimal) -> tuple[str, str]:
    return _RUSSIAN.plural_form(count), format_decimal(count, locale=_RUSSIAN).replace("\u202f", NBSP)


def age(born: dt.date | None, today: dt.date) -> str:
    """`34 года` on `today`; under two years in months."""
    if born is None:
        return DASH
    months = (today.year - born.year) * 12 + today.month - born.month - (today.day < born.day)
    if months < 24:
        return plural(max(months, 0), "месяц", "месяца", "месяцев")
    return plural(months // 12, "год", "года", "лет")


def mark(text: str, query: str | None) -> Markup:
    """`text` escaped, with the first place where `query` occurs marked."""
    start = text.casefold().find(query.casefold()) if query else -1
    if start < 0 or not query:
        return html(escaped_text(text))
    end = start + len(query)
    parts = (escaped_text(part) for part in (text[:start], text[start:end], text[end:]))
    return html("{}<mark>{}</mark>{}".format(*parts))


FILTERS = {
    "file_size": file_size,
    "money": money,
    "date": date,
    "date_words": date_words,
    "time": time,
    "datetime": datetime,
    "phone": phone,
    "initials_name": initials_name,
    "initials": initials,
    "colour_of": colour_of,
    "plural": plural,
    "age": age,
    "mark": mark,
}
