"""Names as people write them and as machines sort them."""

from __future__ import annotations


def short_name(last: str, first: str, patronymic: str | None) -> str:
    """«Фамилия И. О.»"""
    initials = " ".join(f"{part[0]}." for part in (first, patronymic) if part)
    return f"{last} {initials}".strip()


def full_name(last: str, first: str, patronymic: str | None) -> str:
    """«Фамилия Имя Отчество»"""
    return " ".join(part for part in (last, first, patronymic) if part)


def sort_key(*parts: str | None) -> str:
    """Lower case with «ё» as «е»: the order of a Russian dictionary, and what prefixes are compared with."""
    return " ".join(part for part in parts if part).lower().replace("ё", "е")
