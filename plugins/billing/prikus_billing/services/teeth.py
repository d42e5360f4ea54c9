"""Numbers of teeth by the two-digit scheme of the FDI."""

from __future__ import annotations

import re

PERMANENT, PRIMARY = range(1, 5), range(5, 9)
TOOTH = re.compile(r"([1-8])\.?([1-8])", re.ASCII)
SENTENCE = "Укажите зубы номерами, например 1.4, 2.6."


def read_teeth(text: str | None) -> str | None:
    """«14, 2.6 26» → «1.4, 2.6»: each tooth once, in the order of writing. Raises ValueError with a sentence."""
    if text is None:
        return None
    found = dict.fromkeys(_read_tooth(word) for word in re.split(r"[\s,;]+", text.strip()) if word)
    return ", ".join(found) or None


def _read_tooth(word: str) -> str:
    match = TOOTH.fullmatch(word)
    if match is None:
        raise ValueError(SENTENCE)
    quadrant, place = int(match[1]), int(match[2])
    if quadrant in PRIMARY and place > 5:
        raise ValueError(f"Молочного зуба {quadrant}.{place} не бывает. {SENTENCE}")
    return f"{quadrant}.{place}"
