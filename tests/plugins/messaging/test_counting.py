"""How many parts a text needs."""

from __future__ import annotations

import pytest

from prikus_messaging.services.counting import count_parts

TEXTS = {
    "": (0, 0, 160),
    "a" * 160: (160, 1, 0),
    "a" * 161: (161, 2, 145),
    "a" * 306: (306, 2, 0),
    "a" * 307: (307, 3, 152),
    "ж" * 70: (70, 1, 0),
    "ж" * 71: (71, 2, 63),
    "ж" * 134: (134, 2, 0),
    "ж" * 135: (135, 3, 66),
    "€" * 80: (160, 1, 0),
    "€" * 81: (162, 2, 143),
    "a" * 152 + "€" + "a" * 10: (164, 2, 141),
    "ж" * 66 + "😀" + "ж" * 3: (71, 2, 62),
    "Ёлка": (4, 1, 66),
    "it`s": (4, 1, 66),
    "line\nline": (9, 1, 151),
}
"""Text → signs, parts, left in the last. No escape sign and no half of a pair begins a part."""


@pytest.mark.spec("CRM-28", part="counter", bites="prikus_messaging.services.counting:count_parts:parts, used =")
@pytest.mark.parametrize("text", TEXTS)
def test_parts_are_those_of_the_network(text: str) -> None:
    found = count_parts(text)
    assert (found.signs, found.parts, found.left) == TEXTS[text]


def test_one_sign_outside_the_alphabet_shortens_all() -> None:
    assert not count_parts("a" * 70).is_unicode
    assert count_parts("a" * 70 + "ы").parts == 2
