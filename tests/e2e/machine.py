"""One machine of its own: `prikus up` with a data folder, embedded servers and a port, as an operator starts it."""

import asyncio
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

from prikus.testing.live import PATIENCE, free_port, started, wait_until_ready

FIRST_START = 300.0
"""Seconds for servers, migrations and processes of an empty machine; less when one of them ends."""


class Machine:
    """Servers that the environment names are not used: what is stopped here must be ours."""

    def __init__(self, data: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = data / "up.log"
        given = ("DATABASE_URL", "REDIS_URL")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(given)}
        self._environ = kept | {"PRIKUS_DATA": str(data), "PRIKUS_PORT": str(self.port), "PRIKUS_PROCESSES": "1"}
        self._up: subprocess.Popen[bytes] | None = None

    async def start(self, words: str = "up", patience: float = FIRST_START) -> None:
        """Return when the web answers."""
        self._up = started(words, self._environ, self._log)
        await asyncio.to_thread(wait_until_ready, self.url, [self._up], self._log, patience)

    async def interrupt(self) -> int:
        """Press Ctrl-C and wait for the end; the exit code."""
        assert self._up is not None
        self._up.send_signal(signal.SIGINT)
        return await asyncio.to_thread(self._up.wait, PATIENCE)

    async def stop(self) -> None:
        if self._up is not None and self._up.poll() is None:
            await self.interrupt()

    async def command(self, *words: str) -> str:
        """`prikus <words>` beside the running processes; what it prints."""
        argv = [sys.executable, "-m", "prikus", *words]
        run = partial(subprocess.run, argv, env=self._environ, capture_output=True, text=True, check=False)
        done = await asyncio.to_thread(run)
        assert done.returncode == 0, done.stderr
        return done.stdout
