"""An installation with imaging and the services that `prikus plugin new imaging` writes, over real HTTP."""

from __future__ import annotations

import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from importlib.metadata import EntryPoint, entry_points
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
from prikus_imaging.testing import hurry, jpeg, states
from tests.campaigns.faults.conftest import machine
from tests.campaigns.faults.machine import PACE
from tests.contract.kit.conftest import installed
from tests.core.conftest import offer_plan

__all__ = ["machine"]
REDIS_NUMBER = 4
KINDS = ("keen", "blind")
HOSTS = {kind: f"api.{kind}.example" for kind in KINDS}


class Desk:
    """A clinic with a service that analyses images."""

    def __init__(self, linked: Linked) -> None:
        self.linked, self.clinic, self.director, self.fake = linked, linked.clinic, linked.director, linked.fake

    async def add(self, patient: int | None = None, kind: str = "panoramic") -> int:
        """An image in a patient's card; its number."""
        patient = patient or await self.clinic.patient()
        form = {"kind": kind, "taken_on": "2026-03-14", "idempotency_key": uuid.uuid4().hex}
        files = {"file": ("снимок.jpg", jpeg(), "image/jpeg")}
        added = await self.director.post(f"/imaging/patients/{patient}/new", data=form, files=files)
        assert added.status_code == 204, added.text
        return (await self.asked("select max(id) from imaging.dental_image"))[0][0]

    async def start(self, image: int, **more: str) -> int:
        """Press the round icon; the number of the analysis."""
        pressed = await self.director.post(f"/imaging/images/{image}/analyse", data=more)
        assert pressed.status_code == 204, pressed.text
        return (await self.asked("select max(id) from imaging.image_analysis"))[0][0]

    async def work(self, times: int = 1) -> list[str]:
        """Do what is due, `times` times as if its pauses were over; the states of the clinic's analyses."""
        for _ in range(times):
            await hurry(self.clinic)
            await self.clinic.drain()
        return await states(self.clinic)

    async def count(self) -> int:
        """How many analyses the service has begun."""
        return int(await self.press("count"))

    async def press(self, scenario: str, **fields: str) -> str:
        return await self.fake.press(scenario, account=self.linked.fields["token"], **fields)

    async def rows(self, what: str, where: str = "true") -> list[Any]:
        return await self.asked(f"select {what} from imaging.image_analysis where {where} order by id")

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
    """The plugins as their author has them: one that looks for what may have been taken, and one that cannot."""
    into = tmp_path_factory.mktemp("imaging")
    roots = [
        write_plugin(NewPlugin("imaging", *one), into) for one in (("keen", "Зоркий глаз"), ("blind", "Слепой крот"))
    ]
    services = roots[1] / "prikus_blind" / "services.py"
    whole = services.read_text("utf-8")
    blind = whole.replace("async def advance(", "async def _advance(")
    blind += (
        "\n\nasync def advance(outside: Context, connection: OpenConnection[Settings], job: ImageJob) -> Step:\n"
        '    """It cannot look for anything."""\n'
        '    if job.is_doubtful and "analysis" not in job.refs:\n'
        '        return Step(state="unclear")\n'
        "    return await _advance(outside, connection, job)\n"
    )
    assert blind.count("def advance(") == 1
    services.write_text(blind, "utf-8")
    sys.path += map(str, roots)
    return roots


@pytest.fixture(scope="session")
def site(written: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where both are installed, for processes of their own."""
    folder = tmp_path_factory.mktemp("eyes") / "site"
    for root in written:
        installed(root, folder)
    return folder


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
async def desk_house(
    servers: Servers, written: list[Path], fakes: dict[str, str], worker_number: int
) -> AsyncIterator[House]:
    """Of this process alone: workers that die here must not take the work of another one's tests with them."""
    added = [EntryPoint(kind, f"prikus_{kind}:plugin", rooms.GROUP) for kind in KINDS]
    system = System(rooms.installed([*entry_points(group=rooms.GROUP), *added]))
    config = await migrated(servers, f"eyes_{worker_number}", REDIS_NUMBER + worker_number, system)
    await offer_plan(config, "eyes", "Зоркий", "imaging", *KINDS)
    ours = msgspec.structs.replace(config, fakes=fakes, port=free_port(), work=PACE)
    async with opened(ours, system) as house:
        yield house


@session
async def reachable(desk_house: House) -> AsyncIterator[None]:
    async with answering(desk_house):
        yield


@pytest.fixture
def house(desk_house: House) -> House:
    return desk_house


@pytest.fixture
async def clinic(desk_house: House) -> AsyncIterator[TestClinic]:
    clinic = await open_test_clinic(desk_house, plan="eyes")
    yield clinic
    await clinic.close()


async def connected(clinic: TestClinic, director: Client, kind: str = "keen") -> Linked:
    linked = Linked(clinic, director, kind, Fake(clinic.house.config.fakes[HOSTS[kind]]))
    answer = await linked.connect(token=f"key-{uuid.uuid4().hex}")
    assert answer.status_code == 204, answer.text
    return linked


@pytest.fixture
async def desk(clinic: TestClinic, reachable: None) -> Desk:
    breaker.forget()
    return Desk(await connected(clinic, (await clinic.client_as("director")).htmx))
