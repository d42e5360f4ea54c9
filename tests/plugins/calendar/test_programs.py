"""The calendar as programs use it: lists that they follow, free time, words on an appointment (API-01)."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest
from sqlalchemy import insert

from prikus.testing.clinics import TestClinic
from prikus.testing.following import followed
from prikus_calendar.models import Shift
from tests.plugins.calendar.conftest import API, DAY, Desk, shift_row

VIEW, CREATE, EDIT = (f"calendar.appointment.{word}" for word in ("view", "create", "edit"))


@pytest.mark.spec("API-01", part="changes of appointments")
async def test_a_program_follows_appointments_through_their_changes(desk: Desk, clinic: TestClinic) -> None:
    program = await clinic.program(VIEW, EDIT, "calendar.appointment.cancel", per_minute=3000)
    saved = await desk.book()
    found, cursor = await followed(program, f"{API}/appointments/changes", [saved.id])
    one = found[saved.id]
    assert (one["patient_id"], one["doctor_id"], one["meaning"]) == (desk.patients[0], desk.doctors[0], "planned")
    assert (one["starts_at"], one["business_date"]) == (f"{DAY}T05:00:00Z", str(DAY))
    cancelled = await program.post(
        f"{API}/appointments/{saved.id}/cancel", json={"row_version": one["row_version"], "reason": "заболел"}
    )
    assert cancelled.status_code == 200
    found, _ = await followed(program, f"{API}/appointments/changes", [saved.id], cursor)
    assert (found[saved.id]["meaning"], found[saved.id]["cancel_reason"]) == ("cancelled", "заболел")
    assert found[saved.id]["deleted"] is False


async def test_working_time_that_was_taken_away_is_told(desk: Desk, clinic: TestClinic) -> None:
    program = await clinic.program("calendar.shift.view", "calendar.shift.edit", per_minute=3000)
    found, cursor = await followed(program, f"{API}/shifts/changes", desk.shifts)
    version = found[desk.shifts[0]]["row_version"]
    gone = await program.post(f"{API}/shifts/{desk.shifts[0]}/delete", json={"row_version": version})
    assert gone.json() == {"id": desk.shifts[0]}
    found, _ = await followed(program, f"{API}/shifts/changes", desk.shifts[:1], cursor)
    assert found[desk.shifts[0]]["deleted"] is True


async def test_free_time_shrinks_by_what_is_booked(desk: Desk, clinic: TestClinic) -> None:
    program = await clinic.program(VIEW)
    await desk.book("10:00", "11:00")
    free = (await program.get(f"{API}/free", params={"date": str(DAY)})).json()
    mine = [(one["starts"][11:16], one["ends"][11:16]) for one in free if one["chair_id"] == desk.chairs[0]]
    assert mine == [("09:00", "10:00"), ("11:00", "15:00")]
    assert {one["doctor_id"] for one in free} == set(desk.doctors)


async def test_free_time_of_today_begins_now(desk: Desk, clinic: TestClinic) -> None:
    program = await clinic.program(VIEW)
    async with desk.units("system") as ctx:
        today, now = ctx.today(desk.branch_id), ctx.now()
        for place, left in enumerate((dt.timedelta(hours=2), dt.timedelta(minutes=14))):
            row = shift_row(desk.branch_id, desk.doctors[place], desk.chairs[place], today)
            row |= {"starts_at": now - dt.timedelta(hours=1), "ends_at": now + left}
            await ctx.db.execute(insert(Shift).values(row))
    earliest = ctx.now()
    [free] = (await program.get(f"{API}/free", params={"date": str(today)})).json()
    begins = dt.datetime.fromisoformat(free["starts"]).replace(tzinfo=ctx.zone(desk.branch_id))
    assert earliest <= begins <= ctx.now() + dt.timedelta(minutes=5)
    assert (free["chair_id"], begins.minute % 5, begins.second) == (desk.chairs[0], 0, 0)
    assert free["minutes"] == (now + dt.timedelta(hours=2) - begins) // dt.timedelta(minutes=1)


@pytest.mark.spec("API-01", part="metadata of appointments")
async def test_words_on_an_appointment_come_back_with_it(desk: Desk, clinic: TestClinic) -> None:
    program = await clinic.program(VIEW, EDIT, per_minute=3000)
    saved = await desk.book()
    place = f"{API}/appointments/{saved.id}/metadata"
    assert (await program.get(place)).json() == {"metadata": {}}
    await program.post(place, json={"metadata": {"site.order": "17", "old": "x"}})
    await program.post(place, json={"metadata": {"old": None}})
    found, _ = await followed(program, f"{API}/appointments/changes", [saved.id])
    assert found[saved.id]["metadata"] == {"site.order": "17"}
    refused = await program.post(place, json={"metadata": {"k": "x" * 501}})
    assert (refused.status_code, list(refused.json()["fields"])) == (422, ["metadata"])


async def test_words_on_an_appointment_are_in_nobodys_way(desk: Desk, clinic: TestClinic) -> None:
    """Who drags it was shown the version before them."""
    program = await clinic.program(VIEW, EDIT, per_minute=3000)
    saved = await desk.book()
    _, cursor = await followed(program, f"{API}/appointments/changes", [saved.id])
    place = f"{API}/appointments/{saved.id}/metadata"
    assert (await program.post(place, json={"metadata": {"site.order": "17"}})).status_code == 200
    found, _ = await followed(program, f"{API}/appointments/changes", [saved.id], cursor)
    assert found[saved.id]["metadata"] == {"site.order": "17"}
    moved = await desk.move(saved, "12:00", "12:30")
    assert moved.row_version == saved.row_version + 1
    assert (await program.get(place)).json() == {"metadata": {"site.order": "17"}}


async def test_one_key_at_two_addresses_is_two_requests(desk: Desk, clinic: TestClinic) -> None:
    program = await clinic.program("calendar.shift.edit")
    headers = {"Idempotency-Key": "one-press-of-mine"}
    wish = {"staff_id": desk.doctors[0], "chair_id": desk.chairs[0], "starts": "09:00:00", "ends": "12:00:00"}
    first = await program.post(f"{API}/shifts", json=wish | {"date": "2055-04-01"}, headers=headers)
    again = await program.post(f"{API}/shifts", json=wish | {"date": "2055-04-01"}, headers=headers)
    other = await program.post(f"{API}/shifts", json=wish | {"date": "2055-04-02"}, headers=headers)
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert first.json() == again.json()
    keyless = await program.post(f"{API}/shifts", json=wish | {"date": "2055-04-03"})
    assert (keyless.status_code, list(keyless.json()["fields"])) == (422, ["Idempotency-Key"])


@pytest.mark.parametrize("starts", ["10:00", "10:15"])
async def test_a_stale_move_is_a_conflict(desk: Desk, clinic: TestClinic, starts: str) -> None:
    program = await clinic.program(VIEW, EDIT)
    saved = await desk.book("12:00", "12:30")
    wish = msgspec.to_builtins(desk.wish(starts, "11:00")) | {"row_version": saved.row_version}
    fields = {name: wish[name] for name in ("row_version", "chair_id", "doctor_id", "date", "starts", "ends")}
    path = f"{API}/appointments/{saved.id}/move"
    assert (await program.post(path, json=fields)).status_code == 200
    assert (await program.post(path, json=fields)).status_code == 409
