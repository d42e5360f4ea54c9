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
    for line in _lines(text):
        if LINE.fullmatch(line) is None:
            raise Invalid({"signs": WRONG.format(line=line.strip())})
    return known_signs(text)


def known_signs(text: str) -> Signs:
    """The names that can be read. «Сохранить» keeps any words, and results must not be lost by a slip in them."""
    matches = filter(None, map(LINE.fullmatch, _lines(text)))
    found = {match[1]: match[2].strip() for match in matches}
    hidden = frozenset(id for id, name in found.items() if name.casefold() == HIDE)
    return Signs({id: name for id, name in found.items() if id not in hidden}, hidden)


def _lines(text: str) -> list[str]:
    return [line for line in re.split(r"[;\n]", text) if line.strip()]
