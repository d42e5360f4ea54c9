"""Statuses and cancelling: CAL-10, CAL-11."""

from typing import Any

import pytest

from prikus.toolkit import Conflict, Denied
from prikus_calendar.models import Appointment
from prikus_calendar.schemas import CancelAppointment, ChangeStatus, Saved
from prikus_calendar.services import statuses
from tests.plugins.calendar.conftest import API, Desk, Units

NINE = [
    ("Запланирован", "plan", "planned", True),
    ("Подтверждён", "conf", "confirmed", True),
    ("Ожидает в клинике", "wait", "waiting", True),
    ("На приёме", "now", "in_progress", True),
    ("Завершён", "done", "finished", True),
    ("Не пришёл", "miss", "missed", False),
    ("Отменён", "canc", "cancelled", False),
    ("Санирован", "san", "sanitized", True),
    ("Думает", "think", "thinking", True),
]


async def set_status(desk: Desk, saved: Saved, meaning: str, who: str = "administrator") -> Saved:
    async with desk.units(who) as ctx:
        status = next(s for s in await statuses.statuses(ctx) if s.meaning == meaning)
        wish = ChangeStatus(row_version=saved.row_version, status_id=status.id)
        return await statuses.change_status(ctx, saved.id, wish)


@pytest.mark.spec("CAL-11")
async def test_a_clinic_starts_with_the_nine_statuses_in_their_order(desk: Desk, ctx_as: Units) -> None:
    async with ctx_as("administrator") as ctx:
        found = await statuses.statuses(ctx)
    assert [(s.name, s.colour, s.meaning, s.occupies) for s in found] == NINE


@pytest.mark.spec("CAL-11")
@pytest.mark.parametrize("meaning", ["missed", "cancelled"])
async def test_a_freeing_status_frees_the_time_and_the_way_back_checks_it(desk: Desk, meaning: str) -> None:
    saved = await set_status(desk, await desk.book("10:00", "11:00"), meaning)
    taken = await desk.book("10:30", "11:00", patient=1)
    with pytest.raises(Conflict, match="Кресло 1 занято: Котов"):
        await set_status(desk, saved, "confirmed")
    await set_status(desk, taken, "missed")
    again = await set_status(desk, saved, "confirmed")
    cell = await desk.cell(again.id)
    assert (cell.status, cell.colour, cell.occupies) == ("Подтверждён", "conf", True)


async def test_the_same_status_again_changes_nothing(desk: Desk) -> None:
    saved = await desk.book()
    assert (await set_status(desk, saved, "planned")).row_version == saved.row_version


async def test_every_occupying_status_keeps_the_time(desk: Desk) -> None:
    saved = await desk.book("10:00", "11:00")
    for _, _, meaning, occupies in NINE[1:]:
        if occupies:
            saved = await set_status(desk, saved, meaning)
            with pytest.raises(Conflict):
                await desk.book("10:30", "11:00", patient=1)


@pytest.mark.spec("CAL-10", part="services")
async def test_cancelling_keeps_the_appointment_with_its_reason(desk: Desk, ctx_as: Units, drain: Any) -> None:
    saved = await desk.book()
    async with ctx_as("administrator") as ctx:
        wish = CancelAppointment(row_version=saved.row_version, reason="Пациент заболел")
        cancelled = await statuses.cancel(ctx, saved.id, wish)
    await drain()
    async with ctx_as("administrator") as ctx:
        row = await ctx.load(Appointment, saved.id)
        assert (row.occupies, row.cancel_reason) == (False, "Пациент заболел")
        assert row.cancelled_at is not None
        with pytest.raises(Conflict, match="уже отменён"):
            await statuses.cancel(ctx, saved.id, CancelAppointment(row_version=cancelled.row_version))
    assert (await desk.book(patient=1)).id


async def test_a_doctor_changes_a_status_but_does_not_cancel(desk: Desk) -> None:
    saved = await set_status(desk, await desk.book(), "in_progress", who="doctor")
    with pytest.raises(Denied, match="Отмена приёмов"):
        await set_status(desk, saved, "cancelled", who="doctor")
    assert (await desk.cell(saved.id)).meaning == "in_progress"


async def test_the_api_refuses_a_stale_status_with_409(desk: Desk, client_as: Any, ctx_as: Units) -> None:
    saved = await desk.book()
    async with ctx_as("administrator") as ctx:
        confirmed = (await statuses.statuses(ctx))[1]
    client = await client_as("administrator")
    wish = {"row_version": saved.row_version, "status_id": confirmed.id}
    path = f"{API}/appointments/{saved.id}/status"
    first, second = await client.post(path, json=wish), await client.post(path, json=wish)
    assert (first.status_code, second.status_code) == (200, 409)
    assert "Коллега уже изменил" in second.json()["sentence"]
