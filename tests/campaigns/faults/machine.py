"""Processes of an installation for campaigns: started, hurt, and looked at from outside."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import httpx
import msgspec

from prikus.app.door import cookie_name, csrf_token
from prikus.config import Config, WorkPace
from prikus.failpoints import VARIABLE, Name
from prikus.testing.live import environment, free_port, started
from prikus.ui.render import CSRF_HEADER
from tests.waiting import PATIENCE, until

ALL_WORK = 900.0
"""Seconds for the work of thousands of facts."""
PACE = WorkPace(lease=2.0, sweep=0.2, retry=0.05)


class Process:
    """`prikus <words>` with a log of its own."""

    def __init__(self, words: str, environ: dict[str, str], log: Path) -> None:
        self.log = log
        self._popen: subprocess.Popen[bytes] = started(words, environ, log)

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def is_alive(self) -> bool:
        return self._popen.poll() is None

    async def ended(self) -> int:
        """Its exit code, when it has ended."""
        return await asyncio.to_thread(self._popen.wait, PATIENCE)

    async def is_heard(self, words: str) -> None:
        """Return when it has said this; fail when it ended without."""

        async def heard() -> bool:
            assert self.is_alive or words in self.said(), self.said()[-4000:]
            return words in self.said()

        await until(heard)

    def send(self, number: signal.Signals) -> None:
        """To the process and the group that it leads."""
        if self.is_alive:
            os.killpg(self._popen.pid, number)

    async def stop(self) -> int:
        self.send(signal.SIGCONT)
        self._popen.terminate()
        return await self.ended()

    async def kill(self) -> None:
        self.send(signal.SIGKILL)
        await self.ended()


class Web(Process):
    """A web process; `url` is where it answers."""

    def __init__(self, config: Config, log: Path, **more: str) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        super().__init__("serve", environment(config, PRIKUS_PORT=str(port), **more), log)

    async def is_ready(self) -> None:
        async def answers() -> bool:
            assert self.is_alive, self.said()[-4000:]
            return await is_ready(self.url)

        await until(answers)


class Machine:
    """Starts processes of one installation; `close` ends all of them."""

    def __init__(self, config: Config, folder: Path) -> None:
        self.config = config
        self._folder = folder
        self._processes: list[Process] = []

    async def web(self, at: str | None = None, **more: str) -> Web:
        """A web process that is ready; `at` is the order of a failpoint."""
        web = Web(self.config, self._log("web"), **_order(at), **more)
        self._processes.append(web)
        await web.is_ready()
        return web

    def worker(self, at: str | None = None, pace: WorkPace = PACE, **more: str) -> Process:
        times = {f"PRIKUS_WORK_{name.upper()}": str(value) for name, value in msgspec.structs.asdict(pace).items()}
        worker = Process("worker", environment(self.config, **times, **_order(at), **more), self._log("worker"))
        self._processes.append(worker)
        return worker

    def client(self, url: str, key: str) -> httpx.AsyncClient:
        """A browser without a screen, signed in with a session's key."""
        headers = {CSRF_HEADER: csrf_token(self.config.secret(), key), "HX-Request": "true"}
        cookies = {cookie_name(self.config): key}
        limits = httpx.Limits(max_connections=200)
        return httpx.AsyncClient(base_url=url, headers=headers, cookies=cookies, timeout=PATIENCE, limits=limits)

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}-{len(self._processes)}.log"

    async def close(self) -> None:
        for process in self._processes:
            if process.is_alive:
                await process.kill()


def order(name: Name, action: str = "kill", times: int = 1) -> str:
    return f"{name}:{action}:{times}"


def _order(at: str | None) -> dict[str, str]:
    return {VARIABLE: at} if at else {}


async def is_ready(url: str) -> bool:
    return await asyncio.to_thread(_answers, f"{url}/health/ready")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False
