"""The same with real web and worker processes, which the fake exchange sends to."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest

from prikus.host.system import System
from prikus.testing.clinics import TestClinic, open_test_clinic
from prikus.testing.house import House, migrated, opened
from prikus.testing.live import serving
from prikus.testing.plugin import session
from prikus.testing.servers import Servers
from prikus_integrations_beeline.fake import HOST

REDIS_NUMBER = 6


@session
async def live_house(servers: Servers, system: System, worker_number: int, beeline_fake: str) -> AsyncIterator[House]:
    config = await migrated(servers, f"beeline_live_{worker_number}", REDIS_NUMBER + worker_number)
    async with opened(msgspec.structs.replace(config, fakes={HOST: beeline_fake}), system) as house:
        yield house


@session
async def live_server(live_house: House) -> AsyncIterator[str]:
    async with serving(live_house.config) as url:
        yield url


@pytest.fixture
def house(live_house: House) -> House:
    return live_house


@pytest.fixture
async def clinic(live_house: House) -> AsyncIterator[TestClinic]:
    clinic = await open_test_clinic(live_house)
    yield clinic
    await clinic.close()
