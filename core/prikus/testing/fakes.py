"""Fake providers as real servers: an ASGI application of the plugin in a process of its own, over real HTTP."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from prikus.embedded import process
from prikus.testing.live import PATIENCE, free_port, until_open


def start_fake(target: str, port: int, *, folders: Sequence[Path] = ()) -> subprocess.Popen[bytes]:
    """Granian over `module:factory`; it dies with us. `folders` are looked for modules first."""
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--factory", "--log-level", "error"]
    paths = [word for folder in folders for word in ("--working-dir", str(folder))]
    return process.spawn(
        [*command, *paths, "--workers", "1", "--port", str(port), target],
        death_signal=signal.SIGTERM,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


@asynccontextmanager
async def fake_provider(target: str, *, folders: Sequence[Path] = ()) -> AsyncIterator[str]:
    """The address of the fake `module:factory`, answering. Put it into `Config.fakes` under the host that it plays."""
    port = free_port()
    child = start_fake(target, port, folders=folders)
    try:
        await until_open(port, lambda: child.poll() is not None)
        yield f"http://127.0.0.1:{port}"
    finally:
        await asyncio.to_thread(process.stop, child, signal.SIGTERM, PATIENCE)


class Fake:
    """A fake provider with a `ControlPage`, steered as a person does it there."""

    def __init__(self, url: str) -> None:
        self._page = f"{url}/_control"

    async def press(self, scenario: str, **fields: str) -> str:
        """Press a button; what the fake says it did. Fails when there is none of that name."""
        return (await self.ask("POST", f"/scenarios/{scenario}", data=fields)).text

    async def misbehave(self, fault: str, times: int = 1) -> None:
        """Let the fault happen in the next `times` requests; 0 ends it."""
        await self.ask("POST", f"/faults/{fault}", data={"times": str(times)})

    async def behave(self) -> None:
        """End all faults, whoever left them."""
        await self.ask("POST", "/faults")

    async def log(self, way: str = "", *, after: int = 0) -> list[dict[str, Any]]:
        """What happened, newest first: lines of the control page, all of them or of one way (`in`, `out`, `did`).

        `after` is the `number` of a line: only later ones.
        """
        lines = (await self.ask("GET", "/log")).json()
        return [line for line in lines if way in ("", line["way"]) and line["number"] > after]

    async def last(self) -> int:
        """The number of the newest line, 0 when there is none."""
        return max((line["number"] for line in await self.log()), default=0)

    async def ask(self, method: str, path: str, **options: Any) -> httpx.Response:
        """A page beside the control page, which the fake has of its own; `options` are those of httpx."""
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as client:
            answer = await client.request(method, self._page + path, **options)
        assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
        return answer
