"""An installation with imaging and the services that `prikus plugin new imaging` writes, over real HTTP."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from prikus.host import rooms
from prikus.testing.clinics import TestClinic
from prikus.testing.contract.connections import Linked
from prikus.testing.house import House, migrated, opened
from prikus.testing.live import free_port
from prikus.testing.plugin import session
from prikus.testing.servers import Servers
from prikus_imaging.testing import hurry, jpeg, states
from tests.campaigns.faults.conftest import machine
from tests.campaigns.faults.machine import PACE
from tests.contract.kit.conftest import installed
from tests.plugins import newborn

__all__ = ["machine"]
REDIS_NUMBER = 4


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
        return (await self.clinic.rows("select max(id) from imaging.dental_image"))[0][0]

    async def start(self, image: int, **more: str) -> int:
        """Press the round icon; the number of the analysis."""
        pressed = await self.director.post(f"/imaging/images/{image}/analyse", data=more)
        assert pressed.status_code == 204, pressed.text
        return (await self.clinic.rows("select max(id) from imaging.image_analysis"))[0][0]

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
        return await self.clinic.rows(f"select {what} from imaging.image_analysis where {where} order by id")


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The plugins as their author has them: one that looks for what may have been taken, and one that cannot."""
    folders = newborn.written("imaging", tmp_path_factory.mktemp("imaging"), keen="Зоркий глаз", blind="Слепой крот")
    services = folders["blind"] / "prikus_blind" / "services.py"
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
    return folders


@pytest.fixture(scope="session")
def site(written: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where both are installed, for processes of their own."""
    folder = tmp_path_factory.mktemp("eyes") / "site"
    for source in written.values():
        installed(source, folder)
    return folder


@session
async def fakes(written: dict[str, Path]) -> AsyncIterator[dict[str, str]]:
    async with newborn.played(written) as found:
        yield found


@session
async def quiet_house(
    servers: Servers, written: dict[str, Path], fakes: dict[str, str], worker_number: int
) -> AsyncIterator[House]:
    """Of this process alone: workers that die here must not take the work of another one's tests with them."""
    system = newborn.system_with(written, entry_points(group=rooms.GROUP))
    config = await migrated(servers, f"eyes_{worker_number}", REDIS_NUMBER + worker_number, system)
    async with opened(config, system, fakes=fakes, port=free_port(), work=PACE) as house:
        yield house


@pytest.fixture
async def desk(clinic: TestClinic, reachable: None) -> Desk:
    return Desk(await newborn.connected(clinic, "keen"))
