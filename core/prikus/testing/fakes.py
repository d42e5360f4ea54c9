"""Fake providers as real servers: an ASGI application of the plugin in a process of its own, over real HTTP."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from prikus.embedded import process
from prikus.testing.live import PATIENCE, free_port


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
        await _until_open(port, child)
        yield f"http://127.0.0.1:{port}"
    finally:
        await asyncio.to_thread(process.stop, child, signal.SIGTERM, PATIENCE)


async def _until_open(port: int, child: subprocess.Popen[bytes]) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            assert child.poll() is None, "the fake provider ended at once"
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return
