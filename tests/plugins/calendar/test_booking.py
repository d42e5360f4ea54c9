"""Booking, moving, resizing: the rules of CAL-08, CAL-09, CAL-12, CAL-13."""

import datetime as dt
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy import select

from prikus.patients.models import PatientEvent
from prikus.toolkit import Conflict, Denied, Invalid, NotFound
from prikus_calendar.models import Appointment, AppointmentChange
from prikus_calendar.schemas import ResizeAppointment
from prikus_calendar.services import booking
from prikus_calendar.services.clock import slot
from prikus_calendar.services.overlap import Resources, find_clash, refuse
from tests.plugins.calendar.conftest import API, DAY, Desk, Units, at


@pytest.mark.spec("CAL-08")
async def test_a_booking_keeps_patient_doctor_chair_time_creator_and_is_told_to_the_patient(
    desk: Desk, clinic: Any, ctx_as: Units, drain: Any
) -> None:
    saved = await desk.book("10:00", "10:45", comment="Боль слева", source="phone")
    await drain()
    me = await clinic.person("administrator")
    async with ctx_as("administrator") as ctx:
        row = await ctx.load(Appointment, saved.id)
        feed = (await ctx.db.execute(select_feed(desk.patients[0]))).scalars().all()
    assert (row.patient_id, row.doctor_id, row.chair_id) == (desk.patients[0], desk.doctors[0], desk.chairs[0])
    assert row.starts_at == dt.datetime(2055, 3, 16, 5, 0, tzinfo=dt.UTC)
    assert (row.ends_at - row.starts_at, row.business_date) == (dt.timedelta(minutes=45), DAY)
    assert (row.comment, row.source, row.created_by_kind, row.created_by_id) == (
        "Боль слева",
        "phone",
        "staff",
        me.staff_id,
    )
    assert feed == ["16.03.2055, 10:00, Петров А."]


def select_feed(patient_id: int) -> Any:

    return select(PatientEvent.text).where(
        PatientEvent.patient_id == patient_id, PatientEvent.kind == "appointment.created"
    )


async def test_without_a_doctor_the_one_who_works_in_the_chair_is_taken(desk: Desk) -> None:
    saved = await desk.book("10:00", "10:30", place=1, doctor_id=None)
    assert (await desk.cell(saved.id)).doctor_id == desk.doctors[1]


@pytest.mark.spec("CAL-08")
@pytest.mark.parametrize(
    ("second", "sentence"),
    [
        ({"patient": 1}, "Кресло 1 занято: Морозова А., 10:00–11:00."),
        ({"patient": 0, "place": 1}, "Пациент уже записан на это время: Петров А., Кресло 1, 10:00–11:00."),
    ],
)
async def test_one_chair_and_one_patient_at_a_time(desk: Desk, second: dict[str, Any], sentence: str) -> None:
    await desk.book("10:00", "11:00")
    with pytest.raises(Conflict) as refused:
        await desk.book("10:30", "11:30", **second)
    assert refused.value.sentence.startswith(sentence)
    assert (await desk.book("11:00", "11:30", **second)).id


async def test_a_doctor_is_not_in_two_chairs_at_once(desk: Desk, ctx_as: Units) -> None:
    await desk.book("10:00", "11:00")
    elsewhere = Resources(desk.chairs[1], desk.doctors[0], desk.patients[1])
    async with ctx_as("administrator") as ctx:
        wanted = slot(ctx, desk.branch_id, DAY, at("10:30"), at("11:30"))
        clash = await find_clash(ctx, elsewhere, wanted)
        assert clash is not None
        refused = await refuse(ctx, elsewhere, wanted, clash)
    assert refused.sentence == "У врача Петров А. в это время приём: Морозова А., Кресло 1, 10:00–11:00."


async def test_a_refusal_offers_the_next_two_free_times(desk: Desk) -> None:
    await desk.book("10:00", "11:00")
    await desk.book("11:30", "12:00", patient=2)
    with pytest.raises(Conflict) as refused:
        await desk.book("10:30", "11:00", patient=1)
    assert refused.value.sentence.endswith("Ближайшее свободное время: 11:00, 12:00.")
    assert refused.value.detail["free"] == [dt.datetime.combine(DAY, at(free)) for free in ("11:00", "12:00")]


async def test_the_overlap_right_books_over_and_stays_in_the_way_of_others(desk: Desk) -> None:
    await desk.book("10:00", "11:00")
    with pytest.raises(Denied):
        await desk.book("10:30", "11:30", patient=1, allow_overlap=True)
    permitted = await desk.book("10:30", "11:30", patient=1, allow_overlap=True, who="director")
    assert (await desk.cell(permitted.id)).overlap_ok
    with pytest.raises(Conflict, match="10:30–11:30"):
        await desk.book("11:00", "12:00", patient=2)


@pytest.mark.parametrize(("starts", "ends"), [("08:30", "09:30"), ("14:45", "15:15"), ("20:00", "20:30")])
async def test_outside_working_time_is_refused_with_the_hours(desk: Desk, starts: str, ends: str) -> None:
    with pytest.raises(Invalid) as refused:
        await desk.book(starts, ends)
    assert refused.value.fields["starts"] == "Вне рабочего времени. Принимают: Петров А., Кресло 1, 09:00–15:00."


async def test_two_presses_make_one_appointment(desk: Desk, ctx_as: Units) -> None:
    key = str(uuid4())
    first, second = await desk.book(key=key), await desk.book(key=key)
    assert first == second
    async with ctx_as("director") as ctx:
        assert len((await ctx.db.scalars(select(Appointment.id))).all()) == 1


@pytest.mark.spec("CAL-13")
async def test_a_move_changes_time_and_chair_and_the_doctor_only_when_named(desk: Desk, ctx_as: Units) -> None:
    saved = await desk.move(await desk.book(), "12:00", "12:30")
    assert (await desk.cell(saved.id)).starts == dt.datetime.combine(DAY, at("12:00"))
    with pytest.raises(Invalid, match="Вне рабочего времени"):
        await desk.move(saved, "12:00", "12:30", place=1)
    moved = await desk.move(saved, "12:00", "12:30", place=1, doctor_id=desk.doctors[1])
    cell = await desk.cell(moved.id)
    assert (cell.chair_id, cell.doctor_id) == (desk.chairs[1], desk.doctors[1])
    async with ctx_as("director") as ctx:
        kinds = (await ctx.db.scalars(select(AppointmentChange.what).order_by(AppointmentChange.id))).all()
    assert kinds == ["created", "moved", "moved"]


async def test_a_move_to_where_it_is_changes_nothing(desk: Desk, ctx_as: Units) -> None:
    saved = await desk.book("10:00", "10:30")
    assert (await desk.move(saved, "10:00", "10:30")).row_version == saved.row_version
    async with ctx_as("director") as ctx:
        assert (await ctx.db.scalars(select(AppointmentChange.what))).all() == ["created"]


@pytest.mark.spec("CAL-13")
async def test_a_move_onto_a_taken_time_is_refused_and_leaves_all_as_it_was(desk: Desk) -> None:
    await desk.book("10:00", "11:00")
    saved = await desk.book("12:00", "13:00", patient=1)
    with pytest.raises(Conflict, match="Кресло 1 занято"):
        await desk.move(saved, "10:30", "11:30")
    assert (await desk.cell(saved.id)).starts.time() == at("12:00")


async def test_a_stale_change_is_refused(desk: Desk) -> None:
    saved = await desk.book()
    await desk.move(saved, "12:00", "12:30")
    with pytest.raises(Conflict, match=r"коллега изменил его\. Сейчас записано: .* 12:00–12:30"):
        await desk.move(saved, "13:00", "13:30")


@pytest.mark.spec("CAL-09")
async def test_the_end_moves_both_ways_within_free_working_time(desk: Desk, ctx_as: Units) -> None:
    saved = await desk.book("10:00", "11:00")
    await desk.book("12:00", "12:30", patient=1)

    async def resize(ends: str) -> None:
        nonlocal saved
        async with ctx_as("administrator") as ctx:
            saved = await booking.resize(ctx, saved.id, ResizeAppointment(row_version=saved.row_version, ends=at(ends)))

    for ends in ("10:30", "12:00"):
        await resize(ends)
        assert (await desk.cell(saved.id)).ends.time() == at(ends)
    with pytest.raises(Conflict, match=r"Кресло 1 занято: Котов А\., 12:00–12:30"):
        await resize("12:15")
    with pytest.raises(Invalid):
        await resize("09:45")
    assert (await desk.cell(saved.id)).ends.time() == at("12:00")


async def test_the_api_books_once_for_a_key_and_says_refusals_as_sentences(desk: Desk, client_as: Any) -> None:
    client = await client_as("administrator")
    body = msgspec.to_builtins(desk.wish())
    made = [
        await client.post(f"{API}/appointments", json=body, headers={"Idempotency-Key": "press-0001"}) for _ in "12"
    ]
    assert [answer.status_code for answer in made] == [201, 201]
    assert made[0].json() == made[1].json()
    taken = await client.post(f"{API}/appointments", json=body, headers={"Idempotency-Key": "press-0002"})
    assert (taken.status_code, taken.json()["sentence"][:15]) == (409, "Кресло 1 занято")


async def test_another_clinic_neither_sees_nor_moves(desk: Desk, make_clinic: Any) -> None:
    saved = await desk.book()
    other = await make_clinic()
    async with other.ctx_as("director") as ctx:
        with pytest.raises(NotFound):
            await booking.resize(ctx, saved.id, ResizeAppointment(row_version=1, ends=at("11:00")))


@pytest.mark.parametrize("day", [dt.date.min, dt.date.max])
async def test_a_day_that_the_calendar_does_not_have_is_refused(desk: Desk, day: dt.date) -> None:
    with pytest.raises(Invalid) as refused:
        await desk.book("00:00", "00:30", date=day)
    assert refused.value.fields == {"date": "Такого дня в календаре нет."}
