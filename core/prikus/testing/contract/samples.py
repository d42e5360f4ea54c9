"""Samples: requests that work for their owner, and what becomes of them when another clinic's numbers stand in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from httpx import Response

from prikus.testing.clinics import Client

PARAMETER = re.compile(r"\{(\w+):\w+\}")
WORD = re.compile(r"\{(\w+):str\}")
MISSING = 2**40
"""A number that no row has."""


class Id(int):
    """The number of a row of the clinic. A foreign one is answered with 404, or in a form with 422 beside its field."""


class Filter(Id):
    """A number that narrows what is shown, or a preference. A foreign one is as good as one that nobody has."""


class Bound(Id):
    """A number that must agree with another one of the request: a foreign one does not, as one that nobody has.

    The service's own rule refuses it (404 or 422), so that it cannot leak with open policies either.
    """


class Place(msgspec.Struct, frozen=True):
    """Where a number stands: the part of the request, the name there, the position in a list."""

    part: str
    name: str
    position: int | None = None

    def __str__(self) -> str:
        return f"{self.part} {self.name}" + ("" if self.position is None else f"[{self.position}]")


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One request of the owner. Numbers of rows are `Id` or `Filter`, wherever they stand; lists may hold them.

    The answer to a GET shows the marker, that to a POST changes something, unless said otherwise here. A sample works
    whatever the others did before it: what is deleted, or read at a `row_version`, is its own. `case` tells apart
    samples of one route that need different rights.
    """

    method: str
    path: str
    at: Mapping[str, Any] = {}
    query: Mapping[str, Any] = {}
    form: Mapping[str, Any] | None = None
    json: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = {}
    cookies: Mapping[str, Any] = {}
    case: str = ""
    shows: bool | None = None
    changes: bool | None = None

    @property
    def is_to_show(self) -> bool:
        return self.method == "GET" if self.shows is None else self.shows

    @property
    def is_to_change(self) -> bool:
        return self.method == "POST" and not self.shows if self.changes is None else self.changes

    @property
    def address(self) -> str:
        return PARAMETER.sub(lambda found: str(self.at[found[1]]), self.path)

    @property
    def line(self) -> str:
        """Its line in the table of rights: the route, with words in the place of textual parameters, and the case."""
        words = WORD.sub(lambda found: str(self.at[found[1]]), self.path)
        return f"{self.method} {words}" + (f" ({self.case})" if self.case else "")

    def places(self) -> Iterator[tuple[Place, Id]]:
        """Every number of a row with where it stands."""
        for part in ("at", "query", "form", "json", "cookies"):
            for name, value in (getattr(self, part) or {}).items():
                if isinstance(value, Id):
                    yield Place(part, name), value
                for position, one in enumerate(value if isinstance(value, Sequence) else ()):
                    if isinstance(one, Id):
                        yield Place(part, name, position), one

    def value(self, place: Place) -> Any:
        found = getattr(self, place.part)[place.name]
        return found if place.position is None else found[place.position]

    def swapped(self, place: Place, number: int) -> Sample:
        """The same request with another number in one place."""
        given = dict(getattr(self, place.part))
        if place.position is None:
            given[place.name] = number
        else:
            given[place.name] = [*given[place.name]]
            given[place.name][place.position] = number
        return msgspec.structs.replace(self, **{place.part: given})

    async def sent(self, client: Client) -> Response:
        """The answer to it."""
        cookies = "; ".join(f"{name}={value}" for name, value in (*client.cookies.items(), *self.cookies.items()))
        return await client.request(
            self.method,
            self.address,
            params=dict(self.query) or None,
            data=dict(self.form) if self.form is not None else None,
            json=dict(self.json) if self.json is not None else None,
            headers={**self.headers, "cookie": cookies},
        )

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def shown(answer: Response, marker: str) -> bool:
    """Whether the marker stands in an answer, body or headers."""
    return marker.lower() in f"{answer.text} {answer.headers}".lower()


def is_refused(answer: Response, place: Place) -> bool:
    """404; in a form or a JSON body also 422 that names the field."""
    if answer.status_code == 404:
        return True
    if answer.status_code != 422 or place.part not in ("form", "json"):
        return False
    return place.name in answer.json()["fields"]
