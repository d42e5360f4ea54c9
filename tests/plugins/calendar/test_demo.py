"""The demo's working time and appointments: believable, without overlaps, the same for the same seed."""

import datetime as dt
from itertools import pairwise
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from prikus_calendar.demo import Booker, DemoDoctor, shifts
from prikus_calendar.models import MEANINGS

ZONE = ZoneInfo("Asia/Yekaterinburg")
TODAY = dt.date(2026, 11, 24)
SPECIALITIES = ("Стоматолог-терапевт", "Стоматолог-хирург", "Стоматолог-ортопед", "Ортодонт", "Гигиенист")
DOCTORS = [DemoDoctor(n, SPECIALITIES[n % 5], 1 + n // 5, 1 + n % 8) for n in range(10)]
NOW = dt.datetime(2026, 11, 24, 8, 0, tzinfo=dt.UTC)


def generated(seed: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    random = Random(seed)
    days = TODAY - dt.timedelta(days=60), TODAY + dt.timedelta(days=14)
    working = list(shifts(DOCTORS, *days, ZONE, random))
    statuses = {meaning: n for n, meaning in enumerate(MEANINGS)}
    types = {name: n for n, name in enumerate(("Первичный", "Повторный", "Лечение", "Гигиена"))}
    booker = Booker(DOCTORS, range(600), statuses, types, NOW, random)
    return working, [row for shift in working for row in booker.appointments(shift)]


def test_the_same_seed_gives_the_same_rows_and_another_seed_others() -> None:
    assert generated(7) == generated(7)
    assert generated(7) != generated(8)


def test_nobody_and_no_chair_is_taken_twice() -> None:
    working, booked = generated(7)
    assert not overlaps(working, "staff_id")
    assert not overlaps(working, "chair_id")
    for resource in ("chair_id", "doctor_id", "patient_id"):
        assert not overlaps(booked, resource)


def overlaps(rows: list[dict[str, Any]], resource: str) -> list[tuple[Any, Any]]:
    ordered = sorted(rows, key=lambda row: (row[resource], row["starts_at"]))
    pairs = pairwise(ordered)
    return [(a, b) for a, b in pairs if a[resource] == b[resource] and b["starts_at"] < a["ends_at"]]


def test_chairs_are_filled_to_two_thirds_and_appointments_stay_in_working_time() -> None:
    working, booked = generated(7)
    hours = {(row["chair_id"], row["staff_id"], row["business_date"]): row for row in working}
    for row in booked:
        shift = hours[row["chair_id"], row["doctor_id"], row["business_date"]]
        assert shift["starts_at"] <= row["starts_at"] < row["ends_at"] <= shift["ends_at"]
    load = length(booked) / length(working)
    assert 0.6 < load < 0.85


def length(rows: list[dict[str, Any]]) -> float:
    return sum((row["ends_at"] - row["starts_at"]).total_seconds() for row in rows)


def test_statuses_follow_the_age_of_the_appointment() -> None:
    _, booked = generated(7)
    names = dict(enumerate(MEANINGS))
    past = {names[row["status_id"]] for row in booked if row["ends_at"] <= NOW}
    future = {names[row["status_id"]] for row in booked if row["starts_at"] > NOW + dt.timedelta(hours=1)}
    assert past == {"finished", "missed", "cancelled", "sanitized", "thinking"}
    assert future == {"planned", "confirmed", "cancelled"}
    assert all(row["created_at"] <= min(row["starts_at"], NOW) for row in booked)
