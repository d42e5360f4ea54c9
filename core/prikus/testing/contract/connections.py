"""What every provider of a capability must pass as a connection of «API Интеграции», over its fake and real HTTP."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import select, text

from prikus.connections.models import Connection, ConnectionSecret
from prikus.connections.services.opening import kinds, open_connection
from prikus.connections.services.outgoing import breaker
from prikus.data.session import Scope
from prikus.testing.clinics import Client, TestClinic
from prikus.testing.contract.base import tenant_tables
from prikus.testing.fakes import Fake

CARD = re.compile(r"/connections/(\d+)(?=/connect)")
VERSION = re.compile(r'name="row_version" value="(\d+)"')
MANY = 99


class Linked:
    """A connection of the clinic, filled in by its `director`. `card` is its address under «API Интеграции».

    `await Linked.new(clinic, "<kind>", HOST)` is one that the fake of this host plays, not filled in yet.
    """

    def __init__(self, clinic: TestClinic, director: Client, kind: str, fake: Fake) -> None:
        self.clinic, self.director, self.kind, self.fake = clinic, director, kind, fake
        self.fields: dict[str, str] = {}
        self.card = ""

    @classmethod
    async def new(cls, clinic: TestClinic, kind: str, host: str) -> Self:
        """A connection of this kind, as the director begins it; nobody has failed yet, and no fault is left."""
        fake = Fake(clinic.house.config.fakes[host])
        await fake.behave()
        breaker.forget()
        return cls(clinic, (await clinic.client_as("director")).htmx, kind, fake)

    @property
    def id(self) -> int:
        return int(self.card.rsplit("/", 1)[1])

    async def fill(self, **fields: str) -> None:
        """Fill the form in, or change it."""
        address = self.card or f"/connections/new/{self.kind}"
        version = VERSION.search((await self.director.get(address)).text)
        assert version
        saved = await self.director.post(address, data={**fields, "row_version": version[1]})
        assert saved.is_success, saved.text
        self.card = self.card or f"/connections/{max(int(id) for id in CARD.findall(await self.listed()))}"
        self.fields = fields

    async def connect(self, **fields: str) -> httpx.Response:
        """«Подключить», after filling in what is given."""
        if fields:
            await self.fill(**fields)
        return await self.director.post(f"{self.card}/connect")

    async def disconnect(self) -> None:
        answer = await self.director.post(f"{self.card}/disconnect")
        assert answer.is_success, answer.text

    async def listed(self) -> str:
        """The page «API Интеграции»."""
        return (await self.director.get("/connections/")).text

    async def address(self) -> str:
        """Where the provider sends to. Fails where the connection has no address of its own."""
        async with self.clinic.ctx_as("system") as ctx:
            url = (await open_connection(ctx, self.id)).webhook_url
        assert url, f"{self.kind} has no address"
        return url

    async def path(self) -> str:
        """The path of that address, for clients such as `stranger`."""
        return urlsplit(await self.address()).path

    async def state(self) -> tuple[str, str | None]:
        """State and last error."""
        async with self.clinic.ctx_as("director") as ctx:
            row = await ctx.load(Connection, self.id)
            return row.state, row.error


class ConnectionContract:
    """Inherit through the contract of your capability, and say what only you know.

    `kind` is the id of the `ConnectionKind`, `host` the host that the fake plays. `account` is the field by which
    scenarios of a fake with several accounts know whom they are meant for. The fake has a `ControlPage`; the fixture
    `fakes` names its address.
    """

    plugin: ClassVar[str]
    kind: ClassVar[str]
    host: ClassVar[str]
    account: ClassVar[str | None] = None

    def credentials(self) -> dict[str, str]:
        """Fields that the fake accepts; asked for each test, so that each may have an account of its own."""
        raise NotImplementedError

    def wrong(self) -> dict[str, str]:
        """Fields that make the fake refuse, in place of those with the same names."""
        raise NotImplementedError

    async def press(self, linked: Linked, scenario: str, **fields: str) -> str:
        """Press a button of the fake, for this connection's account."""
        whose = {"account": linked.fields[self.account]} if self.account else {}
        return await linked.fake.press(scenario, **whose, **fields)

    @pytest_asyncio.fixture(loop_scope="session")
    async def linked(self, clinic: TestClinic, reachable: None) -> Linked:
        """Filled in, not connected."""
        made = await Linked.new(clinic, self.kind, self.host)
        await made.fill(**self.credentials())
        return made

    @pytest_asyncio.fixture(loop_scope="session")
    async def connected(self, linked: Linked) -> Linked:
        answer = await linked.connect()
        assert answer.is_success, answer.text
        return linked

    async def test_the_right_credentials_connect(self, linked: Linked) -> None:
        answer = await linked.connect()
        assert answer.status_code == 204, answer.text
        assert await linked.state() == ("on", None)

    async def test_wrong_credentials_are_said_and_can_be_mended(self, linked: Linked) -> None:
        right = linked.fields
        refused = await linked.connect(**{**right, **self.wrong()})
        assert refused.status_code in (409, 422), refused.text
        state, error = await linked.state()
        assert (state, bool(error)) == ("new", True)
        assert (await linked.connect(**right)).status_code == 204
        assert await linked.state() == ("on", None)

    @pytest.mark.parametrize("fault", ["broken", "limit", "cut"])
    async def test_a_provider_that_does_not_answer_is_said_and_can_be_tried_again(
        self, linked: Linked, fault: str
    ) -> None:
        await linked.fake.misbehave(fault, MANY)
        refused = await linked.connect()
        await linked.fake.misbehave(fault, 0)
        breaker.forget()  # half a minute later
        assert refused.status_code == 502, refused.text
        state, error = await linked.state()
        assert (state, bool(error)) == ("new", True)
        assert (await linked.connect()).status_code == 204
        assert await linked.state() == ("on", None)

    async def test_disconnecting_forgets_the_secrets_until_they_are_given_again(self, connected: Linked) -> None:
        assert await self._kept(connected) > 0
        await connected.disconnect()
        assert (await self._kept(connected), await connected.state()) == (0, ("off", None))
        assert (await connected.connect()).status_code == 409
        assert (await connected.connect(**connected.fields)).status_code == 204
        assert await connected.state() == ("on", None)

    async def _kept(self, linked: Linked) -> int:
        async with linked.clinic.ctx_as("director") as ctx:
            query = select(ConnectionSecret.id).where(ConnectionSecret.connection_id == linked.id)
            return len(list(await ctx.db.scalars(query)))

    async def test_no_secret_is_shown_logged_or_stored_in_clear(
        self, linked: Linked, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
    ) -> None:
        """The title is found where a secret must not be."""
        answers = [await linked.connect(**{**linked.fields, **self.wrong()}), await linked.connect(**linked.fields)]
        await linked.fake.misbehave("broken", MANY)
        answers.append(await linked.connect())
        await linked.fake.misbehave("broken", 0)
        breaker.forget()
        pages = await linked.listed() + (await linked.director.get(linked.card)).text
        said = pages + "".join(answer.text for answer in answers) + caplog.text + "".join(capfd.readouterr())
        async with linked.clinic.ctx_as("director") as ctx:
            kind = kinds(ctx)[self.kind]
        assert kind.title in said
        assert await _rows_with(linked.clinic, kind.title)
        for field in kind.fields:
            for secret in {linked.fields.get(field.name, ""), self.wrong().get(field.name, "")} - {""}:
                if field.is_secret:
                    assert secret not in said, field.name
                    assert not await _rows_with(linked.clinic, secret), field.name


async def _rows_with(clinic: TestClinic, words: str) -> list[Any]:
    """Tables of the clinic in whose rows the words stand in clear, as text or as bytes."""
    found = "strpos(t::text, :words) > 0 or strpos(t::text, :bytes) > 0"
    query = " union all ".join(
        f"select '{name}' from {name} t where clinic_id = :clinic and ({found})"
        for name in tenant_tables(clinic.house.system)
    )
    given = {"clinic": clinic.id, "words": words, "bytes": words.encode().hex()}
    async with clinic.house.runtime.session(Scope(clinic.id)) as db:
        return [name for [name] in await db.execute(text(query), given)]
