"""Working time of doctors: CAL-17 to CAL-19."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select

from prikus.toolkit import Conflict, Denied, Invalid
from prikus_calendar.models import Shift
from prikus_calendar.schemas import MoveShift, NewShifts, SavedShifts
from prikus_calendar.services import day as reading
from prikus_calendar.services import shifts
from tests.plugins.calendar.conftest import CLOSES, DAY, OPENS, Desk, Units, at

WEEK = dt.timedelta(days=7)


async def add(desk: Desk, who: str = "administrator", **fields: Any) -> SavedShifts:
    values = {
        "staff_id": desk.doctors[0],
        "chair_id": desk.chairs[0],
        "date": DAY + WEEK,
        "starts": OPENS,
        "ends": CLOSES,
    }
    async with desk.units(who) as ctx:
        return await shifts.add_shifts(ctx, NewShifts(**{**values, **fields}))


async def days_of(desk: Desk, doctor_id: int) -> list[dt.date]:
    async with desk.units("administrator") as ctx:
        query = select(Shift.business_date).where(Shift.staff_id == doctor_id).order_by(Shift.business_date)
        return list(await ctx.db.scalars(query))


@pytest.mark.spec("CAL-17")
async def test_one_day_gives_working_time_in_which_patients_are_booked(desk: Desk) -> None:
    saved = await add(desk)
    assert (saved.created, saved.first) == (1, DAY + WEEK)
    assert (await desk.book(date=DAY + WEEK)).date == DAY + WEEK


@pytest.mark.spec("CAL-17")
async def test_chosen_weekdays_of_an_interval_become_independent_shifts(desk: Desk, ctx_as: Units) -> None:
    saved = await add(desk, until=DAY + 3 * WEEK, weekdays=(2, 4))
    assert saved.created == 5
    found = (await days_of(desk, desk.doctors[0]))[1:]
    assert [day.isoweekday() for day in found] == [2, 4, 2, 4, 2]
    async with ctx_as("administrator") as ctx:
        rows = (await ctx.db.scalars(select(Shift).where(Shift.business_date > DAY))).all()
        assert len({row.series_id for row in rows}) == 1
        await shifts.delete_shift(ctx, rows[0].id, rows[0].row_version)
    assert len(await days_of(desk, desk.doctors[0])) == 5


@pytest.mark.spec("CAL-17")
async def test_taken_days_are_listed_and_refused_as_a_whole_or_skipped(desk: Desk) -> None:
    with pytest.raises(Conflict) as refused:
        await add(desk, staff_id=desk.doctors[1], date=DAY, until=DAY + dt.timedelta(days=2))
    taken = refused.value.detail["taken"]
    assert [(one.date, one.sentence) for one in taken] == [
        (DAY, "Кресло 1 занято: Петров А., 09:00–15:00"),
        (DAY, "врач занят: Кресло 2, Иванова Е., 09:00–15:00"),
    ]
    assert await days_of(desk, desk.doctors[1]) == [DAY]
    saved = await add(desk, staff_id=desk.doctors[1], date=DAY, until=DAY + dt.timedelta(days=2), on_conflict="skip")
    assert (saved.created, saved.skipped) == (2, (DAY,))
    assert await days_of(desk, desk.doctors[1]) == [DAY + dt.timedelta(days=n) for n in range(3)]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"ends": dt.time(8)}, "ends"),
        ({"until": DAY}, "until"),
        ({"until": DAY + WEEK + dt.timedelta(days=1), "weekdays": (7,)}, "weekdays"),
        ({"until": DAY + 60 * WEEK}, "until"),
    ],
)
async def test_an_impossible_interval_is_refused_beside_its_field(
    desk: Desk, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await add(desk, **fields)
    assert list(refused.value.fields) == [field]


async def test_only_those_with_the_right_change_working_time(desk: Desk) -> None:
    with pytest.raises(Denied):
        await add(desk, who="doctor")


@pytest.mark.spec("CAL-18", part="services")
async def test_a_shift_moves_unless_appointments_would_stay_outside(desk: Desk, ctx_as: Units) -> None:
    await desk.book("10:00", "10:30")

    async def move(version: int, starts: str, ends: str) -> int:
        wish = MoveShift(row_version=version, chair_id=desk.chairs[0], date=DAY, starts=at(starts), ends=at(ends))
        async with ctx_as("administrator") as ctx:
            return (await shifts.move_shift(ctx, desk.shifts[0], wish)).row_version

    version = await move(1, "08:00", "14:00")
    with pytest.raises(Conflict, match=r"останутся приёмы: Морозова А\., 10:00–10:30"):
        await move(version, "12:00", "18:00")


@pytest.mark.spec("CAL-19", part="services")
async def test_a_shift_with_appointments_is_not_deleted(desk: Desk, ctx_as: Units) -> None:
    await desk.book("10:00", "10:30")
    async with ctx_as("administrator") as ctx:
        with pytest.raises(Conflict, match=r"записаны пациенты: Морозова А\., 10:00–10:30"):
            await shifts.delete_shift(ctx, desk.shifts[0], 1)
        await shifts.delete_shift(ctx, desk.shifts[1], 1)
        assert [shift.id for shift in (await reading.day(ctx, DAY)).shifts] == [desk.shifts[0]]
