"""What a process holds while it lives: the system, engines by role, Redis."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.ext.asyncio import AsyncEngine
from taskiq.exceptions import SendTaskError
from taskiq.kicker import AsyncKicker
from taskiq_redis import RedisStreamBroker

from prikus.config import Config
from prikus.data.roles import RoleUrls
from prikus.data.seats import Seats
from prikus.data.session import ClinicSession, Scope, make_engine
from prikus.errors import Misconfigured
from prikus.host.fakes import played_at
from prikus.host.system import System

log = structlog.get_logger("prikus.events")
WAKE = "prikus:wake"
WAKE_PAUSE = 0.02
LIVE_PREFIX = "prikus:live:"
WEB_TIMEOUT_MS = 15_000
JOB_TIMEOUT_MS = 300_000
ASK_TIMEOUT_MS = 2_000


class Change(msgspec.Struct, frozen=True):
    """A word on the live stream: something in this channel changed. No data: whoever may, fetches it."""

    channel: str
    id: str
    version: int


def role_urls(config: Config) -> RoleUrls:
    if config.database_url is None:
        raise Misconfigured("Не задан DATABASE_URL: запустите prikus up или укажите адрес базы данных.")
    return RoleUrls(config.database_url, config.data, {str(role): url for role, url in config.role_urls.items()})


class Runtime:
    """Engines of the application and the relay, the broker and the live channel of one process."""

    def __init__(self, config: Config, system: System, *, pool_size: int = 5) -> None:
        urls = role_urls(config)
        played = played_at(config.fakes_at, system.plugins.values()) if config.fakes_at else {}
        self.config = msgspec.structs.replace(config, fakes={**played, **config.fakes})
        self.system = system
        self.urls = urls
        self.app: AsyncEngine = make_engine(urls.url("app"), pool_size=pool_size)
        # The pool grows to twice its size: three tenths are left for others when one clinic's requests hang.
        self.seats = Seats(pool_size * 7 // 5)
        self.door: AsyncEngine = self.app.execution_options(isolation_level="AUTOCOMMIT")
        self.relay: AsyncEngine = make_engine(urls.url("relay"), pool_size=2)
        self.lifecycle: AsyncEngine = make_engine(urls.url("lifecycle"), pooled=False)
        redis_url = config.redis_url or "redis://127.0.0.1:6379/0"
        self.redis: Redis = Redis.from_url(redis_url, socket_timeout=2, socket_connect_timeout=1)
        self.broker = RedisStreamBroker(
            redis_url, queue_name="prikus:work", consumer_group_name="prikus", maxlen=10_000
        )
        self._pending: set[asyncio.Task[None]] = set()
        self._is_waking = self._wakes_again = False

    def session(self, scope: Scope) -> ClinicSession:
        return ClinicSession(self.app, scope)

    def wake(self) -> None:
        """Tell workers that work is due. Best effort and never waited for: the sweeper is the guarantee.

        What is told while the last word is young becomes one more word: a busy process does not flood the workers.
        """
        self._wakes_again = True
        if not self._is_waking:
            self._is_waking = True
            self._later(self._wake_up())

    def publish(self, clinic_id: int, changes: Iterable[Change]) -> None:
        """Put words on the clinic's live channel, best effort."""
        self._later(self._publish(clinic_id, list(changes)))

    def _later(self, coroutine: Any) -> None:
        task = asyncio.create_task(coroutine)
        self._pending.add(task)
        task.add_done_callback(self._pending.discard)

    async def _wake_up(self) -> None:
        try:
            while self._wakes_again:
                self._wakes_again = False
                await self._kick()
                await asyncio.sleep(WAKE_PAUSE)
        finally:
            self._is_waking = False

    async def _kick(self) -> None:
        try:
            await AsyncKicker(WAKE, self.broker, {}).kiq()
        except (SendTaskError, RedisError, OSError) as error:
            log.warning("wake-up lost, the sweeper will find the work", error=str(error))

    async def _publish(self, clinic_id: int, changes: list[Change]) -> None:
        try:
            await self.redis.publish(f"{LIVE_PREFIX}{clinic_id}", msgspec.json.encode(changes))
        except (RedisError, OSError) as error:
            log.warning("live word lost", error=str(error))

    async def settle(self) -> None:
        """Wait until what was put off has left."""
        while self._pending:
            await asyncio.gather(*self._pending, return_exceptions=True)

    async def close(self) -> None:
        await self.settle()
        await self.redis.aclose()
        await self.broker.connection_pool.disconnect()
        await self.app.dispose()
        await self.relay.dispose()
        await self.lifecycle.dispose()


@asynccontextmanager
async def opened_runtime(config: Config) -> AsyncIterator[Runtime]:
    """The runtime of a command, with all that is installed; closed at the end."""
    runtime = Runtime(config, System.load())
    try:
        yield runtime
    finally:
        await runtime.close()
