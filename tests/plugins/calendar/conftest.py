"""A branch with two chairs, two doctors at work on one day, three patients; short ways to book."""

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Any
from uuid import uuid4

import msgspec
import pytest_asyncio
from sqlalchemy import insert

from prikus.toolkit import Branch, Chair, Context, Patient
from prikus_calendar.models import Shift
from prikus_calendar.schemas import AppointmentCell, MoveAppointment, NewAppointment, Saved
from prikus_calendar.services import booking
from prikus_calendar.services import day as reading

Units = Callable[..., AbstractAsyncContextManager[Context]]
DAY = dt.date(2055, 3, 16)
"""A Tuesday that stays ahead."""
OPENS, CLOSES = dt.time(9), dt.time(15)
PATIENTS = ("Морозова", "Котов", "Зимина")
API = "/api/v1/calendar"


def at(text: str) -> dt.time:
    return dt.time.fromisoformat(text)


class Desk(msgspec.Struct, frozen=True):
    """What a front desk has at hand. `chairs[n]` is where `doctors[n]` works on `DAY` from 9 to 15."""

    units: Any
    branch_id: int
    chairs: tuple[int, int]
    doctors: tuple[int, int]
    shifts: tuple[int, int]
    patients: tuple[int, int, int]

    def wish(
        self, starts: str = "10:00", ends: str = "10:30", patient: int = 0, place: int = 0, **fields: Any
    ) -> NewAppointment:
        values = {"chair_id": self.chairs[place], "doctor_id": self.doctors[place], "date": DAY, **fields}
        return NewAppointment(patient_id=self.patients[patient], starts=at(starts), ends=at(ends), **values)

    async def book(self, *wish: Any, who: str = "administrator", key: str | None = None, **fields: Any) -> Saved:
        async with self.units(who) as ctx:
            return await booking.book(ctx, self.wish(*wish, **fields), key or str(uuid4()))

    async def move(
        self, saved: Saved, starts: str, ends: str, place: int = 0, who: str = "administrator", **fields: Any
    ) -> Saved:
        values = {"row_version": saved.row_version, "chair_id": self.chairs[place], "date": DAY, **fields}
        async with self.units("administrator") as ctx:
            return await booking.move(ctx, saved.id, MoveAppointment(starts=at(starts), ends=at(ends), **values))

    async def cell(self, id: int) -> AppointmentCell:
        async with self.units("administrator") as ctx:
            return await reading.appointment(ctx, id)


@pytest_asyncio.fixture(loop_scope="session")
async def desk(clinic: Any, ctx_as: Units, staff: Any) -> Desk:
    doctors = [
        (await staff("doctor", last_name=last, first_name=first, patronymic=None)).staff_id
        for last, first in (("Петров", "Андрей"), ("Иванова", "Елена"))
    ]
    async with ctx_as("system") as ctx:
        branch_id = ctx.branch.id
        chairs = await _rows(
            ctx, Chair, [{"branch_id": branch_id, "name": f"Кресло {n}", "position": n} for n in (1, 2)]
        )
        shifts = await _rows(ctx, Shift, [shift_row(branch_id, *pair) for pair in zip(doctors, chairs, strict=True)])
        patients = await _rows(ctx, Patient, [patient_row(n, name) for n, name in enumerate(PATIENTS, 1)])
    units = partial(ctx_as, patiently=True)
    return Desk(units, branch_id, tuple(chairs), tuple(doctors), tuple(shifts), tuple(patients))


async def _rows(ctx: Context, model: Any, rows: list[dict[str, Any]]) -> list[int]:
    made = await ctx.db.execute(insert(model).returning(model.id, sort_by_parameter_order=True), rows)
    return list(made.scalars())


def shift_row(branch_id: int, doctor_id: int, chair_id: int, day: dt.date = DAY) -> dict[str, Any]:
    """9 to 15 by the clock of Yekaterinburg, five hours ahead of UTC."""
    starts_at = dt.datetime.combine(day, dt.time(4), dt.UTC)
    return {
        "staff_id": doctor_id,
        "chair_id": chair_id,
        "branch_id": branch_id,
        "starts_at": starts_at,
        "ends_at": starts_at + dt.timedelta(hours=6),
        "business_date": day,
    }


def patient_row(number: int, last_name: str) -> dict[str, Any]:
    return {
        "card_number": number,
        "last_name": last_name,
        "first_name": "Анна",
        "patronymic": None,
        "sort_name": f"{last_name} анна".lower(),
        "search_name": f"{last_name} анна".lower(),
        "phone": f"+791234012{number:02}",
        "phone_digits": f"791234012{number:02}",
    }


async def another_branch(ctx: Context, name: str, time_zone: str) -> tuple[int, int]:
    """A branch in another zone with one chair."""
    legal_entity_id = ctx.branch.legal_entity_id
    branch_id = (
        await _rows(ctx, Branch, [{"legal_entity_id": legal_entity_id, "name": name, "time_zone": time_zone}])
    )[0]
    chair_id = (await _rows(ctx, Chair, [{"branch_id": branch_id, "name": "Кресло 1"}]))[0]
    return branch_id, chair_id
