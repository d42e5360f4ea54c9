"""Another Prikus process, and a look at what runs on this machine."""

import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from prikus.embedded.process import Step

_RUN_SERVICES = """
import os, sys
from pathlib import Path
from prikus import embedded
from prikus.config import Config

with embedded.services(Config(data=Path(sys.argv[1]))) as services:
    print(*services, *(server.process.pid for server in services.servers), flush=True)
    sys.stdin.read()
"""


@dataclass
class Neighbour:
    """A process that runs the servers of a data folder until its input ends."""

    process: subprocess.Popen[str]
    database_url: str
    redis_url: str
    server_pids: list[int]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def neighbour(folder: Path, *, first: Step | None = None) -> Iterator[Neighbour]:
    with subprocess.Popen(
        [sys.executable, "-c", _RUN_SERVICES, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=first,  # noqa: PLW1509
    ) as process:
        assert process.stdout is not None
        database_url, redis_url, *pids = process.stdout.readline().split()
        yield Neighbour(process, database_url, redis_url, [int(pid) for pid in pids])


def watch(pid: int) -> int:
    """A handle on a process that stays right when its number is reused."""
    return os.pidfd_open(pid)


def ends_within(handle: int, seconds: float) -> bool:
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def uid_of(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


async def value(url: str, statement: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()
