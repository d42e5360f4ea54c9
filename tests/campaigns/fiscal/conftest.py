"""An installation with a fake register, a web that takes its callbacks, and workers that die."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from prikus.host.system import System
from prikus.testing.clinics import TestClinic, open_test_clinic
from prikus.testing.house import House, migrated, opened
from prikus.testing.plugin import own, session
from prikus.testing.servers import Servers
from prikus_integrations_evotor.fake import HOST
from tests.campaigns.faults.machine import PACE, Machine
from tests.plugins.billing.conftest import furnish
from tests.plugins.fiscal.conftest import Front
from tests.plugins.integrations_evotor.conftest import Till, evotor_fake

__all__ = ["evotor_fake"]
REDIS_NUMBER = 11


@session
async def fiscal_house(servers: Servers, system: System, evotor_fake: str) -> AsyncIterator[House]:
    config = await migrated(servers, "fiscal_faults", REDIS_NUMBER, system)
    async with opened(msgspec.structs.replace(config, work=PACE, fakes={HOST: evotor_fake}), system) as house:
        yield house


@pytest.fixture
def house(fiscal_house: House) -> House:
    return fiscal_house


@own
async def clinic(house: House) -> AsyncIterator[TestClinic]:
    clinic = await open_test_clinic(house)
    yield clinic
    await clinic.close()


@own
async def machine(house: House, tmp_path: Path) -> AsyncIterator[Machine]:
    made = Machine(house.config, tmp_path)
    yield made
    await made.close()


@own
async def front(clinic: TestClinic, evotor_fake: str) -> AsyncIterator[Front]:
    till = Till(clinic, evotor_fake, (await clinic.client_as("director")).htmx)
    answer = await till.connect()
    assert answer.status_code == 204, answer.text
    yield Front(clinic, till, await furnish(clinic.ctx_as))
    await till.control.aclose()
