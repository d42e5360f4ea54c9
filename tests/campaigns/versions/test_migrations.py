"""A migration that waits for a lock stops nobody, and one that was killed is finished by the next."""

from __future__ import annotations

import asyncio
import signal
import sys
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from prikus.data import migrate
from prikus.data.check import faults
from prikus.data.session import make_engine
from prikus.data.upgrade import plain, upgrade_all
from prikus.events.runtime import role_urls
from prikus.testing.clinics import TestClinic
from prikus.testing.databases import scratch_database
from prikus.testing.live import PATIENCE, environment
from tests.campaigns.versions import newer

WAITING = "select count(*) from pg_locks where not granted and mode = 'AccessExclusiveLock'"
REPORT = "select count(*) from catalog.service"
KILLED = textwrap.dedent("""
    import asyncio, os, signal, sys
    import asyncpg
    from prikus.config import Config
    from prikus.operator.upgrade import upgrade_database

    left = int(sys.argv[1])

    def counted(function):
        async def call(*args, **kwargs):
            global left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return await function(*args, **kwargs)
        return call

    for name in ("execute", "fetch", "fetchval", "prepare"):
        setattr(asyncpg.Connection, name, counted(getattr(asyncpg.Connection, name)))
    asyncio.run(upgrade_database(Config.load()))
""")
"""Upgrades a database and dies at the statement of that number."""
STATEMENTS = 400


@asynccontextmanager
async def long_report(clinic: TestClinic) -> AsyncIterator[asyncpg.Connection]:
    """Somebody reads the table for as long as the block runs; what it gives looks at the server from aside."""
    urls = role_urls(clinic.house.config)
    reader, aside = [
        await asyncpg.connect(plain(str(url))) for url in (urls.url("maint"), clinic.house.config.database_url)
    ]
    try:
        async with reader.transaction():
            await reader.fetchval(REPORT)
            yield aside
    finally:
        await reader.close()
        await aside.close()


async def wait_for_lock(aside: asyncpg.Connection) -> None:
    async with asyncio.timeout(PATIENCE):
        while not await aside.fetchval(WAITING):
            pass


async def test_a_migration_that_waits_stops_nobody(clinic, release) -> None:
    """It lets go after two seconds, before anybody behind it gives up, and comes again."""
    urls, history = role_urls(clinic.house.config), newer.of(release)
    others = [h for h in clinic.house.system.installed.histories() if h.owner != newer.OWNER]
    client, words, codes = await clinic.client_as("director"), [], []
    async with asyncio.TaskGroup() as group, long_report(clinic) as aside:
        upgrading = group.create_task(upgrade_all(urls, [*others, history], words.append))
        await wait_for_lock(aside)
        while sum("ждут занятых таблиц" in word for word in words) < 2:
            codes.append((await client.get("/catalog/")).status_code)
            assert not upgrading.done() or upgrading.exception() is None
    assert len(codes) > 2
    assert set(codes) == {200}
    engine = make_engine(urls.url("owner"), pooled=False)
    async with engine.connect() as db:
        assert await db.run_sync(migrate.current, history) == migrate.head(history)
    await engine.dispose()


async def test_a_migration_without_a_limit_stops_everybody(clinic) -> None:
    """The twin: who comes after a lock that is waited for waits as long, and gives up."""
    client = await clinic.client_as("director")
    assert (await client.get("/catalog/")).status_code == 200
    owner = await asyncpg.connect(plain(role_urls(clinic.house.config).url("owner")))
    try:
        async with asyncio.TaskGroup() as group, long_report(clinic) as aside:
            group.create_task(owner.execute("alter table catalog.service add column note text"))
            await wait_for_lock(aside)
            assert (await client.get("/catalog/")).status_code == 503
    finally:
        await owner.execute("alter table catalog.service drop column if exists note")
        await owner.close()


async def test_a_killed_upgrade_is_finished_by_the_next(clinic, chance, rounds) -> None:
    """Killed before any of its statements, again and again; then the database is what the models say."""
    histories = clinic.house.system.installed.histories()
    for _ in range(rounds(1, 20)):
        async with scratch_database(clinic.house.config) as config:
            places = sorted(chance.sample(range(1, STATEMENTS), rounds(2, 4)))
            codes = [await killed_at(place, environment(config)) for place in places]
            await upgrade_all(role_urls(config), histories)
            assert await faults(role_urls(config), histories) == []
            print(f"killed at {places}: {codes}")
            assert -signal.SIGKILL in codes


async def killed_at(place: int, environ: dict[str, str]) -> int:
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", KILLED, str(place), env=environ)
    return await child.wait()
