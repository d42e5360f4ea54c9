"""Release N takes over from N-1 while people work: nobody notices."""

from __future__ import annotations

import asyncio
import signal
from contextlib import AsyncExitStack
from pathlib import Path
from subprocess import Popen

from prikus.config import Config
from prikus.embedded import process
from prikus.testing.live import PATIENCE, environment, free_port, started, wait_until_ready


class Release:
    """Web processes of one release; `folder` holds what it has instead of what is installed."""

    def __init__(self, config: Config, folder: Path | None, drain: int) -> None:
        self._config = config
        self._more = {"PRIKUS_DRAIN": str(drain)} | ({"PYTHONPATH": str(folder)} if folder else {})
        self.running: dict[str, Popen[bytes]] = {}

    async def run(self, words: str) -> None:
        log = self._config.data / "release.log"
        child = started(words, environment(self._config, **self._more), log)
        assert await asyncio.to_thread(child.wait, PATIENCE) == 0, words

    async def start(self) -> str:
        """One more process, ready; its address."""
        port = free_port()
        log = self._config.data / f"release-{port}.log"
        child = started("serve", environment(self._config, PRIKUS_PORT=str(port), **self._more), log)
        url = f"http://127.0.0.1:{port}"
        self.running[url] = child
        await asyncio.to_thread(wait_until_ready, url, [child], log)
        return url

    async def stop(self, url: str) -> None:
        await asyncio.to_thread(process.stop, self.running.pop(url), signal.SIGTERM, PATIENCE)

    async def stop_all(self) -> None:
        for url in list(self.running):
            await self.stop(url)


async def test_nobody_notices_that_a_release_takes_over(clinic, release, traffic, rounds) -> None:
    """Two processes of N-1 work, the database is brought to N, then N takes over process by process."""
    total = rounds(500, 5000)
    old, new = (Release(clinic.house.config, folder, drain=1) for folder in (None, release))
    async with AsyncExitStack() as closing:
        closing.push_async_callback(old.stop_all)
        closing.push_async_callback(new.stop_all)
        for _ in range(2):
            traffic.proxy.add(await old.start())
        await traffic.proxy.look()
        async with traffic.flowing():
            await traffic.reach(total // 5)
            before = traffic.answered.total()
            await new.run("db upgrade")
            during = traffic.answered.total() - before
            upgraded = traffic.answered.total()
            await traffic.reach(upgraded + total // 5)
            for url in list(old.running):
                taking_over = await new.start()
                traffic.proxy.add(taking_over)
                await traffic.proxy.knows(taking_over, True)
                await old.stop(url)
            await traffic.reach(max(total, traffic.answered.total() + total // 5))
    print(f"{traffic.answered.total()} requests, {during} during the migration, failed: {len(traffic.failures)}")
    assert traffic.failures == []
    assert traffic.answered.total() >= total
    assert during > 0
    assert all(traffic.answered[str(one.base_url)] > 0 for one in traffic.proxy.known.values())


async def test_without_a_pause_a_stop_is_noticed(clinic, traffic) -> None:
    """The twin: a process that closes its door before the proxy has looked refuses requests. With the pause of a second
    that look would have come first."""
    old = Release(clinic.house.config, None, drain=0)
    async with AsyncExitStack() as closing:
        closing.push_async_callback(old.stop_all)
        for _ in range(2):
            traffic.proxy.add(await old.start())
        await traffic.proxy.look()
        async with traffic.flowing(look=0.9):
            await old.stop(next(iter(old.running)))
            for _ in range(50):
                await traffic.ask()
    assert traffic.failures
