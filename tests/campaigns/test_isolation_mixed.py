"""Between clinics, all at once: requests of twenty clinics mixed on the few connections of one web process, and every
tenth given up at a random moment by closing its socket."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Callable
from random import Random

import httpx
import msgspec
import pytest
from sqlalchemy import text

from prikus.app.door import cookie_name, csrf_token
from prikus.data.session import Scope
from prikus.testing.clinics import BASE_URL, Client, TestClinic
from prikus.testing.contract.isolation import Make, new_marker
from prikus.testing.house import House
from prikus.ui.render import CSRF_HEADER
from tests.contract.samples import new_patient

CLINICS, TOGETHER, GIVEN_UP = 20, 16, 0.1
MARKER = re.compile(r"mk[0-9a-f]{10}", re.IGNORECASE)
OPEN = """
    select count(*) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and state like 'idle in transaction%'
"""
NOBODY_WAITS = 60
"""Looks at the server, a tenth of a second apart, until no transaction may be open any more."""


class Desk(msgspec.Struct, frozen=True):
    """A clinic, the word that all of its patients carry, and its director's cookie."""

    clinic: TestClinic
    marker: str
    patient: int
    headers: dict[str, str]

    def address(self, chance: Random) -> str:
        card = f"/patients/{self.patient}"
        return chance.choice(
            (f"/patients?q={self.marker}", f"/patients/search?q={self.marker}", card, f"{card}/profile", f"{card}/edit")
        )


async def desk_of(clinic: TestClinic) -> Desk:
    marker = new_marker()
    patient = int(await new_patient(clinic, marker))
    key = await clinic.session("director")
    config = clinic.house.config
    cookie = {"cookie": f"{cookie_name(config)}={key}", CSRF_HEADER: csrf_token(config.secret(), key)}
    return Desk(clinic, marker, patient, cookie)


async def ask(client: httpx.AsyncClient, desk: Desk, chance: Random) -> str:
    """One request: what it came to. A foreign word in the answer fails."""
    address = desk.address(chance)
    patience = chance.random() * 0.05 if chance.random() < GIVEN_UP else None
    try:
        async with asyncio.timeout(patience):
            answer = await client.get(address, headers=desk.headers)
    except TimeoutError:
        return "given up"
    assert answer.status_code == 200, f"{address}: {answer.status_code} {answer.text[:300]}"
    found = {word.lower() for word in MARKER.findall(answer.text)}
    assert found == {desk.marker.lower()}, f"{address}: {found}, not only {desk.marker}"
    return "answered"


async def mixed(client: httpx.AsyncClient, desks: list[Desk], count: int, chance: Random) -> Counter[str]:
    """So many requests, some of them at any moment, each of any clinic."""
    counted, left = Counter[str](), iter(range(count))

    async def one_after_another() -> None:
        for _ in left:
            counted[await ask(client, chance.choice(desks), chance)] += 1

    async with asyncio.TaskGroup() as group:
        for _ in range(TOGETHER):
            group.create_task(one_after_another())
    return counted


async def open_transactions(house: House) -> int:
    """How many transactions stand open and idle, when none has gone for a while."""
    async with house.runtime.relay.connect() as db:
        for _ in range(NOBODY_WAITS):
            count = await db.scalar(text(OPEN))
            await db.rollback()
            if not count:
                return 0
            await db.execute(text("select pg_sleep(0.1)"))
            await db.rollback()
    return count or 0


async def test_mixed_requests_of_many_clinics_keep_apart(
    live_server: str, live_house: House, make_clinic: Make, rounds: Callable[[int, int], int], chance: Random
) -> None:
    desks = [await desk_of(await make_clinic()) for _ in range(CLINICS)]
    began = time.monotonic()
    limits = httpx.Limits(max_connections=TOGETHER, max_keepalive_connections=TOGETHER)
    async with httpx.AsyncClient(base_url=live_server, limits=limits, timeout=60, trust_env=False) as client:
        counted = await mixed(client, desks, rounds(600, 10_000), chance)
        assert await open_transactions(live_house) == 0
    print(f"{counted.total()} requests of {CLINICS} clinics in {time.monotonic() - began:.0f} s: {dict(counted)}")
    assert counted["given up"] > counted.total() * GIVEN_UP / 4


async def left_on_connections(house: House) -> set[str | None]:
    """The clinic that each connection of the pool remembers, all of them looked at together."""
    async with asyncio.TaskGroup() as group:
        barrier = asyncio.Barrier(house.runtime.app.pool.size())  # type: ignore[attr-defined]

        async def one() -> str | None:
            async with house.runtime.app.connect() as db:
                await barrier.wait()
                return await db.scalar(text("select nullif(current_setting('app.clinic_id', true), '')"))

        looks = [group.create_task(one()) for _ in range(barrier.parties)]
    return {look.result() for look in looks}


async def given_up_in_this_process(make_clinic: Make, chance: Random, count: int) -> House:
    desks = [await desk_of(await make_clinic()) for _ in range(3)]
    house = desks[0].clinic.house
    async with Client(house, None) as client:
        assert str(client.base_url) == BASE_URL
        await mixed(client, desks, count, chance)
    return house


async def test_no_connection_remembers_a_clinic(make_clinic: Make, chance: Random) -> None:
    house = await given_up_in_this_process(make_clinic, chance, 200)
    assert await left_on_connections(house) == {None}


async def test_a_setting_of_the_whole_session_would_be_remembered(
    make_clinic: Make, chance: Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: without LOCAL the clinic stays on the connection."""
    begin = Scope.begin
    house = await given_up_in_this_process(make_clinic, chance, 20)
    monkeypatch.setattr(Scope, "begin", lambda scope: begin(scope).replace("SET LOCAL app.", "SET app."))
    try:
        await given_up_in_this_process(make_clinic, chance, 50)
        assert await left_on_connections(house) != {None}
    finally:
        await house.runtime.app.dispose()
