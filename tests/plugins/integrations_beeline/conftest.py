"""An installation that the fake exchange reaches over real HTTP, and short ways to let it ring."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest

from prikus.testing.clinics import TestClinic
from prikus.testing.contract.connections import Linked
from prikus.testing.fakes import fake_provider
from prikus.testing.plugin import session
from prikus_integrations_beeline.fake import HOST
from prikus_integrations_beeline.services import client

CALLS = "select direction, is_answered, client_number, extension from telephony.phone_call where not is_internal"


class Pbx(Linked):
    """The clinic's exchange."""

    def __init__(self, *about: Any) -> None:
        super().__init__(*about)
        self.token = f"00000000-0000-4000-8000-{uuid.uuid4().hex[:12]}"

    async def connect(self, **fields: str) -> httpx.Response:
        """«Подключить», filled in at the first time."""
        return await super().connect(**fields if self.card or fields else {"token": self.token})

    async def do(self, where: str, **data: Any) -> Any:
        answer = await self.fake.ask("POST", f"/{self.token}{where}", json=data)
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

    async def kept(self) -> Any:
        """What the fake has of this account."""
        return (await self.fake.ask("GET", f"/{self.token}")).json()

    async def rows(self, query: str = CALLS + " order by started_at, id") -> list[tuple[Any, ...]]:
        return await self.clinic.rows(query)


@session
async def fakes() -> AsyncIterator[dict[str, str]]:
    async with fake_provider("prikus_integrations_beeline.fake:build") as url:
        yield {HOST: url}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real exchange is asked twice a second; the fake bears more."""
    monkeypatch.setattr(client.pace, "_spacing", 0.0)


@pytest.fixture
async def pbx(clinic: TestClinic, reachable: None) -> Pbx:
    return await Pbx.new(clinic, "beeline", HOST)


@pytest.fixture
async def connected(pbx: Pbx) -> Pbx:
    answer = await pbx.connect()
    assert answer.status_code == 204, answer.text
    return pbx


def asked(state: Any, words: str) -> Sequence[str]:
    """What was asked of the exchange and begins with these words."""
    return [one["asked"] for one in state["log"] if one.get("asked", "").startswith(words)]
