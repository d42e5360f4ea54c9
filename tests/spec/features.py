"""The list of requirements, `docs/features.md`: one table for each section, one row for each id."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .marks import Mark

DONE = "done"
PARTLY = "partly"

_HEADING = re.compile(r"^## (?P<title>.+)$")
_ROW = re.compile(r"^\| (?P<id>[A-Z]+-\d+) \| (?P<title>[^|]+) \| (?P<plugin>[^|]+) \|(?P<state>[^|]*)\|$")


@dataclass(frozen=True)
class Feature:
    id: str
    title: str
    plugin: str
    state: str


@dataclass(frozen=True)
class Section:
    title: str
    features: tuple[Feature, ...]


def parse(text: str) -> list[Section]:
    """The sections that hold requirements, in the order of the file."""
    found: list[tuple[str, list[Feature]]] = []
    for line in text.splitlines():
        if heading := _HEADING.match(line):
            found.append((heading["title"], []))
        elif row := _ROW.match(line):
            found[-1][1].append(Feature(*(value.strip() for value in row.groups())))
    return [Section(title, tuple(features)) for title, features in found if features]


def states(marks: Iterable[Mark]) -> dict[str, str]:
    """`done` where a mark claims the whole requirement, `partly: …` with the parts where none does."""
    parts: dict[str, set[str | None]] = {}
    for mark in marks:
        for id_ in mark.ids:
            parts.setdefault(id_, set()).add(mark.part)
    return {
        id_: DONE if None in named else f"{PARTLY}: {', '.join(sorted(part for part in named if part))}"
        for id_, named in parts.items()
    }


def with_states(text: str, proven: dict[str, str]) -> str:
    """The same file with its state column written anew."""
    return "".join(_with_state(line, proven) for line in text.splitlines(keepends=True))


def _with_state(line: str, proven: dict[str, str]) -> str:
    row = _ROW.match(line)
    if row is None:
        return line
    state = proven.get(row["id"], "")
    return f"| {row['id']} | {row['title']} | {row['plugin']} | {state}{' ' if state else ''}|\n"
