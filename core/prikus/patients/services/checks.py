"""Checksums of СНИЛС and ИНН. A wrong one is a warning, never a block (PAT-04)."""

from __future__ import annotations

from prikus.patients.services.names import digits_of

INN_FIRST = (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
INN_SECOND = (3, *INN_FIRST)


def snils_fits(text: str) -> bool:
    """Whether the text has the eleven digits of a СНИЛС with the right checksum."""
    digits = digits_of(text)
    if len(digits) != 11:
        return False
    total = sum(int(digit) * place for digit, place in zip(digits[:9], range(9, 0, -1), strict=True))
    return total % 101 % 100 == int(digits[9:])


def inn_fits(text: str) -> bool:
    """Whether the text has the twelve digits of a person's ИНН with the right checksums."""
    digits = [int(digit) for digit in digits_of(text)]
    return len(digits) == 12 and _inn(digits, INN_FIRST) == digits[10] and _inn(digits, INN_SECOND) == digits[11]


def _inn(digits: list[int], weights: tuple[int, ...]) -> int:
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=False)) % 11 % 10


def doubts(snils: str | None, inn: str | None) -> list[str]:
    """A sentence for each number that looks mistyped."""
    found = []
    if snils and not snils_fits(snils):
        found.append("Проверьте СНИЛС: контрольное число не сходится.")
    if inn and not inn_fits(inn):
        found.append("Проверьте ИНН: контрольное число не сходится.")
    return found
