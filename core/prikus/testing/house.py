"""One installation as tests see it: a migrated database, the runtime of this process, the application."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any
from zlib import crc32

import asyncpg
import msgspec
from granian.constants import Interfaces
from granian.server.embed import Server as Web
from litestar import Litestar

from prikus.access.performing import Performer
from prikus.app.asgi import create_app
from prikus.clinics.state import States
from prikus.config import Config
from prikus.data.upgrade import plain
from prikus.embedded.server import require_free_port
from prikus.events.runtime import Runtime
from prikus.host.system import System
from prikus.operator.upgrade import upgrade_database
from prikus.testing.databases import create_database, named
from prikus.testing.live import until_open
from prikus.testing.servers import Servers, once_for_all

CLINICS_APART = 1_000_000


class House:
    """Made by `opened`. `performer` does work without a worker process, one piece after the other."""

    def __init__(self, config: Config, system: System) -> None:
        self.config = config
        self.system = system
        self.runtime = Runtime(config, system)
        self.states = States(self.runtime)
        self.performer = Performer(self.runtime, self.states, together=1)
        self.app: Litestar = create_app(config, system, self.runtime)
        self._web: tuple[Web, asyncio.Task[None]] | None = None

    async def answer(self) -> None:
        """Answer at the port, from this process and until the house closes: for fakes that send to it.

        Raises `Misconfigured` when somebody answers there already.
        """
        if self._web is None:
            port = self.config.port
            require_free_port("127.0.0.1", port)
            web = Web(self.app, port=port, interface=Interfaces.ASGINL, log_enabled=False)
            self._web = web, asyncio.create_task(web.serve())
            await until_open(port, self._web[1].done)

    async def fall_silent(self) -> None:
        """The end of `answer`."""
        if self._web is not None:
            web, serving = self._web
            web.stop()
            await serving


@asynccontextmanager
async def opened(config: Config, system: System, **settings: Any) -> AsyncIterator[House]:
    """The application between its start and its end. Both happen in one task of their own, as Litestar needs.

    `settings` stand in place of those of the config.
    """
    house = House(msgspec.structs.replace(config, **settings), system)
    ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    stop = asyncio.Event()

    async def live() -> None:
        async with house.app.lifespan():
            ready.set_result(None)
            await stop.wait()

    living = asyncio.create_task(live())
    await asyncio.wait((ready, living), return_when=asyncio.FIRST_COMPLETED)
    if living.done():
        living.result()
    try:
        yield house
    finally:
        await house.fall_silent()
        stop.set()
        with suppress(asyncio.CancelledError):
            await living


async def migrated(servers: Servers, name: str, redis_number: int, system: System | None = None) -> Config:
    """Settings of the run's database `name`, which the first process that asks for it makes and upgrades.

    Clinics of two databases have different numbers, made of the databases' names: their live words and limits meet in
    one Redis, whichever `redis_number` they have.
    """
    database = f"{servers.run}_{name}"
    config = servers.config(named(servers.database_url, database), redis_number)
    async with once_for_all(config.data, database) as is_first:
        if is_first:
            await create_database(servers.database_url, database)
            await upgrade_database(config, system=system)
            await _offer_everything(config, system or System.load())
            await _number_clinics_from(config, 1 + crc32(database.encode()) * CLINICS_APART)
    return config


async def _offer_everything(config: Config, system: System) -> None:
    """Put what is installed and in no plan, such as a plugin under development, into «Практика»."""
    query = """
        insert into core.plan_plugin (plan_id, plugin_id)
        select plan.id, plugin_id from core.subscription_plan plan, unnest($1::text[]) plugin_id
        where plan.code = 'practice' and plugin_id not in (select plugin_id from core.plan_plugin)
    """
    assert config.database_url is not None
    admin = await asyncpg.connect(plain(config.database_url))
    try:
        await admin.execute(query, list(system.plugins))
    finally:
        await admin.close()


async def _number_clinics_from(config: Config, first: int) -> None:
    assert config.database_url is not None
    admin = await asyncpg.connect(plain(config.database_url))
    try:
        await admin.execute(f"ALTER TABLE core.clinic ALTER COLUMN id RESTART WITH {first}")
    finally:
        await admin.close()
