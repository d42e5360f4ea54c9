"""The day as it is read and shown: CAL-04, CAL-07, CAL-16, zones, rights."""

import datetime as dt
import re
from html import unescape
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from prikus.toolkit import Invalid
from prikus_calendar.public import appointments_v1, doctor_of_visit
from prikus_calendar.schemas import Day, FreeTime, NewShifts
from prikus_calendar.services import day as reading
from prikus_calendar.services import shifts
from prikus_calendar.services.agenda import agenda
from tests.plugins.calendar.conftest import API, DAY, Desk, Units, another_branch, at
from tests.plugins.calendar.test_statuses import set_status


@pytest.mark.spec("CAL-07")
async def test_the_day_has_chairs_in_order_working_time_and_appointments_with_names(desk: Desk, client_as: Any) -> None:
    saved = await desk.book("10:00", "10:45", place=1)
    client = await client_as("administrator")
    answer = await client.get(f"{API}/day", params={"date": str(DAY), "branch": desk.branch_id})
    day = msgspec.convert(answer.json(), Day)
    assert [chair.name for chair in day.chairs] == ["Кресло 1", "Кресло 2"]
    assert [(s.chair_id, s.doctor, s.starts.time(), s.ends.time()) for s in day.shifts] == [
        (desk.chairs[0], "Петров А.", at("09:00"), at("15:00")),
        (desk.chairs[1], "Иванова Е.", at("09:00"), at("15:00")),
    ]
    (cell,) = day.appointments
    assert (cell.id, cell.chair_id, cell.patient, cell.doctor) == (
        saved.id,
        desk.chairs[1],
        "Морозова А.",
        "Иванова Е.",
    )
    assert (cell.starts, cell.status, cell.colour) == (dt.datetime.combine(DAY, at("10:00")), "Запланирован", "plan")
    assert (day.time_zone, day.utc_offset, day.summary) == ("Asia/Yekaterinburg", "+05:00", "1\u00a0приём")


async def test_the_number_of_statements_does_not_grow_with_the_day(
    desk: Desk, client_as: Any, count_statements: Any
) -> None:
    client = await client_as("administrator")
    await client.get(f"{API}/day", params={"date": str(DAY)})
    counts = []
    for starts, ends, patient in (("10:00", "10:30", 0), ("11:00", "11:30", 1), ("12:00", "12:30", 2)):
        await desk.book(starts, ends, patient)
        with count_statements() as statements:
            await client.get(f"{API}/day", params={"date": str(DAY)})
        counts.append(len(statements))
    assert counts == [4, 4, 4]


async def test_an_interval_of_days_is_read_at_once_and_not_too_long(desk: Desk, ctx_as: Units) -> None:
    await desk.book()
    async with ctx_as("administrator") as ctx:
        span = await reading.span(ctx, DAY - dt.timedelta(days=3), DAY + dt.timedelta(days=3))
        assert [cell.date for cell in span.appointments] == [DAY]
        with pytest.raises(Invalid):
            await reading.span(ctx, DAY, DAY + dt.timedelta(days=90))


def grid_of(html: str) -> dict[str, Any]:
    found = re.search(r'data-start="([^"]*)"', html)
    assert found
    return msgspec.json.decode(unescape(found[1]))


@pytest.mark.spec("CAL-04")
async def test_the_switch_changes_between_patients_and_doctors(desk: Desk, client_as: Any) -> None:
    client = await client_as("administrator")
    patients = (await client.get("/calendar/", params={"date": str(DAY)})).text
    doctors = (await client.get("/calendar/", params={"date": str(DAY), "mode": "doctors"})).text
    assert (grid_of(patients)["mode"], grid_of(doctors)["mode"]) == ("patients", "doctors")
    assert f'href="?date={DAY}&amp;mode=doctors"' in patients
    assert "Записать" in patients
    assert "Добавить график врача" not in patients
    assert "Добавить график врача" in doctors


async def test_a_doctor_sees_the_day_without_the_buttons_of_the_front_desk(desk: Desk, client_as: Any) -> None:
    client = await client_as("doctor")
    page = (await client.get("/calendar/", params={"date": str(DAY)})).text
    assert grid_of(page)["can"] == {
        "create": False,
        "edit": True,
        "cancel": False,
        "overlap": False,
        "shifts": False,
        "card": grid_of(page)["can"]["card"],
    }
    assert (await client.get("/calendar/appointments/new")).status_code == 403
    warehouse = await client_as("warehouse")
    assert (await warehouse.get("/calendar/")).status_code == 403


@pytest.mark.spec("CAL-16", part="list")
async def test_the_list_leads_to_the_card_and_shows_free_time(desk: Desk, client_as: Any) -> None:
    await desk.book("10:00", "10:45")
    client = await client_as("administrator")
    page = (await client.get("/calendar/", params={"date": str(DAY)})).text
    assert f'href="/patients/{desk.patients[0]}"' in page
    assert "Свободно 1 ч<" in page
    assert f"shift_id={desk.shifts[0]}&amp;starts=10:45" in page


async def test_free_time_of_a_list_lies_between_what_occupies(desk: Desk, ctx_as: Units) -> None:
    await desk.book("10:00", "10:45")
    await desk.book("11:00", "15:00", patient=1)
    async with ctx_as("administrator") as ctx:
        day = await reading.day(ctx, DAY)
    found = {}
    for now in ("08:00:00", "09:40:00", "09:40:01", "09:45:01", "10:46:00"):
        column = agenda(day, dt.datetime.combine(DAY, at(now)))[0]
        gaps = [gap for gap in column.entries if isinstance(gap, FreeTime)]
        found[now] = [(f"{gap.starts:%H:%M}", gap.minutes) for gap in gaps], column.ahead
    assert found == {
        "08:00:00": ([("09:00", 60), ("10:45", 15)], 2),
        "09:40:00": ([("09:40", 20), ("10:45", 15)], 2),
        "09:40:01": ([("09:45", 15), ("10:45", 15)], 2),
        "09:45:01": ([("10:45", 15)], 2),
        "10:46:00": ([], 1),
    }


@pytest.mark.spec("ROAD-01", part="calendar")
async def test_a_branch_books_by_its_own_clock_over_a_change_of_the_clocks(
    desk: Desk, clinic: Any, ctx_as: Units
) -> None:
    """In Berlin the clocks went forward on 28 March 2055 at 02:00."""
    async with ctx_as("system") as ctx:
        _, chair_id = await another_branch(ctx, "Берлин", "Europe/Berlin")
        await ctx.db.execute(text("select core.bump_state()"))
    sunday = dt.date(2055, 3, 28)
    new = NewShifts(
        staff_id=desk.doctors[0],
        chair_id=chair_id,
        date=sunday - dt.timedelta(days=1),
        until=sunday,
        starts=at("01:00"),
        ends=at("09:00"),
    )
    there = {"chair_id": chair_id, "doctor_id": None}
    async with ctx_as("administrator") as ctx:
        await shifts.add_shifts(ctx, new)
    saturday = await desk.book("03:00", "03:30", date=new.date, **there)
    spring = await desk.book("03:00", "03:30", date=sunday, **there)
    with pytest.raises(Invalid) as refused:
        await desk.book("02:30", "03:30", patient=1, date=sunday, **there)
    async with ctx_as("administrator") as ctx:
        rows = (await ctx.db.execute(appointments_v1())).all()
    assert refused.value.fields["starts"].startswith("Такого времени в этот день нет")
    instants = {row.id: row.starts_at for row in rows}
    assert instants[saturday.id] == dt.datetime(2055, 3, 27, 2, 0, tzinfo=dt.UTC)
    assert instants[spring.id] == dt.datetime(2055, 3, 28, 1, 0, tzinfo=dt.UTC)
    assert {row.business_date for row in rows} == {new.date, sunday}


async def test_the_doctor_of_a_visit_is_the_one_whose_appointment_has_come_furthest(desk: Desk, ctx_as: Units) -> None:
    async def doctor() -> int | None:
        async with ctx_as("administrator") as ctx:
            return await doctor_of_visit(ctx, desk.patients[0], DAY)

    assert await doctor() is None
    await desk.book("10:00", "10:30")
    later = await desk.book("12:00", "12:30", place=1)
    assert await doctor() == desk.doctors[0]
    later = await set_status(desk, later, "finished")
    assert await doctor() == desk.doctors[1]
    await set_status(desk, later, "missed")
    assert await doctor() == desk.doctors[0]


async def test_the_card_shows_what_is_ahead(desk: Desk, client_as: Any) -> None:
    await desk.book("10:00", "10:30")
    client = await client_as("administrator")
    box = (await client.htmx.get(f"/calendar/patients/{desk.patients[0]}/next")).text
    assert "16.03.2055, 10:00–10:30" in box
    assert "Петров А., Кресло 1" in box
    empty = (await client.htmx.get(f"/calendar/patients/{desk.patients[1]}/next")).text
    assert "Пациент никуда не записан." in empty
