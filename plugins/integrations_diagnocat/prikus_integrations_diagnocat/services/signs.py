"""What signs are called. The service tells only their numbers, so that a clinic names those that it has recognised."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from prikus.toolkit import Invalid

LINE = re.compile(r"\s*№?\s*(\w[\w.-]*)\s*[=:]\s*(\S.*)")
HIDE = "скрыть"
WRONG = "Не понимаем «{line}». Пишите так: 1044=Кариес; 1000=скрыть"


class Signs(msgspec.Struct, frozen=True):
    """Names by number; numbers that the clinic does not want to see."""

    names: Mapping[str, str] = {}
    hidden: frozenset[str] = frozenset()

    def title(self, id: str) -> str:
        return self.names.get(id) or f"Признак №{id}"


def read_signs(text: str) -> Signs:
    """The names as the clinic has typed them, in any lines. Raises `Invalid` beside `signs`."""
    found: dict[str, str] = {}
    for line in filter(str.strip, re.split(r"[;\n]", text)):
        match = LINE.fullmatch(line)
        if match is None:
            raise Invalid({"signs": WRONG.format(line=line.strip())})
        found[match[1]] = match[2].strip()
    hidden = frozenset(id for id, name in found.items() if name.casefold() == HIDE)
    return Signs({id: name for id, name in found.items() if id not in hidden}, hidden)
