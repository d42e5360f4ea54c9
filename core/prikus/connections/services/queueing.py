"""The queue of a connection: what its service has not taken yet, one request at a time (reliability 14–16, 21)."""

from __future__ import annotations

import datetime as dt
from abc import abstractmethod
from collections.abc import Collection
from typing import Any, ClassVar, TypeVar

from sqlalchemy import Integer
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from prikus.access.context import Context
from prikus.access.leasing import Answer, Leased, LeasedQueue, Step, lock_head
from prikus.connections.kinds import OpenConnection
from prikus.connections.models import WORKS
from prikus.connections.services.connecting import note_result
from prikus.connections.services.opening import known_connections, open_connection
from prikus.data.types import Instant
from prikus.errors import Problem


class QueueHead(Leased):
    """Columns of the queue of a connection, beside its unique `connection_id`; the row is made when it is needed.

    After `failures` in a row nothing is asked before `paused_until`, unless the connection was tried with success
    meanwhile.
    """

    failures: Mapped[int] = mapped_column(Integer, server_default="0")
    paused_until: Mapped[dt.datetime | None] = mapped_column(Instant)


Head = TypeVar("Head", bound=QueueHead)


class ConnectionQueue(LeasedQueue[Head, Step, Answer]):
    """A `LeasedQueue` over a connection: it waits while that is off, rests longer after each failure in a row, and
    says on «API Интеграции» how the last request went."""

    model: ClassVar[type[Any]]
    """Of the heads."""

    def __init__(self, connection_id: int) -> None:
        self.connection_id = connection_id
        self._opened: OpenConnection[Any] | None = None
        self._last: Answer | None = None

    @abstractmethod
    def kinds(self, ctx: Context) -> Collection[str]:
        """The kinds of connections that plugins serve just now."""

    @abstractmethod
    async def find(self, ctx: Context, connection: OpenConnection[Any], now: dt.datetime) -> Step | None:
        """The next request, its row turned to "being asked", or None when nothing is due."""

    @abstractmethod
    async def ask(self, outside: Context, step: Step) -> Answer:
        """Make the request. What it raises ends the run, as a worker that dies does."""

    @abstractmethod
    def trouble(self, answer: Answer) -> str | None:
        """What ails the service by this answer, in words."""

    @abstractmethod
    def pause(self, step: Step, answer: Answer, failures: int) -> dt.timedelta:
        """How long nothing is asked after so many answers with a trouble in a row."""

    @abstractmethod
    async def write(self, ctx: Context, step: Step, answer: Answer, now: dt.datetime, *, is_mine: bool) -> None:
        """Write down what was heard. Not `is_mine`: another worker has taken over."""

    @abstractmethod
    async def waits(self, ctx: Context) -> dt.datetime | None:
        """When the next request is due, however long the service rests."""

    async def lock(self, ctx: Context) -> tuple[Head | None, dt.datetime]:
        mine = self.model.connection_id == self.connection_id
        head, now = await lock_head(ctx, self.model, mine)
        if head is not None or self.connection_id not in {one.id for one in await known_connections(ctx)}:
            return head, now
        made = insert(self.model).values(connection_id=self.connection_id)
        await ctx.db.execute(made.on_conflict_do_nothing(index_elements=["clinic_id", "connection_id"]))
        return await lock_head(ctx, self.model, mine)

    async def opens(self, ctx: Context, head: Head) -> bool:
        """Unless the connection is off, its plugin is, or its keys were forgotten."""
        working = {one.id: one.kind for one in await known_connections(ctx) if one.state in WORKS}
        if working.get(self.connection_id) not in self.kinds(ctx):
            return False
        try:
            self._opened = await open_connection(ctx, self.connection_id)
        except Problem:
            return False
        return True

    async def next(self, ctx: Context, head: Head, now: dt.datetime) -> Step | None:
        assert self._opened is not None
        rests = head.paused_until is not None and head.paused_until > now
        return None if rests and self._opened.state == "failing" else await self.find(ctx, self._opened, now)

    async def request(self, outside: Context, step: Step) -> Answer:
        self._last = await self.ask(outside, step)
        return self._last

    async def note(
        self, ctx: Context, head: Head, step: Step, answer: Answer, *, now: dt.datetime, is_mine: bool
    ) -> bool:
        await self.write(ctx, step, answer, now, is_mine=is_mine)
        is_well = self.trouble(answer) is None
        if is_mine:
            head.failures = 0 if is_well else head.failures + 1
            head.paused_until = None if is_well else now + self.pause(step, answer, head.failures)
        return is_well

    async def due(self, ctx: Context, head: Head) -> dt.datetime | None:
        due = await self.waits(ctx)
        return None if due is None else max(due, head.paused_until or due)

    async def run(self, outside: Context) -> dt.datetime | None:
        """Ask what is due. When somebody should look again, None when nobody needs to."""
        try:
            return await super().run(outside)
        finally:
            if self._last is not None:
                await note_result(outside, self.connection_id, self.trouble(self._last))
