"""An installation that the fake exchange reaches over real HTTP, and short ways to let it ring."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import text

from prikus.host.system import System
from prikus.testing.clinics import Client, TestClinic, open_test_clinic
from prikus.testing.fakes import Fake, fake_provider
from prikus.testing.house import House, answering, migrated, opened
from prikus.testing.live import free_port
from prikus.testing.plugin import session
from prikus.testing.servers import Servers
from prikus_integrations_beeline.fake import HOST
from prikus_integrations_beeline.services import client

CALLS = "select direction, is_answered, client_number, extension from telephony.phone_call where not is_internal"


class Pbx:
    """The clinic's exchange. `director` has connected it, `card` is its address under «API Интеграции»."""

    def __init__(self, clinic: TestClinic, url: str, director: Client) -> None:
        self.clinic, self.director = clinic, director
        self.token = f"00000000-0000-4000-8000-{uuid.uuid4().hex[:12]}"
        self.fake = Fake(url)
        self.control = httpx.AsyncClient(base_url=f"{url}/_control/{self.token}", timeout=60)
        self.card = ""

    async def connect(self, token: str = "") -> httpx.Response:
        if not self.card:
            data = {"row_version": "0", "token": token or self.token}
            saved = await self.director.post("/connections/new/beeline", data=data)
            assert saved.status_code == 204, saved.text
            found = re.search(r"/connections/\d+(?=/connect)", (await self.director.get("/connections/")).text)
            assert found
            self.card = found[0]
        return await self.director.post(f"{self.card}/connect")

    @property
    def connection_id(self) -> int:
        return int(self.card.rsplit("/", 1)[1])

    async def do(self, where: str, **data: Any) -> Any:
        answer = await self.control.post(where, json=data)
        assert answer.status_code in (200, 204), answer.text
        return answer.json() if answer.content else None

    async def ring(self, scenario: str, **more: str) -> None:
        """Play it, at once."""
        await self.fake.press(scenario, account=self.token, seconds="0", **more)

    async def play(self, scenario: str, **more: str) -> None:
        """Play it; what was heard of it is worked, and finished without waiting."""
        await self.ring(scenario, **more)
        await self.clinic.drain_all()

    async def faults(self, **faults: Any) -> None:
        await self.do("/faults", **faults)

    async def state(self) -> Any:
        return (await self.control.get("")).json()

    async def rows(self, query: str = CALLS + " order by started_at, id") -> list[tuple[Any, ...]]:
        async with self.clinic.ctx_as("director") as ctx:
            return [tuple(row) for row in await ctx.db.execute(text(query))]


@session
async def beeline_fake() -> AsyncIterator[str]:
    async with fake_provider("prikus_integrations_beeline.fake:build") as url:
        yield url


@session
async def beeline_house(servers: Servers, system: System, beeline_fake: str) -> AsyncIterator[House]:
    config = await migrated(servers, "beeline", 0)
    config = msgspec.structs.replace(config, fakes={HOST: beeline_fake}, port=free_port())
    async with opened(config, system) as house:
        yield house


@session
async def reachable(beeline_house: House) -> AsyncIterator[None]:
    async with answering(beeline_house):
        yield


@pytest.fixture
async def clinic(beeline_house: House) -> AsyncIterator[TestClinic]:
    clinic = await open_test_clinic(beeline_house)
    yield clinic
    await clinic.close()


@pytest.fixture
def house(beeline_house: House) -> House:
    return beeline_house


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real exchange is asked twice a second; the fake bears more."""
    monkeypatch.setattr(client.pace, "_spacing", 0.0)


@pytest.fixture
async def pbx(clinic: TestClinic, beeline_fake: str, reachable: None) -> AsyncIterator[Pbx]:
    made = Pbx(clinic, beeline_fake, (await clinic.client_as("director")).htmx)
    yield made
    await made.control.aclose()


@pytest.fixture
async def connected(pbx: Pbx) -> Pbx:
    answer = await pbx.connect()
    assert answer.status_code == 204, answer.text
    return pbx


def asked(state: Any, words: str) -> Sequence[str]:
    """What was asked of the exchange and begins with these words."""
    return [one["asked"] for one in state["log"] if one.get("asked", "").startswith(words)]
