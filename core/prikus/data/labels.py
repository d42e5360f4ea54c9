"""`metadata` of programs on a row: what they need to find their own things again, and we never read (API-01)."""

from __future__ import annotations

from collections.abc import Mapping

from prikus.errors import Invalid

MOST_KEYS = 50
LONGEST_KEY = 40
LONGEST_VALUE = 500


def merged_metadata(known: Mapping[str, str], given: Mapping[str, str | None]) -> dict[str, str]:
    """`known` with the `given` words; None takes a key away. Raises `Invalid` beside `metadata`."""
    found = {key: value for key, value in {**known, **given}.items() if value is not None}
    wrong = None
    if len(found) > MOST_KEYS:
        wrong = f"Ключей не больше {MOST_KEYS}."
    elif any(not 1 <= len(key) <= LONGEST_KEY for key in found):
        wrong = f"Ключ – от 1 до {LONGEST_KEY} знаков."
    elif any(len(value) > LONGEST_VALUE for value in found.values()):
        wrong = f"Значение не длиннее {LONGEST_VALUE} знаков."
    elif any("\0" in text for pair in found.items() for text in pair):
        wrong = "В тексте есть недопустимый знак."
    if wrong:
        raise Invalid({"metadata": wrong})
    return found
