"""A clinic whose images go to the fake Diagnocat, over real HTTP."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest

from prikus.testing.clinics import TestClinic
from prikus.testing.contract.connections import Linked
from prikus.testing.fakes import fake_provider
from prikus.testing.plugin import session
from prikus_imaging.testing import OPEN
from prikus_integrations_diagnocat.fake import HOST, HOSTS
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
async def fakes() -> AsyncIterator[dict[str, str]]:
    async with fake_provider("prikus_integrations_diagnocat.fake:build") as url:
        yield dict.fromkeys(HOSTS, url)


@pytest.fixture
async def linked(clinic: TestClinic, reachable: None) -> Linked:
    """Nothing is filled in yet."""
    return await Linked.new(clinic, "diagnocat", HOST)


@pytest.fixture
async def desk(linked: Linked) -> Desk:
    answer = await linked.connect(**account())
    assert answer.status_code == 204, answer.text
    return Desk(linked)
