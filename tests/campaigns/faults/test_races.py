"""Many people at once, over HTTP, against two web processes (reliability 12–13, 23–24). Each guard has its twin."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
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
from tests.campaigns.faults.guards import lingering, without
from tests.campaigns.faults.machine import Machine
from tests.campaigns.faults.truth import broken
from tests.plugins.billing.conftest import furnish
from tests.plugins.calendar.conftest import DAY, patient_row, shift_row

Rounds = Callable[[int, int], int]
Statements = tuple[tuple[str, ...], tuple[str, ...]]
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


async def answered(client: httpx.AsyncClient, path: str, **wish: Any) -> httpx.Response:
    """Asked again with the same key while others of the crowd hold the lock for longer than one waits for it."""
    while (answer := await client.post(path, **wish)).status_code == 503:
        assert "retry-after" in answer.headers
    return answer


async def rush(client: httpx.AsyncClient, room: Room, n: int) -> list[httpx.Response]:
    """All eight ask for the same half hour."""
    wishes = [room.wish(patient_id, n) for patient_id in room.patients]
    keys = [{"Idempotency-Key": str(uuid4())} for _ in wishes]
    asking = (
        answered(client, f"{API}/appointments", json=wish, headers=key) for wish, key in zip(wishes, keys, strict=True)
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


NETS = {
    "appointment": (("chair", "doctor", "patient"), "where (occupies and not overlap_ok)"),
    "shift": (("staff", "chair"), ""),
}


def unlocked(clinic: TestClinic) -> Statements:
    """Take away the locks of the application and the nets of its tables, and have rows linger."""
    role = make_url(clinic.house.runtime.urls.url("app")).username
    net = "using gist (clinic_id with =, {0}_id with =, tstzrange(starts_at, ends_at) with &&)"
    nets = [(table, name, where) for table, (names, where) in NETS.items() for name in names]
    off = (
        "create schema twin",
        "grant usage on schema twin to public",
        "create function twin.pg_advisory_xact_lock(bigint) returns void language sql as ''",
        f"alter role {role} set search_path = twin, pg_catalog, public",
        *(f"alter table calendar.{table} drop constraint {table}_{name}_taken" for table, name, _ in nets),
        *lingering(*(f"calendar.{table}" for table in NETS)),
    )
    on = (
        *(f"delete from calendar.{table} where clinic_id = :clinic" for table in ("appointment_change", *NETS)),
        f"alter role {role} reset search_path",
        "drop schema twin cascade",
        *(
            f"alter table calendar.{table} add constraint {table}_{name}_taken exclude {net.format(name)}"
            f" {where} deferrable initially immediate"
            for table, name, where in nets
        ),
    )
    return off, on


async def press(client: httpx.AsyncClient, invoice_id: int, keys: list[str]) -> Counter[int]:
    """«Оплатить» five times for each key, all at once."""
    presses = [{"cash": "1", "idempotency_key": key} for key in keys for _ in range(CLICKS)]
    asking = (answered(client, f"/billing/invoices/{invoice_id}/pay", data=one) for one in presses)
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


async def made(client: httpx.AsyncClient, room: Room) -> tuple[int, int]:
    """An appointment: its id and version."""
    key = {"Idempotency-Key": str(uuid4())}
    answer = await client.post(f"{API}/appointments", json=room.wish(room.patients[0], 0), headers=key)
    return answer.json()["id"], answer.json()["row_version"]


async def moved_twice(client: httpx.AsyncClient, room: Room, id: int, version: int, n: int) -> list[httpx.Response]:
    """Two people who looked at one version move the appointment, each to a time of their own."""
    wishes = [room.wish(0, 2 * (n % 5) + place) for place in (0, 1)]
    moves = [{name: wish[name] for name in ("chair_id", "date", "starts", "ends")} for wish in wishes]
    return await asyncio.gather(
        *(client.post(f"{API}/appointments/{id}/move", json={**move, "row_version": version}) for move in moves)
    )


async def test_of_two_edits_of_one_version_one_is_refused(
    machine: Machine, clinic: TestClinic, calm_url: str, rounds: Rounds
) -> None:
    """Also when the other change was made in the database itself, past the application."""
    room = await open_room(clinic, 3)
    async with desk(machine, clinic, calm_url) as client:
        id, version = await made(client, room)
        for n in range(1, rounds(4, 100) + 1):
            answers = await moved_twice(client, room, id, version, n)
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


async def test_its_twin_whose_versions_stand_still_saves_both(
    machine: Machine, clinic: TestClinic, calm_url: str
) -> None:
    off = (
        "create function calendar.stand_still() returns trigger language plpgsql as"
        " 'begin new.row_version := old.row_version; return new; end'",
        "create trigger zz_still before update on calendar.appointment for each row"
        " execute function calendar.stand_still()",
    )
    room = await open_room(clinic, 3)
    async with (
        without(clinic, off, ("drop function calendar.stand_still() cascade",)),
        desk(machine, clinic, calm_url) as client,
    ):
        id, version = await made(client, room)
        answers = await moved_twice(client, room, id, version, 1)
    assert [answer.status_code for answer in answers] == [200, 200]


def shifts_of(room: Room, doctors: Sequence[int], first: dt.date, days: int, chance: random.Random) -> list[dict]:
    """Series of the same weeks in one chair, one for each of eight people."""
    last = first + dt.timedelta(days=days)
    return [
        {
            "staff_id": chance.choice(doctors),
            "chair_id": room.chair_id,
            "date": (first + dt.timedelta(days=chance.randrange(max(1, days // 18)))).isoformat(),
            "until": (last - dt.timedelta(days=chance.randrange(max(1, days // 18)))).isoformat(),
            "starts": f"{chance.randrange(8, 12):02}:00",
            "ends": f"{chance.randrange(13, 20):02}:00",
            "on_conflict": chance.choice(("refuse", "skip")),
        }
        for _ in range(WRITERS)
    ]


async def add_shifts(client: httpx.AsyncClient, series: Iterable[dict]) -> list[httpx.Response]:
    return await asyncio.gather(*(client.post("/calendar/shifts", data=one) for one in series))


async def doubled(clinic: TestClinic) -> int:
    """Pairs of shifts in one chair at one time."""
    query = text("""
        select count(*) from calendar.shift a join calendar.shift b on a.chair_id = b.chair_id and a.id < b.id
          and tstzrange(a.starts_at, a.ends_at) && tstzrange(b.starts_at, b.ends_at)
    """)
    async with clinic.ctx_as("system") as ctx:
        return await ctx.db.scalar(query) or 0


async def three_doctors(clinic: TestClinic) -> list[int]:
    return [(await clinic.staff("doctor", last_name=f"Врач{n}")).staff_id for n in range(3)]


async def test_shifts_added_at_once_are_saved_or_refused_and_never_a_fault(
    machine: Machine, clinic: TestClinic, calm_url: str, rounds: Rounds, chance: random.Random
) -> None:
    """Year-long series that overlap: hundreds of locks each."""
    room, doctors = await open_room(clinic, 1), await three_doctors(clinic)
    async with desk(machine, clinic, calm_url) as client:
        for n in range(rounds(1, 20)):
            series = shifts_of(room, doctors, dt.date(2028 + n, 1, 1), 364, chance)
            answers = await add_shifts(client, series)
            statuses = Counter(answer.status_code for answer in answers)
            assert not statuses.keys() - {204, 409, 503}, [a.text[:500] for a in answers if a.status_code >= 500]
            assert statuses[204] >= 1
    assert await doubled(clinic) == 0
    assert await broken(clinic) == []


async def test_their_twin_without_locks_and_nets_books_two_and_puts_two_doctors_into_one_chair(
    machine: Machine, clinic: TestClinic, chance: random.Random
) -> None:
    room, doctors = await open_room(clinic, 2), await three_doctors(clinic)
    async with without(clinic, *unlocked(clinic)):
        web = await machine.web()
        async with desk(machine, clinic, web.url) as client:
            answers = await rush(client, room, 0)
            await add_shifts(client, shifts_of(room, doctors, dt.date(2028, 1, 1), 1, chance))
        assert Counter(answer.status_code for answer in answers)[201] > 1
        assert any("в одно время: одно кресло" in sentence for sentence in await broken(clinic))
        assert await doubled(clinic) > 0
