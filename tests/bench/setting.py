"""What the servers know that are compared with ours."""

from __future__ import annotations

import datetime as dt

import msgspec

FIRST_DAY, SLOTS = dt.date(2032, 1, 5), 40
"""They book from this day on, so many times of a day."""


class Setting(msgspec.Struct):
    """What the bench tells the servers that it compares with. `kinds` are the heads of work by the event's name."""

    url: str
    clinic: int
    branch: int
    entity: int
    doctor: int
    chair: int
    status: int
    service: int
    zone: str
    kinds: dict[str, list[str]]
    methods: list[int]
    invoices: list[int]
    patients: list[int]
