"""What people do all day costs as much among 100,000 patients as among 3,000, whoever else is in the database."""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

import pytest
from sqlalchemy import event, text

from prikus.host.system import System
from prikus.testing.clinics import TestClinic, open_test_clinic
from prikus.testing.house import House, migrated, opened
from prikus.testing.plugin import session
from prikus.testing.servers import Servers
from tests.campaigns.growth import crowd
from tests.contract import test_calendar

REDIS_NUMBER = 12
NEIGHBOURS = 20
PATIENTS = re.compile(r"Scan.* on (core\.)?patient\b")
REMOVED = re.compile(r"Rows Removed by Filter: (\d+)")
LAST_MONTH = crowd.DAY - dt.timedelta(days=20)
CALLS = {
    "list": "/patients/",
    "list by number, deep": "/patients/?sort=-card&after={deep}",
    "list by name, deep": "/patients/?sort=name&after={deep}",
    "search by the beginning": "/patients/search?q=Смирн",
    "search inside": "/patients/search?q=мирно",
    "search by phone": "/patients/search?q=912",
    "card": "/patients/{patient}",
    "feed": "/patients/{patient}/feed",
    "day": "/api/v1/calendar/day?date={day}",
    "next appointments": "/calendar/patients/{patient}/next",
    "trash": "/trash/patients",
}
SEARCHES = [name for name in CALLS if name.startswith(("list", "search", "trash"))]


class Crowd:
    """A small and a large clinic beside many others."""

    def __init__(self, house: House, small: TestClinic, large: TestClinic) -> None:
        self.house = house
        self.small = small
        self.large = large
        self.addresses: dict[int, dict[str, str]] = {}

    async def find(self, clinic: TestClinic) -> None:
        """Addresses of the calls in this clinic."""
        async with clinic.ctx_as("director") as ctx:
            query = "select id from core.patient where deleted_at is null order by card_number offset :n limit 1"
            number = await ctx.db.scalar(text("select count(*) / 2 from core.patient where deleted_at is null"))
            deep = await ctx.db.scalar(text(query), {"n": number})
        values = {"deep": deep, "patient": deep, "day": LAST_MONTH}
        self.addresses[clinic.id] = {name: path.format(**values) for name, path in CALLS.items()}


@session
async def crowd_house(
    servers: Servers, system: System, worker_number: int, request: pytest.FixtureRequest
) -> AsyncIterator[Crowd]:
    is_large = request.config.getoption("--campaign")
    few, many, others = (3_000, 100_000, 897_000) if is_large else (200, 2_000, 2_000)
    config = await migrated(servers, f"crowd_{worker_number}", REDIS_NUMBER, system)
    async with opened(config, system) as house:
        small, large = [await open_test_clinic(house) for _ in range(2)]
        admin = await crowd.administrator(config)
        try:
            for clinic in (small, large):
                await test_calendar.appointment(clinic, "Первый", 1)
            begin = time.monotonic()
            indexes = await crowd.in_bulk(admin)
            await crowd.fill(admin, small, few)
            await crowd.fill(admin, large, many)
            await crowd.add_clinics(admin, NEIGHBOURS, others // NEIGHBOURS)
            for made in indexes:
                await admin.execute(made)
            await admin.execute("vacuum analyze")
            total = await admin.fetchval("select count(*) from core.patient")
            print(f"{total} patients loaded in {time.monotonic() - begin:.0f} s")
            found = Crowd(house, small, large)
            for clinic in (small, large):
                await found.find(clinic)
            yield found
        finally:
            await admin.close()
            for clinic in (small, large):
                await clinic.close()


async def test_time_grows_hardly_with_patients(crowd_house, rounds) -> None:
    """The best of rounds in which the clinics take turns; thirty times the patients cost three times at most."""
    clients = {clinic.id: await clinic.client_as("director") for clinic in (crowd_house.small, crowd_house.large)}
    spent: dict[str, dict[int, list[float]]] = {name: {id: [] for id in clients} for name in CALLS}
    for _ in range(rounds(5, 40)):
        for name in CALLS:
            for id, client in clients.items():
                begin = time.perf_counter()
                answer = await client.get(crowd_house.addresses[id][name])
                spent[name][id].append(1000 * (time.perf_counter() - begin))
                assert answer.status_code == 200, name
    best = {name: [min(times) for times in by_clinic.values()] for name, by_clinic in spent.items()}
    usual = {name: [median(times) for times in by_clinic.values()] for name, by_clinic in spent.items()}
    for name, (small, large) in best.items():
        print(f"{name}: best {small:.1f} ms, {large:.1f} ms; median {usual[name][0]:.1f} ms, {usual[name][1]:.1f} ms")
    slower = {name: (small, large) for name, (small, large) in best.items() if large > 3 * small + 5}
    assert not slower


@contextmanager
def plans(house: House) -> Iterator[list[str]]:
    """What the server tells about each statement of the application."""
    told: list[str] = []

    def listen(connection: Any, record: Any) -> None:
        connection.driver_connection.add_log_listener(lambda _, message: told.append(str(message)))

    engine = house.runtime.app.sync_engine
    event.listen(engine, "connect", listen)
    try:
        yield told
    finally:
        event.remove(engine, "connect", listen)


async def test_no_list_reads_rows_to_throw_them_away(crowd_house) -> None:
    """As the application, under its policies; and the twin, a substring without the definer function, is found out."""
    house, clinic = crowd_house.house, crowd_house.large
    client = await clinic.client_as("director")
    admin = await crowd.administrator(house.config)
    await crowd.watch(admin, house.config)
    await admin.close()
    with plans(house) as told:
        await house.runtime.app.dispose()
        wasted = {name: await removed(client, crowd_house.addresses[clinic.id][name], told) for name in SEARCHES}
        async with clinic.ctx_as("director") as ctx:
            told.clear()
            await ctx.db.execute(text("select id from core.patient where search_name like '%мирно%'"))
        twin = [plan for plan in told if throws_away(plan)]
    await house.runtime.app.dispose()
    assert twin
    assert {name: found for name, found in wasted.items() if found} == {}


async def removed(client: Any, address: str, told: list[str]) -> list[str]:
    """Plans that read patients in order to throw them away."""
    told.clear()
    assert (await client.get(address)).status_code == 200, address
    of_patients = [plan for plan in told if PATIENTS.search(plan)]
    assert of_patients, "no plans were told"
    return [plan for plan in of_patients if throws_away(plan)]


def throws_away(plan: str) -> bool:
    """Whether a scan of patients in it removed rows. Scans of other tables in the same plan are small."""
    is_of_patients = False
    for line in plan.splitlines():
        if "->" in line or "(cost=" in line:
            is_of_patients = PATIENTS.search(line) is not None
        elif is_of_patients and (found := REMOVED.search(line)) and int(found[1]):
            return True
    return False
