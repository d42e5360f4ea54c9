"""One live stream per browser: words about changes, no data (ui.md). Fetching goes through the gated routes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import TypeGuard

import msgspec
import structlog
from litestar import Litestar, Request, get
from litestar.response import ServerSentEvent
from litestar.types import SSEData
from redis.exceptions import RedisError

from prikus.access.visits import Identity, Visit, Visits
from prikus.app.door import admitted
from prikus.events.runtime import LIVE_PREFIX, Change, Runtime

log = structlog.get_logger("prikus.live")
CHECK_SECONDS = 30
QUEUE = 1000
decode = msgspec.json.Decoder(list[Change])


class LiveStream:
    """Hands the words of Redis to the streams of this process, by clinic."""

    def __init__(self, runtime: Runtime, visits: Visits) -> None:
        self._runtime = runtime
        self._visits = visits
        self._listeners: dict[int, set[asyncio.Queue[Change | None]]] = {}
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False

    async def start(self, _: Litestar) -> None:
        self._task = asyncio.create_task(self._read())

    async def close(self) -> None:
        self._is_closed = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        for queues in self._listeners.values():
            for queue in queues:
                queue.put_nowait(None)

    async def _read(self) -> None:
        # A cancellation that meets a reply of Redis on its way is lost in its client: then the next look ends it.
        while not self._is_closed:
            try:
                async with self._runtime.redis.pubsub() as words:
                    await words.psubscribe(f"{LIVE_PREFIX}*")
                    while not self._is_closed:
                        word = await words.get_message(ignore_subscribe_messages=True, timeout=1)
                        if word is not None:
                            self._hand_out(int(word["channel"].rsplit(b":", 1)[1]), decode.decode(word["data"]))
            except (RedisError, OSError) as error:
                log.warning("live channel lost", error=str(error))
                await asyncio.sleep(1)

    def _hand_out(self, clinic_id: int, changes: list[Change]) -> None:
        for queue in self._listeners.get(clinic_id, ()):
            for change in changes:
                if queue.qsize() < QUEUE:
                    queue.put_nowait(change)

    async def words(self, visit: Visit, key: str) -> AsyncGenerator[SSEData, None]:
        """Changes of the clinic in channels of effective plugins, until the session or the clinic says no."""
        queue: asyncio.Queue[Change | None] = asyncio.Queue(QUEUE + 1)
        clinic_id = visit.clinic.id
        self._listeners.setdefault(clinic_id, set()).add(queue)
        loop = asyncio.get_running_loop()
        check_at = loop.time() + CHECK_SECONDS
        try:
            yield {"event": "ready", "data": "{}"}
            while True:
                try:
                    change = await asyncio.wait_for(queue.get(), max(0, check_at - loop.time()))
                except TimeoutError:
                    found = await self._visits.find(key, touch=False)
                    if not self._goes_on(found, clinic_id):
                        yield {"event": "ended", "data": "{}"}
                        return
                    visit, check_at = found[1], loop.time() + CHECK_SECONDS
                    yield {"comment": "alive"}
                    continue
                if change is None:
                    return
                if self._may_hear(visit, change):
                    yield {"event": "change", "data": msgspec.json.encode(change).decode()}
                if change.channel == "core.modules":
                    check_at = 0
        finally:
            self._listeners[clinic_id].discard(queue)

    @staticmethod
    def _goes_on(found: tuple[Identity, Visit | None] | None, clinic_id: int) -> TypeGuard[tuple[Identity, Visit]]:
        visit = found[1] if found else None
        return visit is not None and visit.clinic.id == clinic_id and visit.clinic.mode != "suspended"

    def _may_hear(self, visit: Visit, change: Change) -> bool:
        owner = change.channel.split(".", 1)[0]
        return owner not in self._runtime.system.plugins or visit.is_effective((owner,))


@get("/live", include_in_schema=False)
async def live(request: Request) -> ServerSentEvent:
    """The stream. It holds no transaction; a word comes within a moment of the commit that made it."""
    stream: LiveStream = request.app.state.stream
    return ServerSentEvent(stream.words(admitted(request), request.state.session_key))
