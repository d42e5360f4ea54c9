"""Three weeks of calls of a demo clinic: more in the morning, most of them of patients, missed ones called back.

The generator is pure: the same day, people and seed give the same rows.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from prikus.toolkit import Demo, PastFact, Patient, tell_past
from prikus_telephony.events import PatientCall
from prikus_telephony.models import PhoneCall

WEEKS = 3
HOURS = {9: 10, 10: 12, 11: 11, 12: 8, 13: 6, 14: 6, 15: 7, 16: 8, 17: 8, 18: 7, 19: 4, 20: 2}
LINES = ("+74951234567", "+74951234568")
A_CALL_FOR = 150
"""Patients for each call of a day."""
FEWEST, SUNDAYS = 4, 7
INCOMING, ANSWERED, TAKEN, KNOWN, CALLED_BACK = 0.68, 0.84, 0.78, 0.8, 0.9


def calls(
    today: dt.date, zone: ZoneInfo, patients: Mapping[str, int], clerks: Sequence[int], a_day: int, random: Random
) -> Iterator[dict[str, Any]]:
    """Rows of `PhoneCall`, in the order of time. `patients` are ids by number."""
    numbers = list(patients)
    for back in range(WEEKS * 7, 0, -1):
        day = today - dt.timedelta(days=back)
        if day.isoweekday() == SUNDAYS:
            continue
        count = max(FEWEST, round(random.gauss(a_day, a_day / 5)))
        minutes = sorted(
            hour * 60 + random.randint(0, 59) for hour in random.choices(list(HOURS), list(HOURS.values()), k=count)
        )
        for n, minute in enumerate(minutes):
            at = dt.datetime.combine(day, dt.time(minute // 60, minute % 60, random.randint(0, 59)), zone)
            is_known = numbers and random.random() < KNOWN
            number = random.choice(numbers) if is_known else f"+7999{random.randint(0, 9_999_999):07d}"
            yield _call(f"demo-{day:%m%d}-{n}", at.astimezone(dt.UTC), number, patients.get(number), clerks, random)


def _call(
    external_id: str, at: dt.datetime, number: str, patient: int | None, clerks: Sequence[int], random: Random
) -> dict[str, Any]:
    is_incoming = random.random() < INCOMING
    is_answered = random.random() < (ANSWERED if is_incoming else TAKEN)
    place = random.randrange(len(clerks))
    rings, seconds = random.randint(3, 18), round(min(900, random.lognormvariate(4.4, 0.8)))
    is_done = not is_answered and is_incoming and random.random() < CALLED_BACK
    answered_at = at + dt.timedelta(seconds=rings) if is_answered else None
    return {
        "external_id": external_id,
        "direction": "in" if is_incoming else "out",
        "state": "finished",
        "started_at": at,
        "answered_at": answered_at,
        "ended_at": (answered_at or at) + dt.timedelta(seconds=seconds if is_answered else 25),
        "seconds": seconds if is_answered else None,
        "is_answered": is_answered,
        "client_number": number,
        "virtual_number": random.choice(LINES) if is_incoming else None,
        "extension": str(101 + place) if is_answered or not is_incoming else None,
        "staff_id": clerks[place] if is_answered or not is_incoming else None,
        "patient_id": patient,
        "recording_id": external_id if is_answered else None,
        "done_at": at + dt.timedelta(minutes=random.randint(4, 50)) if is_done else None,
        "done_by_id": clerks[place] if is_done else None,
    }


async def load(demo: Demo) -> None:
    """Calls over no exchange yet: the demo of one may take them over by `public.take_over`."""
    found = (await demo.db.execute(select(Patient.phone_digits, Patient.id).order_by(Patient.id))).all()
    shared = Counter(digits for digits, _ in found)
    patients = {f"+{digits}": id for digits, id in found if digits and shared[digits] == 1}
    clerks = demo.made["administrators"] or [demo.made["head"]]
    a_day = demo.size.patients // A_CALL_FOR
    rows = list(calls(demo.today, demo.clinic.zone, patients, clerks, a_day, demo.random("telephony")))
    ids = await demo.add(PhoneCall, rows, "звонки")
    await tell_past(demo, _facts(ids, rows), "события звонков")


def _facts(ids: Sequence[int], rows: Sequence[dict[str, Any]]) -> Iterator[PastFact]:
    for id, row in zip(ids, rows, strict=True):
        if row["patient_id"] is not None:
            said = {name: row[name] for name in ("patient_id", "direction", "is_answered", "seconds")}
            yield PastFact(PatientCall(call_id=id, **said), row["ended_at"], row["staff_id"])
