"""The workbench as a real server, and pages on it."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from prikus.embedded import process
from prikus.testing.browser import Faults, profile
from prikus.testing.live import PATIENCE, free_port, until_open

ROOT = Path(__file__).parents[3]
APP = "tests.core.ui.workbench.app:app"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def workbench(tmp_path_factory: Any) -> AsyncIterator[str]:
    port = free_port()
    log = tmp_path_factory.mktemp("workbench") / "log"
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as out:
        server = process.spawn(
            [*command, "--workers-kill-timeout", "1", APP],
            death_signal=signal.SIGTERM,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        await until_open(port, lambda: server.poll() is not None)
        (await asyncio.to_thread(urllib.request.urlopen, f"{url}/heard", timeout=PATIENCE)).close()
        yield url
    finally:
        await asyncio.to_thread(process.stop, server, signal.SIGTERM, PATIENCE)


@pytest.fixture
def heard(workbench: str) -> Callable[[], dict[str, Any]]:
    """What reached the server since the test began."""
    urllib.request.urlopen(urllib.request.Request(f"{workbench}/forget", method="POST"), timeout=PATIENCE).close()

    def ask() -> dict[str, Any]:
        with urllib.request.urlopen(f"{workbench}/heard", timeout=PATIENCE) as answer:
            return json.load(answer)

    return ask


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(workbench: str, browser: Browser, heard: object) -> AsyncIterator[Callable[..., Awaitable[Page]]]:
    """Pages of one browser profile. The test fails when a script failed or the content policy refused something."""
    context = await profile(browser, workbench)
    faults = Faults()

    async def open_at(path: str, script: str | None = None) -> Page:
        page = await context.new_page()
        faults.watch(page)
        if script:
            await page.add_init_script(script)
        await page.goto(path)
        await page.locator("p-shortcuts:defined, .ui-bare p-toasts:defined").first.wait_for(state="attached")
        return page

    yield open_at
    await context.close()
    assert not faults, faults
