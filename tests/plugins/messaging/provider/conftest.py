"""An installation with messaging and the services that `prikus plugin new messages` writes, over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from prikus.testing.clinics import TestClinic
from prikus.testing.contract.connections import Linked
from prikus.testing.house import House, migrated, opened
from prikus.testing.live import free_port
from prikus.testing.plugin import session
from prikus.testing.servers import Servers
from prikus_messaging.schemas import NewMessage
from prikus_messaging.services.writing import write_message
from prikus_messaging.testing import hurry, states
from tests.core.conftest import entry
from tests.plugins import newborn

NUMBER = "+79161234567"
WORDS = "Анна, ждём вас завтра в 10:00"


class Post:
    """The front desk of a clinic with a service of messages."""

    def __init__(self, linked: Linked) -> None:
        self.linked, self.clinic, self.director, self.fake = linked, linked.clinic, linked.director, linked.fake

    async def write(self, words: str = WORDS, phone: str | None = NUMBER, **more: Any) -> int:
        """A message that waits; its number. Nobody is woken."""
        expires_at = more.pop("expires_at", None)
        async with self.clinic.ctx_as("director") as ctx:
            new = NewMessage(text=words, phone=phone, **more)
            return (await write_message(ctx, new, expires_at=expires_at)).message_id

    async def work(self, times: int = 1) -> list[str]:
        """Do what is due, `times` times as if its pauses were over; the states of the clinic's messages."""
        for _ in range(times):
            await hurry(self.clinic)
            await self.clinic.drain()
        return await states(self.clinic)

    async def sent(self) -> list[str]:
        """Numbers of the messages that the fake has sent for this key, in their order."""
        mine = {str(row[0]) for row in await self.rows("id")}
        said = [line["text"].split()[1] for line in reversed(await self.fake.log("did"))]
        return [number for number in said if number in mine]

    async def rows(self, what: str, where: str = "true") -> list[Any]:
        return await self.clinic.rows(f"select {what} from messaging.outbound_message where {where} order by id")


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The plugins as their author has them: one that can be asked, and one that only tells by itself."""
    folders = newborn.written("messages", tmp_path_factory.mktemp("messages"), postman="Почтальон", pigeon="Голубь")
    hooks = folders["pigeon"] / "prikus_pigeon" / "hooks.py"
    mute = hooks.read_text("utf-8").replace(", status=services.status", "")
    assert "status" not in mute
    hooks.write_text(mute, "utf-8")
    return folders


@session
async def fakes(written: dict[str, Path]) -> AsyncIterator[dict[str, str]]:
    async with newborn.played(written) as found:
        yield found


@session
async def quiet_house(servers: Servers, written: dict[str, Path], fakes: dict[str, str]) -> AsyncIterator[House]:
    system = newborn.system_with(written, [entry("messaging")])
    async with opened(await migrated(servers, "post", 0, system), system, fakes=fakes, port=free_port()) as house:
        yield house


@pytest.fixture
async def post(clinic: TestClinic, reachable: None) -> Post:
    return Post(await newborn.connected(clinic, "postman"))
