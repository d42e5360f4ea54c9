"""The real processes, web and worker, for tests with a browser or over a socket."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from prikus.config import Config
from prikus.embedded import process

PATIENCE = 60.0
"""Seconds for a process to become ready or to end."""


def free_port() -> int:
    """A port of this machine that nobody else is given while this process lives.

    A socket that does not listen keeps it. Servers may take it all the same, and granian would even share it: without
    the socket, two runs of tests could be given one port, and each would get every other request of the other.
    """
    keeper = socket.socket()
    for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
        keeper.setsockopt(socket.SOL_SOCKET, option, 1)
    keeper.bind(("127.0.0.1", 0))
    port = keeper.getsockname()[1]
    keeper.detach()  # It is closed with the process.
    return port


async def until_open(port: int, has_ended: Callable[[], bool] = lambda: False) -> None:
    """Return when somebody listens at the port; fail when who should has ended, or patience has."""
    async with asyncio.timeout(PATIENCE):
        while True:
            assert not has_ended(), f"who should answer at port {port} ended at once"
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


def environment(config: Config, **more: str) -> dict[str, str]:
    """What a process of this installation is started with."""
    assert config.database_url
    assert config.redis_url
    given = {"DATABASE_URL": config.database_url, "REDIS_URL": config.redis_url, "PRIKUS_DATA": str(config.data)}
    given |= {"PRIKUS_FILES": config.files}
    fakes = " ".join(f"{host}={url}" for host, url in config.fakes.items())
    return os.environ | given | {"PRIKUS_PROCESSES": "1", "PRIKUS_FAKES": fakes} | more


def started(
    words: str, environ: Mapping[str, str], log: Path, *, python: str = sys.executable
) -> subprocess.Popen[bytes]:
    """`prikus <words>` of that interpreter as a process that dies with us; what it says goes to `log`."""
    with log.open("ab") as out:
        return process.spawn(
            [python, "-m", "prikus", *words.split()],
            death_signal=signal.SIGTERM,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=dict(environ),
        )


@asynccontextmanager
async def serving(config: Config) -> AsyncIterator[str]:
    """Web and worker at work; the address of the web. Fails with what they said when one does not start."""
    port = free_port()
    environ = environment(config, PRIKUS_PORT=str(port))
    log = config.data / f"live-{port}.log"
    children = [started(words, environ, log) for words in ("serve", "worker")]
    url = f"http://127.0.0.1:{port}"
    try:
        await asyncio.to_thread(wait_until_ready, url, children, log)
        yield url
    finally:
        for child in children:
            await asyncio.to_thread(process.stop, child, signal.SIGTERM, PATIENCE)


def wait_until_ready(url: str, children: list[subprocess.Popen[bytes]], log: Path, patience: float = PATIENCE) -> None:
    """Return when the web answers; fail with the log when a child ended or patience did."""
    for _ in range(int(patience * 10)):
        if any(child.poll() is not None for child in children):
            break
        try:
            with urllib.request.urlopen(f"{url}/health/ready", timeout=1):
                return
        except (urllib.error.URLError, OSError):
            _wait_a_little(children)
    raise AssertionError(f"the processes did not start:\n{log.read_text(errors='replace')[-4000:]}")


def _wait_a_little(children: list[subprocess.Popen[bytes]]) -> None:
    try:
        children[0].wait(0.1)
    except subprocess.TimeoutExpired:
        return
