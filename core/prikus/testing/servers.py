"""The servers of one run of tests: embedded ones, not durable, or those of `DATABASE_URL` and `REDIS_URL`."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import asyncpg
import msgspec
from sqlalchemy import make_url

from prikus import embedded
from prikus.config import Config
from prikus.data.upgrade import plain
from prikus.testing.databases import drop_database


class Servers(msgspec.Struct, frozen=True):
    """Where PostgreSQL and Redis of this run are. `run` begins the name of every database that the run makes."""

    folder: str
    database_url: str
    redis_url: str
    run: str

    def config(self, database_url: str, redis_number: int) -> Config:
        """Settings of an installation of its own: `redis_number` keeps its wake-ups to itself.

        Files lie in a folder of the database: clinics of two databases may have the same number.
        """
        redis_url = f"{self.redis_url.rsplit('/', 1)[0]}/{redis_number}"
        files = Path(self.folder) / "files" / str(make_url(database_url).database)
        return Config(data=Path(self.folder), database_url=database_url, redis_url=redis_url, files=str(files))


@contextmanager
def running() -> Iterator[Servers]:
    """Start what is not given and remove every trace of the run at its end. Main thread only."""
    folder = Path(tempfile.mkdtemp(prefix="prikus-test-"))
    folder.chmod(0o711)
    given = {name: os.environ.get(name) or None for name in ("DATABASE_URL", "REDIS_URL")}
    config = Config(data=folder, database_url=given["DATABASE_URL"], redis_url=given["REDIS_URL"])
    try:
        with embedded.services(config, durable=False) as (database_url, redis_url):
            servers = Servers(str(folder), database_url, redis_url, f"test_{secrets.token_hex(4)}")
            yield servers
            if given["DATABASE_URL"]:
                asyncio.run(_drop_all(servers))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _drop_all(servers: Servers) -> None:
    admin = await asyncpg.connect(plain(servers.database_url))
    names = await admin.fetch("select datname from pg_database where starts_with(datname, $1)", servers.run)
    await admin.close()
    for row in names:
        await drop_database(servers.database_url, row["datname"])


@asynccontextmanager
async def once_for_all(folder: Path, name: str) -> AsyncIterator[bool]:
    """Between the processes of one run: True for the first that comes, the others wait until it is done."""
    import fcntl

    with (folder / f"{name}.lock").open("a+") as lock:
        await asyncio.to_thread(fcntl.flock, lock, fcntl.LOCK_EX)
        lock.seek(0)
        yield not lock.read()
        lock.write("done")
