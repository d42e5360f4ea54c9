"""A plugin comes into a running installation by `pip install`, and goes again: nobody notices, nothing is lost."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import sysconfig
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from hatchling.builders.wheel import WheelBuilder

from prikus.config import Config
from prikus.host.scaffolding import NewPlugin, write_plugin
from prikus.testing.clinics import TestClinic
from prikus.testing.live import environment
from tests.campaigns.versions.release import DRAIN, Release
from tests.campaigns.versions.traffic import Traffic

PURGE = ("prikus", "plugin", "purge", "wait_list", "--yes", "wait_list")
REQUESTS = 40
"""Asked between two steps, at least."""


class Installation:
    """An environment of its own, with everything that this one has."""

    def __init__(self, folder: Path, config: Config) -> None:
        self.folder, self.config = folder, config
        subprocess.run((sys.executable, "-m", "venv", str(folder)), check=True, capture_output=True)
        self.python = str(folder / "bin" / "python")
        [site] = folder.glob("lib/python3*/site-packages")
        ours = sysconfig.get_paths()["purelib"]
        (site / "beside.pth").write_text(f"import site; site.addsitedir({ours!r})\n")

    def run(self, *words: str) -> str:
        """What a command says; fails with it."""
        done = subprocess.run(
            (self.python, "-m", *words), check=False, env=environment(self.config), capture_output=True, text=True
        )
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout


@pytest.fixture
def wheel(tmp_path: Path) -> str:
    source = write_plugin(NewPlugin("module", "wait_list", "Лист ожидания"), tmp_path)
    [built] = WheelBuilder(str(source)).build(directory=str(tmp_path / "dist"), versions=["standard"])
    return built


async def test_a_plugin_comes_and_goes_while_people_work(
    clinic: TestClinic, traffic: Traffic, wheel: str, tmp_path: Path
) -> None:
    here = await asyncio.to_thread(Installation, tmp_path / "venv", clinic.house.config)

    async def run(*words: str) -> str:
        return await asyncio.to_thread(here.run, *words)

    async def more() -> None:
        await traffic.reach(traffic.answered.total() + REQUESTS)

    async with AsyncExitStack() as closing:
        releases = [Release(here.config, drain=DRAIN, python=here.python) for _ in range(3)]
        for one in releases:
            closing.push_async_callback(one.stop_all)
        without, withal, again = releases
        traffic.proxy.add(await without.start())
        await traffic.proxy.look()
        async with traffic.flowing():
            await more()
            await run("pip", "install", "--no-index", "--no-deps", "--quiet", wheel)
            await run("prikus", "db", "upgrade")
            assert "wait_list" in await run("prikus", "plugin", "list")
            await run("prikus", "plugin", "offer", "wait_list", "--plan", "practice", "--on")
            await more()
            await withal.take_over(without, traffic.proxy)
            await more()
            await comes(traffic.proxy.ready[0])
            await run("pip", "uninstall", "--yes", "--quiet", "prikus-wait-list")
            await again.take_over(withal, traffic.proxy)
            await more()
            await goes(traffic.proxy.ready[0])
        left = "Модуль «wait_list» не установлен, а его данные остались в базе."
        assert left in await run("prikus", "plugin", "list")
        told = await asyncio.to_thread(doctor, here)
        assert "«wait_list»" in told, told
        purged = await run(*PURGE)
        assert re.search(r"wait_list.item\W+1\W+1", purged), purged
        assert left not in await run("prikus", "plugin", "list")
    print(f"{traffic.answered.total()} requests, failed: {len(traffic.failures)}")
    assert traffic.failures == []


async def comes(client: httpx.AsyncClient) -> None:
    """It stands in the clinic's settings and in its menu, and keeps what people write."""
    assert "Лист ожидания" in (await client.get("/settings/modules")).text
    assert "/wait_list/" in (await client.get("/patients/")).text
    made = await client.post("/wait_list/items/new", data={"name": "Первая"}, headers={"HX-Request": "true"})
    assert made.status_code == 204, made.text
    assert "Первая" in (await client.get("/wait_list/")).text


async def goes(client: httpx.AsyncClient) -> None:
    assert (await client.get("/wait_list/")).status_code == 404
    listed = await client.get("/patients/")
    assert (listed.status_code, "/wait_list/" in listed.text) == (200, False)
    assert "Лист ожидания" not in (await client.get("/settings/modules")).text


def doctor(here: Installation) -> str:
    """It finds something: its exit code is 1."""
    words = (here.python, "-m", "prikus", "doctor")
    return subprocess.run(words, check=False, env=environment(here.config), capture_output=True, text=True).stdout
