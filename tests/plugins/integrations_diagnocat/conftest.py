"""A clinic whose images go to the fake Diagnocat, over real HTTP."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from prikus.connections.services.outgoing import breaker
from prikus.host.system import System
from prikus.testing.clinics import TestClinic, open_test_clinic
from prikus.testing.contract.connections import Linked
from prikus.testing.fakes import Fake, fake_provider
from prikus.testing.house import House, answering, migrated, opened
from prikus.testing.live import free_port
from prikus.testing.plugin import session
from prikus.testing.servers import Servers
from prikus_imaging.testing import OPEN
from prikus_integrations_diagnocat.fake import HOST, HOSTS
from prikus_integrations_diagnocat.fake.control import FAULTS
from tests.plugins.imaging.provider import conftest as imaging


def account() -> dict[str, str]:
    """Fields of an account that the fake knows."""
    name = uuid.uuid4().hex[:12]
    return {"region": "ru", "login": f"clinic-{name}", "password": f"pass-{name}", "send_name": "no", "signs": ""}


class Desk(imaging.Desk):
    """A clinic that is connected to the fake."""

    async def work(self, times: int = 8) -> list[str]:
        """Go on as if pauses were over, until nothing is on its way; the states of the clinic's analyses."""
        found = await super().work()
        for _ in range(times - 1):
            if not set(found) & OPEN:
                break
            found = await super().work()
        return found

    async def load(self, analysis: int) -> None:
        """«Загрузить результаты»."""
        pressed = await self.director.post(f"/imaging/analyses/{analysis}/load")
        assert pressed.status_code == 204, pressed.text

    async def press(self, scenario: str, **fields: str) -> str:
        return await self.fake.press(scenario, account=self.linked.fields["login"], **fields)

    async def error(self) -> Any:
        """What is said of the newest analysis."""
        return (await self.rows("error"))[-1][0]

    async def requests(self, after: int = 0) -> list[str]:
        """What was asked of the service, oldest first, without words of progress and numbers."""
        lines = [line["text"] for line in reversed(await self.fake.log("in", after=after))]
        bare = [re.sub(r"[0-9a-f]{24}", "…", line).replace("/partner-api", "") for line in lines]
        return [line for line in bare if not line.endswith("progress-notify")]

    async def has(self, words: str) -> bool:
        """Whether the service was told these words."""
        return await self.press("seek", text=words) == "есть"


@session
async def diagnocat_fake() -> AsyncIterator[str]:
    async with fake_provider("prikus_integrations_diagnocat.fake:build") as url:
        yield url


@session
async def diagnocat_house(servers: Servers, system: System, diagnocat_fake: str) -> AsyncIterator[House]:
    config = await migrated(servers, "diagnocat", 0)
    config = msgspec.structs.replace(config, fakes=dict.fromkeys(HOSTS, diagnocat_fake), port=free_port())
    async with opened(config, system) as house:
        yield house


@session
async def reachable(diagnocat_house: House) -> AsyncIterator[None]:
    async with answering(diagnocat_house):
        yield


@pytest.fixture
async def clinic(diagnocat_house: House) -> AsyncIterator[TestClinic]:
    clinic = await open_test_clinic(diagnocat_house)
    yield clinic
    await clinic.close()


@pytest.fixture
def house(diagnocat_house: House) -> House:
    return diagnocat_house


@pytest.fixture
async def linked(clinic: TestClinic, reachable: None) -> Linked:
    """Nothing is filled in yet."""
    breaker.forget()
    fake = Fake(clinic.house.config.fakes[HOST])
    return Linked(clinic, (await clinic.client_as("director")).htmx, "diagnocat", fake)


@pytest.fixture
async def desk(linked: Linked) -> AsyncIterator[Desk]:
    answer = await linked.connect(**account())
    assert answer.status_code == 204, answer.text
    yield Desk(linked)
    for fault in FAULTS:
        await linked.fake.misbehave(fault, 0)
