"""A queue that asks a service outside: one worker at a time, under a lease (reliability 14–16, 21)."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from abc import ABC, abstractmethod
from time import monotonic
from typing import Generic, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Text, func, select
from sqlalchemy.orm import Mapped, mapped_column

from prikus.access.context import Context
from prikus.data.types import Instant

Head = TypeVar("Head", bound="Leased")
Step = TypeVar("Step")
Answer = TypeVar("Answer")
LEASE = dt.timedelta(seconds=60)


class Leased:
    """Columns of a row for which one worker at a time works: the head of a queue.

    `lease_token` is that worker; who comes after `lease_until` takes over. `wake_at` is when one looks again by itself.
    """

    lease_token: Mapped[str | None] = mapped_column(Text)
    lease_until: Mapped[dt.datetime | None] = mapped_column(Instant)
    wake_at: Mapped[dt.datetime | None] = mapped_column(Instant)


class Rest(msgspec.Struct, frozen=True):
    """Nothing to do now; look again at `at`, or never by itself."""

    at: dt.datetime | None


async def lock_head(
    ctx: Context, model: type[Head], *conditions: ColumnElement[bool]
) -> tuple[Head | None, dt.datetime]:
    """The head of a queue, locked until the commit, and the database's clock."""
    query = select(model, func.clock_timestamp()).where(*conditions)
    row = (await ctx.db.execute(query.with_for_update(of=model))).one_or_none()
    return (row[0], row[1]) if row is not None else (None, ctx.now())


class LeasedQueue(ABC, Generic[Head, Step, Answer]):
    """What a queue asks a service, and what the answers mean; one object is one run.

    Each request is written down in a unit of work, made without one, and its answer written down in the next. A worker
    that dies between leaves what it was doing to whoever comes after the lease, who calls `recover` first.
    """

    lease = LEASE
    """Longer than the requests of one step may take."""
    steps = 20
    """Requests of one run: other clinics wait for the same worker."""
    seconds = 30.0
    """After so long a run begins nothing more: a worker gives a whole run up after `PRIKUS_WORK_LONGEST`."""

    @abstractmethod
    async def lock(self, ctx: Context) -> tuple[Head | None, dt.datetime]:
        """The head, locked by `lock_head`, and the database's clock; None when the queue is no more."""

    @abstractmethod
    async def opens(self, ctx: Context, head: Head) -> bool:
        """Whether the service may be asked at all."""

    @abstractmethod
    async def recover(self, ctx: Context, head: Head, now: dt.datetime) -> None:
        """Turn what another worker was doing to what is known of it: nobody knows whether it arrived."""

    @abstractmethod
    async def next(self, ctx: Context, head: Head, now: dt.datetime) -> Step | None:
        """The next request, its row turned to "being asked", or None when nothing is due."""

    @abstractmethod
    async def request(self, outside: Context, step: Step) -> Answer:
        """Ask. What it raises ends the run, as a worker that dies does."""

    @abstractmethod
    async def note(
        self, ctx: Context, head: Head, step: Step, answer: Answer, *, now: dt.datetime, is_mine: bool
    ) -> bool:
        """Write down what was heard, and whether to go on. Not `is_mine`: another worker has taken over."""

    @abstractmethod
    async def due(self, ctx: Context, head: Head) -> dt.datetime | None:
        """When the next request is due."""

    async def run(self, outside: Context) -> dt.datetime | None:
        """Ask what is due. When somebody should look again, None when nobody needs to."""
        token, end = uuid.uuid4().hex, monotonic() + self.seconds
        try:
            for _ in range(self.steps):
                async with outside.unit() as own:
                    step = await self.claim(own, token)
                if isinstance(step, Rest):
                    return step.at
                answer = await self.request(outside, step)
                async with outside.unit() as own:
                    goes_on = await self._note(own, step, answer, token)
                if not goes_on or monotonic() >= end:
                    break
            async with outside.unit() as own:
                return await self._release(own, token)
        except BaseException:
            await asyncio.shield(self._give_up(outside, token))
            raise

    async def claim(self, ctx: Context, token: str) -> Step | Rest:
        """The next request of the worker `token`, written down before it is made."""
        head, now = await self.lock(ctx)
        if head is None:
            return Rest(None)
        if head.wake_at is not None and head.wake_at <= now:
            head.wake_at = None
        if head.lease_until is not None and head.lease_until > now and head.lease_token != token:
            return _sleep(head, head.lease_until)
        if not await self.opens(ctx, head):
            _let_go(head)
            return Rest(None)
        if head.lease_token != token:
            await self.recover(ctx, head, now)
        step = await self.next(ctx, head, now)
        if step is None:
            return await self._rest(ctx, head)
        head.lease_token, head.lease_until = token, now + self.lease
        await ctx.db.flush()
        return step

    async def _note(self, ctx: Context, step: Step, answer: Answer, token: str) -> bool:
        head, now = await self.lock(ctx)
        return head is None or await self.note(ctx, head, step, answer, now=now, is_mine=head.lease_token == token)

    async def _rest(self, ctx: Context, head: Head) -> Rest:
        """Give the queue up, and say when its next request is due."""
        _let_go(head)
        due = await self.due(ctx, head)
        return Rest(None) if due is None else _sleep(head, due)

    async def _release(self, ctx: Context, token: str) -> dt.datetime | None:
        """Let others in after as many requests, or as long, as one run may take."""
        head, _ = await self.lock(ctx)
        return (await self._rest(ctx, head)).at if head is not None and head.lease_token == token else None

    async def _give_up(self, outside: Context, token: str) -> None:
        """A worker that is stopped, or a provider's code that failed: who comes next need not wait for the lease."""
        async with outside.unit() as own:
            head, now = await self.lock(own)
            if head is not None and head.lease_token == token:
                await self.recover(own, head, now)
                _let_go(head)


def _let_go(head: Leased) -> None:
    head.lease_token = head.lease_until = None


def _sleep(head: Leased, until: dt.datetime) -> Rest:
    """One wake-up is enough: whoever wakes earlier looks at everything."""
    if head.wake_at is not None and head.wake_at <= until:
        return Rest(None)
    head.wake_at = until
    return Rest(until)
