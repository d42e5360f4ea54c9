"""The address of the page being rendered, from which sort, pager and filter links are made."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import msgspec


class Here(msgspec.Struct, frozen=True):
    """Path and query of the current request."""

    path: str
    query: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, path: str, query: str) -> Here:
        """Query is the raw string after `?`."""
        return cls(path, tuple(parse_qsl(query, keep_blank_values=True)))

    def get(self, name: str, default: str = "") -> str:
        """First value of a parameter."""
        return next((value for key, value in self.query if key == name), default)

    def all(self, name: str) -> list[str]:
        """All values of a parameter."""
        return [value for key, value in self.query if key == name]

    def with_(self, **changes: object) -> str:
        """The same address with parameters replaced; `None` and empty text remove one, a list repeats it."""
        kept = [(key, value) for key, value in self.query if key not in changes]
        for key, value in changes.items():
            values = value if isinstance(value, list | tuple) else [value]
            kept += [(key, str(one)) for one in values if one is not None and one != ""]
        return f"{self.path}?{urlencode(kept)}" if kept else self.path

    def without(self, name: str, value: str) -> str:
        """The same address with one of several values of a parameter taken out."""
        return self.with_(**{name: [one for one in self.all(name) if one != value]})
