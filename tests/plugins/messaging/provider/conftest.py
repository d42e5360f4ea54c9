"""An installation with messaging and the services that `prikus plugin new messages` writes, over real HTTP."""

from __future__ import annotations

import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from prikus.connections.services.outgoing import breaker
from prikus.host import rooms
from prikus.host.scaffolding import NewPlugin, write_plugin
from prikus.host.system import System
from prikus.testing.clinics import Client, TestClinic, open_test_clinic
from prikus.testing.contract.connections import Linked
from prikus.testing.fakes import Fake, fake_provider
from prikus.testing.house import House, answering, migrated, opened
from prikus.testing.live import free_port
from prikus.testing.plugin import session
from prikus.testing.servers import Servers
from prikus_messaging.schemas import NewMessage
from prikus_messaging.services.writing import write_message
from prikus_messaging.testing import hurry, states
from tests.core.conftest import entry, offer_plan

KINDS = ("postman", "pigeon")
HOSTS = {kind: f"api.{kind}.example" for kind in KINDS}
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
        return await self.asked(f"select {what} from messaging.outbound_message where {where} order by id")

    async def asked(self, query: str) -> list[Any]:
        """Rows of a query in SQL."""
        async with self.clinic.ctx_as("director") as ctx:
            return [tuple(row) for row in await ctx.db.execute(text(query))]

    async def change(self, words: str) -> None:
        """What happened meanwhile, in SQL."""
        async with self.clinic.ctx_as("system") as ctx:
            await ctx.db.execute(text(words))


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The plugins as their author has them: one that can be asked, and one that only tells by itself."""
    into = tmp_path_factory.mktemp("messages")
    roots = [
        write_plugin(NewPlugin("messages", *one), into) for one in (("postman", "Почтальон"), ("pigeon", "Голубь"))
    ]
    hooks = roots[1] / "prikus_pigeon" / "hooks.py"
    mute = hooks.read_text("utf-8").replace(", status=services.status", "")
    assert "status" not in mute
    hooks.write_text(mute, "utf-8")
    sys.path += map(str, roots)
    return roots


@session
async def fakes(written: list[Path]) -> AsyncIterator[dict[str, str]]:
    """Addresses of both fakes, by the hosts that they play."""
    async with AsyncExitStack() as stack:
        found = {}
        for kind, root in zip(KINDS, written, strict=True):
            play = fake_provider(f"prikus_{kind}.fake:build", folders=[root])
            found[HOSTS[kind]] = await stack.enter_async_context(play)
        yield found


@session
async def post_house(servers: Servers, written: list[Path], fakes: dict[str, str]) -> AsyncIterator[House]:
    added = [EntryPoint(kind, f"prikus_{kind}:plugin", rooms.GROUP) for kind in KINDS]
    system = System(rooms.installed([entry("messaging"), *added]))
    config = await migrated(servers, "post", 0, system)
    await offer_plan(config, "posts", "Почтовый", "messaging", *KINDS)
    async with opened(msgspec.structs.replace(config, fakes=fakes, port=free_port()), system) as house:
        yield house


@session
async def reachable(post_house: House) -> AsyncIterator[None]:
    async with answering(post_house):
        yield


@pytest.fixture
def house(post_house: House) -> House:
    return post_house


@pytest.fixture
async def clinic(post_house: House) -> AsyncIterator[TestClinic]:
    clinic = await open_test_clinic(post_house, plan="posts")
    yield clinic
    await clinic.close()


async def connected(clinic: TestClinic, director: Client, kind: str = "postman") -> Linked:
    linked = Linked(clinic, director, kind, Fake(clinic.house.config.fakes[HOSTS[kind]]))
    answer = await linked.connect(token=f"key-{uuid.uuid4().hex}")
    assert answer.status_code == 204, answer.text
    return linked


@pytest.fixture
async def post(clinic: TestClinic, reachable: None) -> Post:
    breaker.forget()
    return Post(await connected(clinic, (await clinic.client_as("director")).htmx))
