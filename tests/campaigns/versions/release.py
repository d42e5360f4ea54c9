"""Processes of one release, which take over from those of another."""

from __future__ import annotations

import asyncio
import signal
import sys
from pathlib import Path
from subprocess import Popen

from prikus.config import Config
from prikus.embedded import process
from prikus.testing.live import PATIENCE, environment, free_port, started, wait_until_ready
from tests.campaigns.versions.traffic import Proxy

DRAIN = 5
"""Seconds that a process answers on after it has said that it leaves: longer than a proxy takes to look again."""


class Release:
    """Web processes of one release; `folder` holds what it has instead of what is installed for `python`."""

    def __init__(self, config: Config, *, drain: int, folder: Path | None = None, python: str = sys.executable) -> None:
        self._config = config
        self._python = python
        self._more = {"PRIKUS_DRAIN": str(drain)} | ({"PYTHONPATH": str(folder)} if folder else {})
        self.running: dict[str, Popen[bytes]] = {}

    async def run(self, words: str) -> None:
        log = self._config.data / "release.log"
        child = started(words, environment(self._config, **self._more), log, python=self._python)
        assert await asyncio.to_thread(child.wait, PATIENCE) == 0, f"{words}: {log.read_text()[-2000:]}"

    async def start(self) -> str:
        """One more process, ready; its address."""
        port = free_port()
        log = self._config.data / f"release-{port}.log"
        environ = environment(self._config, PRIKUS_PORT=str(port), **self._more)
        child = started("serve", environ, log, python=self._python)
        url = f"http://127.0.0.1:{port}"
        self.running[url] = child
        await asyncio.to_thread(wait_until_ready, url, [child], log)
        return url

    async def stop(self, url: str) -> None:
        await asyncio.to_thread(process.stop, self.running.pop(url), signal.SIGTERM, PATIENCE)

    async def stop_all(self) -> None:
        await asyncio.gather(*map(self.stop, list(self.running)))

    async def take_over(self, old: Release, proxy: Proxy) -> None:
        """Process by process: a new one is ready and known before one of the old ones ends."""
        for url in list(old.running):
            taking_over = await self.start()
            proxy.add(taking_over)
            await proxy.knows(taking_over, True)
            await old.stop(url)
