"""Text of pages without the machinery of `markupsafe`, which every page would pay for a thousand times."""

from __future__ import annotations

from functools import partial
from typing import Any

from markupsafe import Markup, escape

try:
    from markupsafe._speedups import _escape_inner as escaped_text
except ImportError:  # the wheel without C, or another version of it

    def escaped_text(text: str, /) -> str:
        return str(escape(text))


html = partial(str.__new__, Markup)
"""A finished piece of HTML, as `Markup`, which would look first whether it was given one."""


def shown(value: Any) -> str:
    """The value as text of a page: escaped, unless it is HTML already."""
    kind = type(value)
    if kind is str:
        return escaped_text(value)
    if kind is Markup:
        return value
    return escape(value)
