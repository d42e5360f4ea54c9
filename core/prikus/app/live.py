"""One live stream per browser: words about changes, no data (ui.md). Fetching goes through the gated routes."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import AsyncGenerator, Iterable
from typing import Any, TypeGuard

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
"""Words that wait for a slow reader; who is slower is told to look again."""
KEPT = 10_000
decode = msgspec.json.Decoder(list[Change])


class Word(msgspec.Struct, frozen=True):
    """When it was heard here, in seconds since 1970; without a change words were lost: look again at everything."""

    at: float
    change: Change | None


class Past:
    """The last words of all clinics, for pages that are drawn already and do not listen yet."""

    def __init__(self, size: int = KEPT) -> None:
        self._words: deque[tuple[int, Word]] = deque(maxlen=size)
        self._known_from = math.inf

    def begin(self) -> None:
        """What is said from now on is heard; what was said before may have been lost."""
        self._words.clear()
        self._known_from = time.time()

    def add(self, clinic_id: int, word: Word) -> None:
        if len(self._words) == self._words.maxlen:
            self._known_from = self._words[0][1].at
        self._words.append((clinic_id, word))

    def since(self, clinic_id: int, at: float) -> list[Word]:
        """The clinic's words from then on."""
        if at <= self._known_from:
            return [Word(time.time(), None)]
        return [word for whose, word in self._words if whose == clinic_id and word.at >= at]


class LiveStream:
    """Hands the words of Redis to the streams of this process, by clinic."""

    def __init__(self, runtime: Runtime, visits: Visits) -> None:
        self._runtime = runtime
        self._visits = visits
        self._listeners: dict[int, set[asyncio.Queue[Word | None]]] = {}
        self._past = Past()
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
                        word = await words.get_message(timeout=1)
                        if word is not None:
                            self._take(word)
            except (RedisError, OSError) as error:
                log.warning("live channel lost", error=str(error))
                await asyncio.sleep(1)

    def _take(self, said: dict[str, Any]) -> None:
        now = time.time()
        if said["type"] == "psubscribe":
            self._past.begin()
            for clinic_id in self._listeners:
                self._hand_out(clinic_id, [Word(now, None)])
        elif said["type"] == "pmessage":
            clinic_id = int(said["channel"].rsplit(b":", 1)[1])
            words = [Word(now, change) for change in decode.decode(said["data"])]
            for word in words:
                self._past.add(clinic_id, word)
            self._hand_out(clinic_id, words)

    def _hand_out(self, clinic_id: int, words: Iterable[Word]) -> None:
        for queue in self._listeners.get(clinic_id, ()):
            for word in words:
                if queue.qsize() < QUEUE:
                    queue.put_nowait(word)
                else:
                    _forget(queue)
                    queue.put_nowait(Word(word.at, None))

    async def words(self, visit: Visit, key: str, since: float | None = None) -> AsyncGenerator[SSEData, None]:
        """Changes of the clinic in channels of effective plugins, until the session or the clinic says no.

        First what was said `since` (seconds since 1970), when the page that asks was drawn.
        """
        queue: asyncio.Queue[Word | None] = asyncio.Queue()
        clinic_id = visit.clinic.id
        if since is not None:
            for word in self._past.since(clinic_id, since):
                queue.put_nowait(word)
        self._listeners.setdefault(clinic_id, set()).add(queue)
        loop = asyncio.get_running_loop()
        check_at = loop.time() + CHECK_SECONDS
        try:
            yield {"event": "ready", "data": "{}", "id": _milliseconds(time.time())}
            while True:
                try:
                    word = await asyncio.wait_for(queue.get(), max(0, check_at - loop.time()))
                except TimeoutError:
                    found = await self._visits.find(key, touch=False)
                    if not self._goes_on(found, clinic_id):
                        yield {"event": "ended", "data": "{}"}
                        return
                    visit, check_at = found[1], loop.time() + CHECK_SECONDS
                    yield {"comment": "alive"}
                    continue
                if word is None:
                    return
                change, at = word.change, _milliseconds(word.at)
                if change is None:
                    yield {"event": "gap", "data": "{}", "id": at}
                    continue
                if self._may_hear(visit, change):
                    yield {"event": "change", "data": msgspec.json.encode(change).decode(), "id": at}
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


def _milliseconds(at: float) -> str:
    return str(math.floor(1000 * at))


def _forget(queue: asyncio.Queue[Any]) -> None:
    while not queue.empty():
        queue.get_nowait()


@get("/live", include_in_schema=False)
async def live(request: Request, since: int | None = None) -> ServerSentEvent:
    """The stream. It holds no transaction; a word comes within a moment of the commit that made it.

    `since`: milliseconds since 1970, of the machine's clock; first comes what was said from then on.
    """
    stream: LiveStream = request.app.state.stream
    seconds = None if since is None else since / 1000
    return ServerSentEvent(stream.words(admitted(request), request.state.session_key, seconds))
