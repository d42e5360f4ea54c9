"""An installation of its own with real processes, whose workers have short leases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from prikus.host.system import System
from prikus.testing.house import House, migrated, opened
from prikus.testing.plugin import own, session
from prikus.testing.servers import Servers
from tests.campaigns.faults.machine import PACE, Machine

REDIS_NUMBER = 8
"""Past those of other tests' installations, so that nobody hears wake-ups of another."""


@session
async def faulty_house(servers: Servers, system: System, worker_number: int) -> AsyncIterator[House]:
    config = await migrated(servers, f"faults_{worker_number}", REDIS_NUMBER + worker_number, system)
    async with opened(config, system, work=PACE) as house:
        yield house


@pytest.fixture
def house(faulty_house: House) -> House:
    return faulty_house


@own
async def machine(house: House, tmp_path: Path) -> AsyncIterator[Machine]:
    # What earlier tests left undone would be taken up, and died over, by the workers of this one.
    await house.performer.perform_due()
    made = Machine(house.config, tmp_path)
    yield made
    await made.close()


@session
async def calm_url(faulty_house: House, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of a web that nobody hurts: two processes, as in a clinic."""
    machine = Machine(faulty_house.config, tmp_path_factory.mktemp("calm"))
    yield (await machine.web(PRIKUS_PROCESSES="2")).url
    await machine.close()
