"""Proving that nobody is in two places at a time (CAL-08)."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from prikus_calendar.models import LONGEST

DOUBLES = """
    select a.id, b.id from calendar.appointment a join calendar.appointment b
      on b.clinic_id = a.clinic_id and b.{0} = a.{0} and b.id <> a.id
        and b.starts_at >= a.starts_at and b.starts_at < a.ends_at and (b.starts_at > a.starts_at or b.id > a.id)
    where a.occupies and b.occupies and not a.overlap_ok and not b.overlap_ok
      and b.starts_at < a.starts_at + make_interval(secs => :longest)
"""
RESOURCES = {"chair_id": "одно кресло", "doctor_id": "один врач", "patient_id": "один пациент"}


async def check_bookings(db: AsyncSession) -> list[str]:
    """Bookings that take one chair, doctor or patient at a time without permission, a sentence each."""
    found = []
    for column, words in RESOURCES.items():
        rows = await db.execute(text(DOUBLES.format(column)), {"longest": LONGEST.total_seconds()})
        found += [f"Приёмы {first} и {second} (id) в одно время: {words}." for first, second in rows]
    return found
