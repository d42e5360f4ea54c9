"""What does not fit in a program's request, as a sentence beside each name (API-01)."""

from __future__ import annotations

import re
from typing import Any

from litestar.exceptions import ValidationException

MISSING = re.compile(r"Missing required (?:query|header|cookie) parameter '([^']+)'")
WITHOUT = re.compile(r"missing required field `([^`]+)`")
UNKNOWN = re.compile(r"contains unknown field `([^`]+)`")
AT = re.compile(r"at `\$\.?([^`]*)`")
KEY = "Idempotency-Key"
NAMES = {"idempotency_key": KEY}
SENTENCES = {KEY: f"Нужен заголовок {KEY}: от 8 до 100 знаков, свой у каждого действия."}
NEEDED = "Заполните это поле."
STRANGE = "Такого поля здесь нет."
UNFIT = "Значение не подходит: вид и пределы названы в описании."
PATH = "path"


def is_elsewhere(error: ValidationException) -> bool:
    """Whether the address itself does not fit its types: then nothing is there."""
    return any(part.get("source") == PATH for part in _parts(error))


def fields_of(error: ValidationException) -> dict[str, str]:
    """The names of what does not fit: parameters as the description calls them, fields of the body by their path."""
    if missing := MISSING.search(error.detail):
        return {missing[1]: SENTENCES.get(missing[1], NEEDED)}
    return dict(_told(part) for part in _parts(error))


def _parts(error: ValidationException) -> list[dict[str, Any]]:
    return [part for part in error.extra or () if isinstance(part, dict)]


def _told(part: dict[str, Any]) -> tuple[str, str]:
    key: str = part.get("key", "")
    if part.get("source") != "body":
        name = NAMES.get(key, key)
        return name, SENTENCES.get(name, UNFIT)
    message = part.get("message", "")
    place = found[1] if (found := AT.search(message)) else ""
    for pattern, sentence in ((WITHOUT, NEEDED), (UNKNOWN, STRANGE)):
        if found := pattern.search(message):
            return ".".join(filter(None, (place, found[1]))), sentence
    return place or key, UNFIT
