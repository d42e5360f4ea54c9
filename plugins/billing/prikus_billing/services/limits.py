"""Sums and reasons as people give them: what is refused beside the field."""

from __future__ import annotations

from decimal import Decimal

from prikus.toolkit import Invalid

LARGEST = Decimal(10) ** 11
LONGEST_REASON = 500


def check_sum(field: str, amount: Decimal, least: Decimal = Decimal(0)) -> None:
    """Raise `Invalid` beside the field for a sum below `least` or too large for the books."""
    if sentence := wrong_sum(amount, least):
        raise Invalid({field: sentence})


def wrong_sum(amount: Decimal, least: Decimal = Decimal(0)) -> str | None:
    """What is wrong with a sum, as a sentence."""
    if amount < least:
        return "Укажите сумму больше нуля." if least else "Сумма не может быть отрицательной."
    return "Сумма слишком велика." if amount >= LARGEST else None


def stripped_reason(words: str, missing: str = "") -> str:
    """The reason without blanks around it. Raises `Invalid` when it is too long, or `missing` when it is asked for."""
    reason = words.strip()
    if missing and not reason:
        raise Invalid({"reason": missing})
    if len(reason) > LONGEST_REASON:
        raise Invalid({"reason": f"Слишком длинно: не больше {LONGEST_REASON} знаков."})
    return reason
