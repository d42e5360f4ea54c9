"""Small helpers of the macros: attributes, columns, keys, ids. Public in templates, used by nobody else."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Literal

import msgspec
from babel.numbers import get_currency_symbol
from jinja2 import Undefined
from markupsafe import Markup

from prikus.ui.descriptors import MenuItem, Section
from prikus.ui.escaping import html, shown

_KEYS = {"Slash": "/", "Escape": "Esc"}


class Column(msgspec.Struct, frozen=True):
    """One column of `ui.table`."""

    title: str
    sort: str | None
    css: str
    hidden_title: bool


def col(
    title: str,
    sort: str | None = None,
    *,
    align: Literal["start", "end"] = "start",
    wide: bool = False,
    hidden_title: bool = False,
) -> Column:
    """A column. `sort` is the value sent as `?sort=`; a hidden title is only read aloud.

    `wide` columns vanish on a phone: give their cells the class `ui-wide` too.
    """
    css = " ".join(name for name, on in (("ui-end", align == "end"), ("ui-wide", wide)) if on)
    return Column(title, sort, css, hidden_title)


def attrs(values: Mapping[str, object]) -> Markup:
    """HTML attributes, escaped: `hx_get` is `hx-get`, True is a bare attribute, None and False are left out."""
    written = []
    for name, value in values.items():
        if value is None or value is False or type(value) is Undefined:  # the latter is `x if y` without else
            continue
        key = _attribute(name)
        written.append(key if value is True else f'{key}="{_quoted(value)}"')
    return html(" ".join(written))


def _quoted(value: object) -> str:
    """What is markup already, such as JSON by `tojson`, may still hold the sign that ends an attribute."""
    return str.replace(shown(value), '"', "&#34;")


@lru_cache(maxsize=512)
def _attribute(name: str) -> str:
    key = name.rstrip("_").replace("_", "-")
    if not key.replace("-", "").replace(":", "").isalnum():
        raise ValueError(f"{name!r} cannot be the name of an attribute")
    return key


def key_name(code: str) -> str:
    """What is printed on the key: `KeyN` → `N`, `Digit1` → `1`, `Slash` → `/`."""
    return _KEYS.get(code, code.removeprefix("Key").removeprefix("Digit"))


def currency_sign(currency: str) -> str:
    """`₽` for RUB."""
    return get_currency_symbol(currency, locale="ru")


def typed_day(value: dt.date | str | None) -> str:
    """A day as people read it, from an address too: `2026-11-24` → `24.11.2026`; anything else is `…`."""
    if isinstance(value, str):
        try:
            value = dt.date.fromisoformat(value)
        except ValueError:
            return "…"
    return value.strftime("%d.%m.%Y") if value else "…"


def new_id(name: str) -> str:
    """An id for a field: a page and its side panel may hold fields of one name."""
    return f"{name}-{secrets.token_hex(3)}"


def in_section(menu: Iterable[MenuItem], section: Section) -> list[MenuItem]:
    """The section's items in their order."""
    return sorted((item for item in menu if item.section == section), key=lambda item: (item.order, item.title))


def current_item(menu: Iterable[MenuItem], path: str) -> str | None:
    """Address of the item that the page belongs to: the longest that begins its path."""
    places = (item.href for item in menu if item.section != "create")
    return max((href for href in places if f"{path}/".startswith(f"{href.rstrip('/')}/")), key=len, default=None)


MARKUP_FILTERS = {
    "attrs": attrs,
    "key_name": key_name,
    "currency_sign": currency_sign,
    "typed_day": typed_day,
    "in_section": in_section,
    "current_item": current_item,
}
MARKUP_GLOBALS = {"col": col, "new_id": new_id}
