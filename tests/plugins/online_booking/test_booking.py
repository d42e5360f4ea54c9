"""Bookings of channels: each once, whatever is repeated and whoever else wants the time (INT-12, INT-13)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select

from prikus.toolkit import Chair, Invalid, Patient
from prikus_calendar.models import Appointment, Shift
from prikus_calendar.schemas import ChangeStatus
from prikus_calendar.services import statuses
from prikus_online_booking.models import ExternalBooking, ExternalIdentity
from prikus_online_booking.public import Wish
from tests.plugins.calendar.conftest import DAY, another_branch, shift_row
from tests.plugins.online_booking.conftest import PHONE, Aggregator

TAKEN = "Это время уже занято."


async def test_a_booking_stands_in_the_calendar_and_is_heard_once(channel: Aggregator) -> None:
    first = await channel.book("10:00")
    again = await channel.book("10:00")
    assert (first.result, first.is_repeated, again.result, again.is_repeated) == ("booked", False, "booked", True)
    assert first.booking is not None
    assert again.booking == first.booking
    assert first.booking.starts_at.isoformat() == f"{DAY}T10:00:00+05:00"
    assert first.booking.ends_at - first.booking.starts_at == dt.timedelta(minutes=30)
    assert first.booking.doctor == str(channel.desk.doctors[0])
    assert await channel.visits() == [("Кузнецова", "10:00", True)]
    assert await channel.kept() == [("A-1", "new", None)]


async def test_several_cells_of_a_doctor_are_one_visit(channel: Aggregator) -> None:
    booked = await channel.book("11:00", "12:30")
    assert booked.booking is not None
    assert booked.booking.ends_at - booked.booking.starts_at == dt.timedelta(minutes=90)


async def test_a_taken_time_is_refused_kept_and_others_are_offered(channel: Aggregator) -> None:
    await channel.desk.book("10:00", "10:30", comment="Только для своих")
    refused = await channel.book("10:00")
    assert (refused.result, refused.sentence, refused.booking) == ("taken", TAKEN, None)
    assert [f"{cell.starts_at:%H:%M}" for cell in refused.free] == ["10:30", "11:00", "11:30"]
    assert "Морозова" not in str(refused)
    assert await channel.kept() == [("A-1", "refused", TAKEN)]
    async with channel.desk.units("director") as ctx:
        assert await ctx.db.scalar(select(func.count()).where(Patient.last_name == "Кузнецова")) == 0
    later = await channel.book("10:30")
    assert later.result == "booked"
    assert await channel.kept() == [("A-1", "new", None)]


async def test_a_patient_is_at_one_doctor_at_a_time(channel: Aggregator) -> None:
    await channel.book("10:00")
    busy = await channel.book("10:00", None, 1, id="A-2")
    assert (busy.result, bool(busy.free)) == ("patient_busy", True)


@pytest.mark.parametrize(
    "wish", [("10:10",), ("10:00", "10:20"), ("08:30",), ("14:30", "15:30"), ("10:00", None, 0, DAY.replace(day=17))]
)
async def test_what_is_not_published_cannot_be_booked(channel: Aggregator, wish: tuple) -> None:
    assert (await channel.book(*wish)).result == "no_slot"
    assert await channel.visits() == []


async def test_only_what_the_channel_shows_can_be_booked(other: Aggregator) -> None:
    assert (await other.book("10:00", None, 1)).result == "no_slot"
    assert (await other.book("10:00", None, 0)).result == "booked"


async def test_what_cannot_be_a_patient_is_refused_beside_its_field(channel: Aggregator) -> None:
    for fields, name in (({"phone": "123"}, "phone"), ({"last_name": " \0"}, "last_name")):
        refused = await channel.book("10:00", **fields)
        assert (refused.result, set(refused.fields)) == ("invalid", {name})
    assert await channel.visits() == []
    assert (await channel.book("10:00", comment="Болит\0зуб\ud800")).result == "booked"


async def test_a_cancelled_booking_is_cancelled_once_and_never_made_again(channel: Aggregator) -> None:
    booked = await channel.book("10:00")
    assert booked.booking is not None
    first, second = await channel.cancel(booked.booking.id), await channel.cancel("A-1")
    assert [(one.result, one.is_repeated) for one in (first, second)] == [("cancelled", False), ("cancelled", True)]
    assert await channel.visits() == [("Кузнецова", "10:00", False)]
    assert (await channel.book("10:00")).result == "gone"
    assert (await channel.book("10:00", id="A-2")).result == "booked"


async def test_without_a_number_of_its_own_a_booking_is_known_by_its_contents(channel: Aggregator) -> None:
    first, again = await channel.book("10:00", id=None), await channel.book("10:00", id=None)
    assert first.booking is not None
    assert (again.booking, again.is_repeated) == (first.booking, True)
    await channel.cancel(first.booking.id)
    anew = await channel.book("10:00", id=None)
    assert anew.booking is not None
    assert (anew.result, anew.is_repeated, anew.booking.id != first.booking.id) == ("booked", False, True)
    assert [occupies for *_, occupies in await channel.visits()] == [False, True]


async def test_a_booking_is_moved_keeps_its_number_and_stays_where_the_new_time_is_taken(channel: Aggregator) -> None:
    await channel.desk.book("12:00", "12:30")
    booked = await channel.book("10:00")
    moved, again = await channel.move("A-1", "10:30"), await channel.move("A-1", "10:30")
    refused = await channel.move("A-1", "12:00")
    assert booked.booking is not None
    assert moved.booking is not None
    assert refused.booking is not None
    assert [(one.result, one.is_repeated) for one in (moved, again)] == [("moved", False), ("moved", True)]
    assert (moved.booking.id, f"{moved.booking.starts_at:%H:%M}") == (booked.booking.id, "10:30")
    assert (refused.result, f"{refused.booking.starts_at:%H:%M}") == ("taken", "10:30")
    elsewhere = await channel.move("A-1", "12:00", None, 1)
    assert elsewhere.booking is not None
    assert elsewhere.booking.doctor == str(channel.desk.doctors[1])


async def test_bookings_of_another_channel_are_unknown(channel: Aggregator, other: Aggregator) -> None:
    booked = await channel.book("10:00")
    assert booked.booking is not None
    for ref in (booked.booking.id, "A-1", 2**80, -1):
        assert (await other.cancel(ref)).result == "unknown"
        assert (await other.move(ref, "11:00")).result == "unknown"
    assert (await other.book("11:00", phone="+79161234568")).result == "booked"


async def test_a_known_patient_keeps_the_card_and_a_namesake_gets_another(channel: Aggregator) -> None:
    known = {"last_name": "Морозова", "first_name": "Анна", "phone": "+79123401201"}
    await channel.book("10:00", **known)
    await channel.book("11:00", id="A-2", **{**known, "first_name": "Пётр"})
    async with channel.desk.units("director") as ctx:
        patients = list(await ctx.db.scalars(select(Appointment.patient_id).order_by(Appointment.id)))
    assert patients[0] == channel.desk.patients[0]
    assert patients[1] not in channel.desk.patients


async def test_what_the_clinic_cancels_and_restores_is_known_at_once(channel: Aggregator, drain: object) -> None:
    booked = await channel.book("10:00")
    assert booked.booking is not None
    saved = await channel.cancelled_by_clinic("Врач заболел")
    again = await channel.cancel("A-1")
    assert again.booking is not None
    assert (again.result, again.is_repeated, again.booking.changed_by) == ("cancelled", True, "clinic")
    await drain()  # type: ignore[operator]
    assert await channel.kept() == [("A-1", "cancelled", "Врач заболел")]
    async with channel.desk.units("administrator") as ctx:
        planned = next(one for one in await statuses.statuses(ctx) if one.meaning == "planned")
        await statuses.change_status(ctx, saved.id, ChangeStatus(row_version=saved.row_version, status_id=planned.id))
    await drain()  # type: ignore[operator]
    assert await channel.kept() == [("A-1", "new", None)]


async def test_a_schedule_tells_published_doctors_and_what_is_free(channel: Aggregator, other: Aggregator) -> None:
    await channel.desk.book("09:15", "10:15")
    told = await channel.schedule()
    assert [doctor.id for doctor in told.doctors] == sorted(channel.desk.doctors, reverse=True)
    assert [place.id for place in told.places] == [channel.desk.branch_id]
    mine = [cell for cell in told.cells if cell.doctor_id == channel.desk.doctors[0]]
    assert [cell.is_free for cell in mine] == [False, False, False, *[True] * 9]
    assert f"{mine[0].starts_at:%H:%M%z}" == "09:00+0500"
    assert {cell.doctor_id for cell in (await other.schedule()).cells} == {channel.desk.doctors[0]}
    past = DAY.replace(year=2020)
    assert (await channel.schedule(past, past)).cells == ()
    with pytest.raises(Invalid):
        await channel.schedule(DAY, DAY + dt.timedelta(days=62))


async def test_reading_a_schedule_takes_as_many_statements_for_a_month_of_many_as_for_a_day_of_two(
    channel: Aggregator, staff: Any, count_statements: Any
) -> None:
    with count_statements() as of_a_day:
        assert len({cell.doctor_id for cell in (await channel.schedule()).cells}) == 2
    third = (await staff("doctor", last_name="Сомова")).staff_id
    other_days = [DAY + dt.timedelta(days=n) for n in range(1, 6)]
    async with channel.desk.units("director") as ctx:
        ctx.db.add(ExternalIdentity(connection_id=channel.id, kind="doctor", staff_id=third, is_published=True))
        far, chair = await another_branch(ctx, "Филиал на Мира", "Asia/Yekaterinburg")
        near = zip(channel.desk.doctors, channel.desk.chairs, strict=True)
        here = channel.desk.branch_id
        for branch, doctor, seat in ((far, third, chair), *((here, *place) for place in near)):
            ctx.db.add_all(Shift(**shift_row(branch, doctor, seat, day)) for day in other_days)
    for day in other_days:
        await channel.desk.book("10:00", "10:30", date=day)
    with count_statements() as of_a_month:
        cells = (await channel.schedule(DAY, DAY + dt.timedelta(days=30))).cells
    assert len({(cell.doctor_id, cell.starts_at.date()) for cell in cells}) == 2 + 3 * len(other_days)
    assert sum(not cell.is_free for cell in cells) == len(other_days)
    assert len(of_a_day) == len(of_a_month) <= 8, of_a_month


async def test_the_phone_of_a_refused_one_is_kept_for_calling_back(channel: Aggregator) -> None:
    await channel.book("08:00")
    async with channel.desk.units("director") as ctx:
        rows = await ctx.db.execute(select(ExternalBooking.name, ExternalBooking.phone, ExternalBooking.staff_id))
        assert [tuple(row) for row in rows] == [("Кузнецова Мария", PHONE, channel.desk.doctors[0])]


async def test_a_chair_that_was_deleted_is_neither_offered_nor_moved_into(channel: Aggregator) -> None:
    await channel.book("10:00")
    gone, there = channel.desk.chairs
    async with channel.desk.units("director") as ctx:
        ctx.soft_delete(await ctx.load(Chair, gone))
    assert {cell.chair_id for cell in (await channel.schedule()).cells} == {there}
    assert (await channel.book("11:00", id="A-2")).result == "no_slot"
    assert (await channel.move("A-1", "11:00")).result == "no_slot"
    assert (await channel.move("A-1", "11:00", None, 1)).result == "moved"


async def test_what_the_clinic_cancelled_is_gone_for_a_repeated_request_before_anybody_heard(
    channel: Aggregator,
) -> None:
    await channel.book("10:00")
    await channel.cancelled_by_clinic()
    again = await channel.book("10:00")
    assert again.booking is not None
    assert (again.result, again.booking.state, again.booking.changed_by) == ("gone", "cancelled", "clinic")
    assert len(await channel.visits()) == 1


async def test_what_the_clinic_cancelled_may_be_booked_anew_without_a_number(
    channel: Aggregator, drain: object
) -> None:
    first = await channel.book("10:00", id=None)
    await channel.cancelled_by_clinic()
    anew = await channel.book("10:00", id=None)
    assert first.booking is not None
    assert anew.booking is not None
    assert (anew.result, anew.is_repeated, anew.booking.id != first.booking.id) == ("booked", False, True)
    await drain()  # type: ignore[operator]
    assert [state for _, state, _ in await channel.kept()] == ["cancelled", "new"]


@pytest.mark.parametrize(("moment", "hours"), [(dt.datetime.min, 5), (dt.datetime.max, -5)])
async def test_an_instant_at_the_end_of_all_days_is_no_slot(
    channel: Aggregator, moment: dt.datetime, hours: int
) -> None:
    at = moment.replace(tzinfo=dt.timezone(dt.timedelta(hours=hours)))
    assert (await channel.ask(Wish(doctor="1", starts_at=at))).result == "no_slot"
    async with channel.desk.units("director") as ctx:
        assert (await ctx.db.scalars(select(ExternalBooking.starts_at))).all() == [None]


async def test_a_code_that_nobody_has_is_no_slot_whatever_is_in_it(channel: Aggregator) -> None:
    for code in ("", "0", "\0", "\ud800", "9" * 30):
        wish = msgspec.structs.replace(channel.wish(), doctor=code)
        assert (await channel.ask(wish, id=None)).result == "no_slot"


async def test_who_wants_one_branch_is_offered_times_of_this_branch(channel: Aggregator) -> None:
    doctor, elsewhere = channel.desk.doctors[0], DAY + dt.timedelta(days=1)
    async with channel.desk.units("director") as ctx:
        far, chair = await another_branch(ctx, "Филиал на Мира", "Asia/Yekaterinburg")
        ctx.db.add(Shift(**shift_row(far, doctor, chair, elsewhere)))
    await channel.desk.book("14:30", "15:00")
    offered = []
    for number, place in enumerate((None, str(channel.desk.branch_id))):
        wish = msgspec.structs.replace(channel.wish("14:30"), place=place)
        refused = await channel.ask(wish, id=f"A-{number}")
        assert refused.result == "taken"
        offered.append({cell.branch_id for cell in refused.free})
    assert offered == [{far}, set()]
