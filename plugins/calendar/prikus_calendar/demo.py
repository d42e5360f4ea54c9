"""Working time and appointments of a demo clinic: a year back, two weeks ahead, chairs filled to two thirds.

The generators are pure: the same seed, day and people give the same rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select

from prikus.toolkit import Demo, PastFact, StaffMember, short_name, tell_past
from prikus_calendar.events import AppointmentCreated, AppointmentStatusChanged
from prikus_calendar.models import Appointment, AppointmentStatus, Shift, VisitType

MORNING, EVENING, LONG = (9, 15), (15, 21), (9, 18)
NOON = dt.time(13)
LENGTHS = {
    "Гигиенист": (45, 60, 60),
    "Ортодонт": (30, 30, 45, 60),
    "Стоматолог-хирург": (30, 45, 60, 90),
    "Стоматолог-ортопед": (45, 60, 60, 90),
}
USUAL_LENGTHS = (30, 45, 60, 60, 75, 90)
PAUSES = (0, 0, 0, 15, 15, 30, 45, 60)
PAST = {"finished": 83, "missed": 6, "cancelled": 7, "sanitized": 2, "thinking": 2}
FUTURE = {"planned": 55, "confirmed": 42, "cancelled": 3}
SOURCES = {"phone": 55, "visit": 20, "site": 12, "messenger": 8, "recommendation": 5}
COMMENTS = {
    "Стоматолог-терапевт": ("Кариес 3.6", "Пульпит 1.6, эндодонтия", "Реставрация 2.1, 2.2", "Боль справа сверху"),
    "Стоматолог-хирург": ("Удаление 4.8", "Имплантация 3.6", "Снятие швов", "Синус-лифтинг слева"),
    "Стоматолог-ортопед": ("Препарирование 1.5", "Фиксация коронки 2.4", "Примерка протеза", "Сканирование"),
    "Ортодонт": ("Активация брекет-системы", "Слепки, фотопротокол", "Замена дуги", "Элайнеры, выдача"),
    "Гигиенист": ("Профессиональная гигиена", "Отбеливание", "Air Flow, полировка"),
}
COMMENTED = 0.5


class DemoDoctor(msgspec.Struct, frozen=True):
    """What is needed of a doctor: where and in what speciality."""

    id: int
    speciality: str
    branch_id: int
    chair_id: int


class DemoVisit(msgspec.Struct, frozen=True):
    """A finished appointment as the demo of others needs it. Instants are UTC."""

    patient_id: int
    doctor_id: int
    branch_id: int
    ends_at: dt.datetime
    business_date: dt.date
    speciality: str


def shifts(
    doctors: Sequence[DemoDoctor], first: dt.date, last: dt.date, zone: ZoneInfo, random: Random
) -> Iterator[dict[str, Any]]:
    """Rows of `Shift`. Two doctors of one chair change places every day; Sunday is free."""
    sharing = {chair: [d for d in doctors if d.chair_id == chair] for chair in {d.chair_id for d in doctors}}
    days_off = {doctor.id: random.randint(1, 5) for doctor in doctors}
    for day in _days(first, last):
        if day.isoweekday() == 7:
            continue
        for doctor in doctors:
            place = sharing[doctor.chair_id].index(doctor)
            saturday_free = day.isoweekday() == 6 and (day.toordinal() // 7 + place) % 2
            if day.isoweekday() == days_off[doctor.id] or saturday_free:
                continue
            if len(sharing[doctor.chair_id]) == 1:
                hours = LONG if doctor.id % 2 else (MORNING, EVENING)[day.toordinal() % 2]
            else:
                hours = (MORNING, EVENING)[(place + day.toordinal()) % 2]
            yield {
                "staff_id": doctor.id,
                "chair_id": doctor.chair_id,
                "branch_id": doctor.branch_id,
                "starts_at": _instant(day, hours[0], zone),
                "ends_at": _instant(day, hours[1], zone),
                "business_date": day,
            }


def _days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    for n in range((last - first).days + 1):
        yield first + dt.timedelta(days=n)


def _instant(day: dt.date, hour: int, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), zone).astimezone(dt.UTC)


class Booker:
    """Fills shifts with appointments, day after day; no patient is booked twice on a day."""

    def __init__(
        self,
        doctors: Sequence[DemoDoctor],
        patients: Sequence[int],
        statuses: dict[str, int],
        visit_types: dict[str, int],
        now: dt.datetime,
        random: Random,
    ) -> None:
        self._doctors = {doctor.id: doctor for doctor in doctors}
        self._patients = list(patients)
        self._statuses = statuses
        self._visit_types = visit_types
        self._now = now
        self._random = random
        self._seen: set[int] = set()
        self._busy: set[int] = set()
        self._day: dt.date | None = None

    def appointments(self, shift: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """Rows of `Appointment` of one shift. Shifts are given in the order of their days."""
        if shift["business_date"] != self._day:
            self._day, self._busy = shift["business_date"], set()
        speciality = self._doctors[shift["staff_id"]].speciality
        at = shift["starts_at"]
        while True:
            at += dt.timedelta(minutes=self._random.choice(PAUSES))
            ends_at = at + dt.timedelta(minutes=self._random.choice(LENGTHS.get(speciality, USUAL_LENGTHS)))
            if ends_at > shift["ends_at"]:
                return
            if (patient_id := self._patient()) is None:
                return
            yield self._row(shift, patient_id, speciality, at, ends_at)
            at = ends_at

    def _patient(self) -> int | None:
        for _ in range(50):
            found = self._random.choice(self._patients)
            if found not in self._busy:
                self._busy.add(found)
                return found
        return None

    def _row(
        self, shift: dict[str, Any], patient_id: int, speciality: str, at: dt.datetime, ends_at: dt.datetime
    ) -> dict[str, Any]:
        random = self._random
        meaning = self._meaning(at, ends_at)
        booked_at = min(at, self._now) - dt.timedelta(days=random.randint(0, 20), minutes=random.randint(5, 600))
        first = patient_id not in self._seen
        self._seen.add(patient_id)
        kind = (
            "Первичный"
            if first
            else "Гигиена"
            if speciality == "Гигиенист"
            else random.choice(("Лечение", "Повторный"))
        )
        cancelled = meaning == "cancelled"
        return {
            "patient_id": patient_id,
            "doctor_id": shift["staff_id"],
            "chair_id": shift["chair_id"],
            "branch_id": shift["branch_id"],
            "starts_at": at,
            "ends_at": ends_at,
            "business_date": shift["business_date"],
            "visit_type_id": self._visit_types[kind],
            "status_id": self._statuses[meaning],
            "occupies": meaning not in ("missed", "cancelled"),
            "comment": random.choice(COMMENTS[speciality]) if random.random() < COMMENTED else None,
            "source": _drawn(random, SOURCES),
            "cancelled_at": max(booked_at, min(at, self._now) - dt.timedelta(hours=3)) if cancelled else None,
            "cancel_reason": "Пациент попросил отменить" if cancelled else None,
            "created_at": booked_at,
        }

    def _meaning(self, at: dt.datetime, ends_at: dt.datetime) -> str:
        if ends_at <= self._now:
            return _drawn(self._random, PAST)
        if at <= self._now:
            return "in_progress"
        if at <= self._now + dt.timedelta(minutes=45):
            return "waiting"
        return _drawn(self._random, FUTURE)


def _drawn(random: Random, weights: dict[str, int]) -> str:
    return random.choices(list(weights), list(weights.values()))[0]


async def load(demo: Demo) -> None:
    """Fill `made["visits"]` with `DemoVisit`s, in the order of time."""
    doctors = [
        DemoDoctor(doctor.id, doctor.speciality, doctor.branch_id, doctor.chair_id) for doctor in demo.made["doctors"]
    ]
    random, zone = demo.random("calendar"), demo.clinic.zone
    first = demo.today - dt.timedelta(days=round(demo.size.months * 30.5))
    last = demo.today + dt.timedelta(weeks=demo.size.weeks)
    working = list(shifts(doctors, first, last, zone, random))
    booker = Booker(
        doctors,
        demo.made["patients"],
        {row.meaning: row.id for row in await demo.db.execute(select(AppointmentStatus.meaning, AppointmentStatus.id))},
        {row.name: row.id for row in await demo.db.execute(select(VisitType.name, VisitType.id))},
        dt.datetime.combine(demo.today, NOON, zone).astimezone(dt.UTC),
        random,
    )
    booked = [row for shift in working for row in booker.appointments(shift)]
    await demo.add(Shift, working, "график врачей")
    ids = await demo.add(Appointment, booked, "приёмы")
    finished = await demo.db.scalar(select(AppointmentStatus.id).where(AppointmentStatus.meaning == "finished"))
    await tell_past(demo, _facts(demo, ids, booked, await _names(demo), finished), "события приёмов")
    demo.made["visits"] = [
        DemoVisit(
            row["patient_id"],
            row["doctor_id"],
            row["branch_id"],
            row["ends_at"],
            row["business_date"],
            next(doctor.speciality for doctor in doctors if doctor.id == row["doctor_id"]),
        )
        for row in booked
        if row["status_id"] == finished
    ]


async def _names(demo: Demo) -> dict[int, str]:
    columns = StaffMember.id, StaffMember.last_name, StaffMember.first_name, StaffMember.patronymic
    return {id: short_name(last, first, other) for id, last, first, other in await demo.db.execute(select(*columns))}


def _facts(
    demo: Demo, ids: Sequence[int], booked: Sequence[dict[str, Any]], names: dict[int, str], finished: int | None
) -> Iterator[PastFact]:
    """A booking for each appointment and, where it took place, its end."""
    clerks: Sequence[int] = demo.made["administrators"] or [demo.made["head"]]
    for n, (id, row) in enumerate(zip(ids, booked, strict=True)):
        about: dict[str, Any] = {
            name: row[name] for name in ("patient_id", "doctor_id", "branch_id", "starts_at", "business_date")
        }
        about |= {"appointment_id": id, "time_zone": demo.clinic.time_zone}
        clerk = clerks[n % len(clerks)]
        place: dict[str, Any] = {
            "chair_id": row["chair_id"],
            "ends_at": row["ends_at"],
            "doctor_name": names[row["doctor_id"]],
        }
        yield PastFact(AppointmentCreated(**about, **place, source=row["source"]), row["created_at"], clerk)
        if row["status_id"] == finished:
            turn: dict[str, Any] = {
                "old_meaning": "planned",
                "old_status": "Запланирован",
                "meaning": "finished",
                "status": "Завершён",
            }
            yield PastFact(AppointmentStatusChanged(**about, **turn), row["ends_at"], row["doctor_id"])
