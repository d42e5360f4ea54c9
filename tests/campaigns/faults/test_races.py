"""Many people at once, over HTTP, against two web processes (reliability 12–13, 23–24). Each guard has its twin."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest
from sqlalchemy import insert, text
from sqlalchemy.engine import make_url

from prikus.testing.clinics import TestClinic
from prikus.toolkit import Chair, Patient
from prikus_calendar.models import Shift
from tests.campaigns.faults.guards import without
from tests.campaigns.faults.machine import Machine
from tests.campaigns.faults.truth import broken
from tests.plugins.billing.conftest import furnish
from tests.plugins.calendar.conftest import DAY, patient_row, shift_row

Rounds = Callable[[int, int], int]
WRITERS, CLICKS, PER_DAY = 8, 5, 10
API = "/api/v1/calendar"
FREE = r"(?:\d\d\.\d\d в )?\d\d:\d\d"
TAKEN = re.compile(rf"Кресло 1 занято: (Пациентка\d) А\., .+ Ближайшее свободное время: {FREE}, {FREE}\.")


class Room(msgspec.Struct, frozen=True):
    """A chair where one doctor works on `days` days, and eight people who want in."""

    chair_id: int
    doctor_id: int
    patients: tuple[int, ...]

    def wish(self, patient_id: int, n: int) -> dict[str, Any]:
        """The `n`-th half hour; the last two of a day stay free."""
        day, place = divmod(n, PER_DAY)
        starts = dt.datetime.combine(DAY + dt.timedelta(days=day), dt.time(9)) + place * dt.timedelta(minutes=30)
        ends = starts + dt.timedelta(minutes=30)
        wish = {"patient_id": patient_id, "chair_id": self.chair_id, "doctor_id": self.doctor_id}
        return {**wish, "date": f"{starts:%Y-%m-%d}", "starts": f"{starts:%H:%M:%S}", "ends": f"{ends:%H:%M:%S}"}


async def open_room(clinic: TestClinic, days: int) -> Room:
    doctor_id = (await clinic.staff("doctor", last_name="Петров")).staff_id
    async with clinic.ctx_as("system") as ctx:
        chair = insert(Chair).values(branch_id=ctx.branch.id, name="Кресло 1", position=1).returning(Chair.id)
        chair_id = (await ctx.db.execute(chair)).scalar_one()
        shifts = [shift_row(ctx.branch.id, doctor_id, chair_id, DAY + dt.timedelta(days=n)) for n in range(days)]
        await ctx.db.execute(insert(Shift), shifts)
        rows = [patient_row(n, f"Пациентка{n}") for n in range(WRITERS)]
        patients = await ctx.db.scalars(insert(Patient).returning(Patient.id, sort_by_parameter_order=True), rows)
        return Room(chair_id, doctor_id, tuple(patients))


async def deadlocks(clinic: TestClinic) -> int:
    query = text("select deadlocks from pg_stat_database where datname = current_database()")
    async with clinic.house.runtime.relay.connect() as db:
        return await db.scalar(query) or 0


@asynccontextmanager
async def desk(machine: Machine, clinic: TestClinic, url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with machine.client(url, await clinic.session("administrator")) as client:
        yield client


async def rush(client: httpx.AsyncClient, room: Room, n: int) -> list[httpx.Response]:
    """All eight ask for the same half hour."""
    wishes = [room.wish(patient_id, n) for patient_id in room.patients]
    keys = [{"Idempotency-Key": str(uuid4())} for _ in wishes]
    asking = (
        client.post(f"{API}/appointments", json=wish, headers=key) for wish, key in zip(wishes, keys, strict=True)
    )
    return await asyncio.gather(*asking)


async def booked(clinic: TestClinic) -> int:
    async with clinic.ctx_as("system") as ctx:
        return await ctx.db.scalar(text("select count(*) from calendar.appointment")) or 0


@pytest.mark.spec("CAL-08", part="over HTTP")
async def test_one_of_eight_gets_the_slot_and_seven_are_told_who_and_when_else(
    machine: Machine, clinic: TestClinic, calm_url: str, rounds: Rounds
) -> None:
    many = rounds(8, 200)
    room, before = await open_room(clinic, many // PER_DAY + 2), await deadlocks(clinic)
    async with desk(machine, clinic, calm_url) as client:
        for n in range(many):
            answers = await rush(client, room, n)
            assert Counter(answer.status_code for answer in answers) == {201: 1, 409: WRITERS - 1}
            (winner,) = (n for n, answer in enumerate(answers) if answer.status_code == 201)
            for answer in answers:
                if answer.status_code == 409:
                    found = TAKEN.match(answer.json()["sentence"])
                    assert found, answer.json()
                    assert found[1] == f"Пациентка{winner}"
    assert await booked(clinic) == many
    assert await deadlocks(clinic) == before
    assert await broken(clinic) == []


async def test_its_twin_without_locks_and_net_books_two(machine: Machine, clinic: TestClinic, calm_url: str) -> None:
    resources = ("chair", "doctor", "patient")
    role = make_url(clinic.house.runtime.urls.url("app")).username
    off = (
        "create schema twin",
        "grant usage on schema twin to public",
        "create function twin.pg_advisory_xact_lock(bigint) returns void language sql as ''",
        f"alter role {role} set search_path = twin, pg_catalog, public",
        *(f"alter table calendar.appointment drop constraint appointment_{name}_taken" for name in resources),
        "create function twin.linger() returns trigger language plpgsql as"
        " 'begin perform pg_sleep(0.3); return new; end'",
        "create trigger linger before insert on calendar.appointment for each row execute function twin.linger()",
    )
    net = "using gist (clinic_id with =, {0}_id with =, tstzrange(starts_at, ends_at) with &&)"
    on = (
        "delete from calendar.appointment_change where clinic_id = :clinic",
        "delete from calendar.appointment where clinic_id = :clinic",
        f"alter role {role} reset search_path",
        "drop schema twin cascade",
        *(
            f"alter table calendar.appointment add constraint appointment_{name}_taken exclude {net.format(name)}"
            " where (occupies and not overlap_ok) deferrable initially immediate"
            for name in resources
        ),
    )
    room = await open_room(clinic, 2)
    async with without(clinic, off, on):
        web = await machine.web()
        async with desk(machine, clinic, web.url) as client:
            answers = await rush(client, room, 0)
        assert Counter(answer.status_code for answer in answers)[201] > 1
        assert any("в одно время: одно кресло" in sentence for sentence in await broken(clinic))


async def press(client: httpx.AsyncClient, invoice_id: int, keys: list[str]) -> Counter[int]:
    """«Оплатить» five times for each key, all at once."""
    presses = [{"cash": "1", "idempotency_key": key} for key in keys for _ in range(CLICKS)]
    asking = (client.post(f"/billing/invoices/{invoice_id}/pay", data=one) for one in presses)
    return Counter(answer.status_code for answer in await asyncio.gather(*asking))


async def paid(clinic: TestClinic) -> int:
    async with clinic.ctx_as("director") as ctx:
        return await ctx.db.scalar(text("select count(*) from billing.payment")) or 0


async def test_five_clicks_on_pay_are_one_payment(
    machine: Machine, clinic: TestClinic, calm_url: str, rounds: Rounds
) -> None:
    shelf, many = await furnish(clinic.ctx_as), rounds(12, 300)
    async with desk(machine, clinic, calm_url) as client:
        for _ in range(0, many, 4):
            invoice = await shelf.invoice()
            keys = [str(uuid4()) for _ in range(4)]
            assert await press(client, invoice.invoice_id, keys) == {204: 4 * CLICKS}
    assert await paid(clinic) == many
    assert await broken(clinic) == []


async def test_its_twin_whose_keys_are_all_different_pays_five_times(
    machine: Machine, clinic: TestClinic, calm_url: str
) -> None:
    tables = ("core.idempotency_key", "billing.ledger_transaction")
    off = (
        "create function core.always_new() returns trigger language plpgsql as"
        " 'begin new.key := gen_random_uuid(); return new; end'",
        *(f"create trigger anew before insert on {t} for each row execute function core.always_new()" for t in tables),
    )
    shelf = await furnish(clinic.ctx_as)
    invoice = await shelf.invoice()
    async with (
        without(clinic, off, ("drop function core.always_new() cascade",)),
        desk(machine, clinic, calm_url) as client,
    ):
        await press(client, invoice.invoice_id, [str(uuid4())])
    assert await paid(clinic) == CLICKS


async def test_of_two_edits_of_one_version_one_is_refused(
    machine: Machine, clinic: TestClinic, calm_url: str, rounds: Rounds
) -> None:
    """Also when the other change was made in the database itself, past the application."""
    room = await open_room(clinic, 3)
    async with desk(machine, clinic, calm_url) as client:
        made = await client.post(
            f"{API}/appointments", json=room.wish(room.patients[0], 0), headers={"Idempotency-Key": str(uuid4())}
        )
        id, version = made.json()["id"], made.json()["row_version"]
        for n in range(1, rounds(4, 100) + 1):
            wishes = [room.wish(0, 2 * (n % 5) + place) for place in (0, 1)]
            moves = [{name: wish[name] for name in ("chair_id", "date", "starts", "ends")} for wish in wishes]
            answers = await asyncio.gather(
                *(client.post(f"{API}/appointments/{id}/move", json={**move, "row_version": version}) for move in moves)
            )
            assert sorted(answer.status_code for answer in answers) == [200, 409]
            (version,) = (answer.json()["row_version"] for answer in answers if answer.status_code == 200)
        async with clinic.ctx_as("system") as ctx:
            await ctx.db.execute(text("update calendar.appointment set comment = 'позвонить'"))
        late = {"row_version": version, "reason": "передумал"}
        assert (await client.post(f"{API}/appointments/{id}/cancel", json=late)).status_code == 409
        assert (
            await client.post(f"{API}/appointments/{id}/cancel", json={**late, "row_version": version + 1})
        ).is_success
    assert await broken(clinic) == []


async def test_shifts_added_at_once_are_saved_or_refused_and_never_a_fault(
    machine: Machine, clinic: TestClinic, calm_url: str, rounds: Rounds, chance: random.Random
) -> None:
    """Year-long series that overlap: hundreds of locks each."""
    room = await open_room(clinic, 1)
    others = [(await clinic.staff("doctor", last_name=f"Врач{n}")).staff_id for n in range(3)]
    async with desk(machine, clinic, calm_url) as client:
        for n in range(rounds(1, 20)):
            first = dt.date(2028 + n, 1, 1)
            series = [
                {
                    "staff_id": chance.choice(others),
                    "chair_id": room.chair_id,
                    "date": (first + dt.timedelta(days=chance.randrange(20))).isoformat(),
                    "until": f"{first.year}-12-{chance.randrange(10, 28)}",
                    "starts": f"{chance.randrange(8, 12):02}:00",
                    "ends": f"{chance.randrange(13, 20):02}:00",
                    "on_conflict": chance.choice(("refuse", "skip")),
                }
                for _ in range(WRITERS)
            ]
            answers = await asyncio.gather(*(client.post("/calendar/shifts", data=one) for one in series))
            statuses = Counter(answer.status_code for answer in answers)
            assert not statuses.keys() - {204, 409, 503}, [a.text[:500] for a in answers if a.status_code >= 500]
            assert statuses[204] >= 1
    assert await broken(clinic) == []
