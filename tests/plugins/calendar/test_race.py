"""Eight people book the same time at the same moment. Each guard has a twin without it."""

import asyncio
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import DBAPIError

from prikus.toolkit import Conflict, Context, Patient
from prikus_calendar.models import Appointment
from prikus_calendar.schemas import Saved
from prikus_calendar.services import booking, overlap
from tests.plugins.calendar.conftest import Desk, Units, patient_row

WRITERS = 8


async def eight_patients(ctx_as: Units) -> list[int]:
    async with ctx_as("system") as ctx:
        rows = [patient_row(n, f"Пациентка{n}") for n in range(10, 10 + WRITERS)]
        return list((await ctx.db.execute(insert(Patient).returning(Patient.id), rows)).scalars())


async def all_at_once(desk: Desk, patients: list[int]) -> list[Saved | BaseException]:
    async def one(patient_id: int) -> Saved:
        async with desk.units("administrator") as ctx:
            wish = msgspec.structs.replace(desk.wish("10:00", "10:30"), patient_id=patient_id)
            return await booking.book(ctx, wish, f"race-{patient_id:04}")

    async with desk.units("administrator"):  # made once, before eight ask for one
        pass
    return await asyncio.gather(*(one(id) for id in patients), return_exceptions=True)


async def stored(ctx_as: Units) -> int:
    async with ctx_as("administrator") as ctx:
        return await ctx.db.scalar(select(func.count()).select_from(Appointment)) or 0


@pytest.mark.spec("CAL-08")
async def test_one_of_eight_writers_wins_and_the_others_are_told_who_holds_the_time(desk: Desk, ctx_as: Units) -> None:
    outcomes = await all_at_once(desk, await eight_patients(ctx_as))
    lost = [outcome for outcome in outcomes if isinstance(outcome, Conflict)]
    assert [type(outcome) for outcome in outcomes].count(Saved) == 1
    assert len(lost) == WRITERS - 1
    assert all(conflict.sentence.startswith("Кресло 1 занято: Пациентка1") for conflict in lost)
    assert await stored(ctx_as) == 1


async def test_its_twin_without_locks_and_net_books_all_eight(
    desk: Desk, ctx_as: Units, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = asyncio.Barrier(WRITERS)

    async def look_only(ctx: Context, resources: Any, wanted: Any, **_: Any) -> bool:
        clash = await overlap.find_clash(ctx, resources, wanted)
        async with asyncio.timeout(60):  # one that failed on the way is not waited for
            await together.wait()
        if clash is not None:
            raise await overlap.refuse(ctx, resources, wanted, clash)
        return True

    monkeypatch.setattr(booking, "_make_room", look_only)
    outcomes = await all_at_once(desk, await eight_patients(ctx_as))
    assert [type(outcome) for outcome in outcomes] == [Saved] * WRITERS
    assert await stored(ctx_as) == WRITERS


async def test_the_net_alone_lets_one_through(desk: Desk, ctx_as: Units, monkeypatch: pytest.MonkeyPatch) -> None:
    async def blind(*_: Any, **__: Any) -> bool:
        return False

    monkeypatch.setattr(booking, "_make_room", blind)
    outcomes = await all_at_once(desk, await eight_patients(ctx_as))
    assert sum(isinstance(outcome, Saved) for outcome in outcomes) == 1
    assert all(isinstance(outcome, Saved | DBAPIError) for outcome in outcomes)
    assert await stored(ctx_as) == 1


async def test_neighbours_of_one_day_do_not_deadlock(desk: Desk, ctx_as: Units) -> None:
    """Each writer takes chair, doctor and patient in an order of its own; the sorted locks let them all through."""
    patients = await eight_patients(ctx_as)
    times = [f"{9 + n // 2:02}:{n % 2 * 30:02}" for n in range(WRITERS + 1)]

    async def one(n: int) -> Saved:
        wish = msgspec.structs.replace(desk.wish(times[n], times[n + 1], place=n % 2), patient_id=patients[-n])
        async with desk.units("administrator") as ctx:
            return await booking.book(ctx, wish, f"calm-{n:04}")

    async with desk.units("administrator"):  # made once, before eight ask for one
        pass

    outcomes = await asyncio.gather(*(one(n) for n in range(WRITERS)))
    assert len({saved.id for saved in outcomes}) == WRITERS
