"""An installation of our own plugins and one that does everything wrong."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from prikus.host import rooms
from prikus.host.breaker import Breaker
from prikus.host.system import System
from prikus.testing.clinics import TestClinic
from prikus.testing.house import House, migrated, opened
from prikus.testing.live import environment
from prikus.testing.plugin import own, session
from prikus.testing.servers import Servers
from tests.campaigns.faults.machine import Process
from tests.core.conftest import SAMPLES, entry, offer_plan

PACE = {"PRIKUS_WORK_SWEEP": "0.2"}


def hostile_system() -> System:
    entries = [*entry_points(group=rooms.GROUP), entry("hostile")]
    return System(rooms.installed(entries))


@asynccontextmanager
async def opened_with(servers: Servers, name: str, redis_number: int) -> AsyncIterator[House]:
    system = hostile_system()
    config = await migrated(servers, name, redis_number, system)
    await offer_plan(config, "hostile", "Опасный", "catalog", "calendar", "billing", "hostile")
    async with opened(config, system) as house:
        yield house


@session
async def hostile_house(servers: Servers) -> AsyncIterator[House]:
    async with opened_with(servers, "hostile", 0) as house:
        yield house


@session
async def hostile_apart(servers: Servers, worker_number: int) -> AsyncIterator[House]:
    """A database whose work is done by processes that the tests start."""
    async with opened_with(servers, f"hostile_apart_{worker_number}", 8 + worker_number) as house:
        yield house


@pytest.fixture
def house(hostile_house: House) -> House:
    return hostile_house


@own
async def clinic(make_clinic) -> TestClinic:
    return await make_clinic(plan="hostile")


@pytest.fixture
def moods(house: House) -> Iterator[dict[str, str]]:
    """How the plugin behaves, by hook or page; nothing of it outlives the test."""
    from prikus_hostile.moods import moods

    moods.clear()
    house.system.hooks.breaker = Breaker()
    yield moods
    moods.clear()


@pytest.fixture
def distribution(tmp_path: Path) -> dict[str, str]:
    """What makes the plugin installed for a process of its own."""
    facts = tmp_path / "prikus_hostile-1.0.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: prikus-hostile\nVersion: 1.0.0\n")
    (facts / "entry_points.txt").write_text("[prikus.plugins]\nhostile = prikus_hostile:plugin\n")
    return {"PYTHONPATH": f"{tmp_path}:{SAMPLES}"}


@pytest.fixture
async def start(house: House, distribution, tmp_path: Path) -> AsyncIterator[Callable[..., Process]]:
    running: list[Process] = []

    def begin(words: str, **more: str) -> Process:
        environ = environment(house.config, **distribution, **PACE, **more)
        running.append(Process(words, environ, tmp_path / f"{words}-{len(running)}.log"))
        return running[-1]

    yield begin
    for one in running:
        await one.stop()
