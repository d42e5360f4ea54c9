"""Doing claimed work: clinic context, gate, inbox, and "done" in one transaction (contract 5)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from time import monotonic

import msgspec
import structlog
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from prikus.access.actors import SYSTEM, Actor, acting_plugin
from prikus.access.context import Context, open_unit, outside
from prikus.clinics.state import ClinicState, States
from prikus.data.session import Scope
from prikus.errors import Misconfigured, Problem
from prikus.events.models import InboxEntry, JobRequest, OutboxEvent
from prikus.events.queue import Head, Queue
from prikus.events.runtime import JOB_TIMEOUT_MS, Runtime
from prikus.failpoints import failpoint
from prikus.host.declarations import Job, Listener
from prikus.logs import without_values

log = structlog.get_logger("prikus.work")
ALONE_SECONDS, BUSY_SECONDS = 10.0, 30.0
SETTLE_SECONDS = 0.1


class LeaseLost(Exception):
    """Another worker has taken the work over; what was done here is rolled back."""


class Performer:
    """Claims due work and does it, several pieces at once, of which one clinic has no more than its share."""

    def __init__(
        self, runtime: Runtime, states: States, queue: Queue | None = None, together: int | None = None
    ) -> None:
        self._runtime = runtime
        self._states = states
        self.queue = queue or Queue(runtime.relay, runtime.config.work)
        self._pace = msgspec.structs.replace(self.queue.pace, together=together or self.queue.pace.together)
        self._held: dict[int, Head] = {}
        self._running: dict[asyncio.Task[None], Head] = {}
        self._suspected_at = self._idle_at = 0.0

    async def perform_due(self, clinic_id: int | None = None) -> int:
        """Do all work that is due now. Returns how many pieces were claimed."""
        async with self._beating():
            done = taken = await self._take(clinic_id)
            while taken or self._running:
                await self._wait(None)
                taken = await self._take(clinic_id)
                done += taken
        return done

    async def work(self, wake: asyncio.Event) -> None:
        """Look for work at every wake-up, whenever a hand is free and, as the guarantee, every few seconds.

        Ends only by an error of the queue itself, or when it is cancelled; what was begun is then given up.
        """
        async with self._beating():
            while True:
                wake.clear()
                await self._take(None)
                await self._wait(wake)

    @contextlib.asynccontextmanager
    async def _beating(self) -> AsyncIterator[None]:
        """Signs of life meanwhile; at the end nothing goes on, and what is not done is still held."""
        await self.hand_back()
        beating = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            for task in (beating, *self._running):
                task.cancel()
            await asyncio.gather(beating, *self._running, return_exceptions=True)
            self._running.clear()

    async def _take(self, clinic_id: int | None) -> int:
        """Claim for the hands that are free, and begin. Returns how many pieces."""
        free = self._pace.together - len(self._running)
        if free <= 0 or await self._waits_for_suspects():
            return 0
        held = [head.clinic_id for head in self._running.values()]
        kinds, share = self._runtime.system.kinds(), self._pace.share
        for head in await self.queue.claim(kinds, free, clinic_id, share=share, held=held, alone=not held):
            self._held[head.id] = head
            self._suspected_at = monotonic() if head.is_suspect else self._suspected_at
            self._running[asyncio.create_task(self._carry(head))] = head
            failpoint("after_claim")
        return len(self._running) - len(held)

    async def _waits_for_suspects(self) -> bool:
        """What may have killed a worker runs alone, but nobody waits long for it: neither for its turn nor its end."""
        now = monotonic()
        if not self._running:
            self._idle_at = now
            return False
        if now - self._suspected_at < ALONE_SECONDS and any(head.is_suspect for head in self._running.values()):
            return True
        busy = now - self._idle_at
        if busy < BUSY_SECONDS:
            return False
        if busy < BUSY_SECONDS + ALONE_SECONDS and await self.queue.has_suspects(self._runtime.system.kinds()):
            return True
        self._idle_at = now
        return False

    async def _wait(self, wake: asyncio.Event | None) -> None:
        """Until a piece is done, somebody wakes us, or it is time to look again."""
        waking = asyncio.create_task(wake.wait()) if wake else None
        awaited = {*self._running, waking} if waking else self._running.keys()
        try:
            done, _ = await asyncio.wait(awaited, timeout=self._pace.sweep, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if waking:
                waking.cancel()
        for task in [task for task in self._running if task in done]:
            del self._running[task]
            task.result()

    async def _carry(self, head: Head) -> None:
        await self.perform(head)
        self._held.pop(head.id, None)

    async def hand_back(self) -> None:
        """Give back what was claimed when a stop or an unreachable database came between: it is nobody's fault."""
        if self._held:
            await self.queue.hand_back(list(self._held.values()))
            self._held.clear()

    async def settle(self, clinic_id: int) -> None:
        """Do the clinic's due work, and wait for what a worker beside us has already taken."""
        await self.perform_due(clinic_id)
        while await self.queue.is_busy(clinic_id):
            await asyncio.sleep(SETTLE_SECONDS)
            await self.perform_due(clinic_id)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._pace.heartbeat)
            try:
                await self.queue.beat(list(self._running.values()))
            except Exception:
                log.exception("no sign of life, will try again")

    async def perform(self, head: Head) -> None:
        """One piece: done, parked, put off or buried; never lost, never done twice."""
        owners = self._runtime.system.owners_of_kind[head.kind]
        try:
            clinic = await self._states.get(head.clinic_id)
            while not clinic.works_for(owners):
                if await self.queue.park(head, clinic.version):
                    return
                clinic = await self._states.get(head.clinic_id)
            await self._in_time(head, clinic, owners[0])
        except LeaseLost:
            log.warning("lease lost", work=head.id, kind=head.kind)
        except Problem as problem:
            log.warning("work refused", work=head.id, kind=head.kind, sentence=problem.sentence)
            await self.queue.fail(head, problem.sentence)
        except Exception as error:
            log.exception("work failed", work=head.id, kind=head.kind)
            await self.queue.fail(head, without_values(f"{type(error).__name__}: {error}"))

    async def _in_time(self, head: Head, clinic: ClinicState, owner: str) -> None:
        """What hangs is given up, so that it holds the others back for so long only."""
        seconds = self.queue.pace.longest
        limit = asyncio.timeout(seconds)
        try:
            async with limit:
                if self._is_outgoing(head):
                    await self._outside(head, clinic, owner)
                else:
                    await self._in_unit(head, clinic, owner)
        except TimeoutError as error:
            if limit.expired():
                raise Problem(f"Не закончилось за {seconds:g} с и прервано.") from error
            raise

    async def _in_unit(self, head: Head, clinic: ClinicState, owner: str) -> None:
        actor, rights = self._actor(owner)
        scope = Scope(clinic.id, actor.kind, statement_timeout_ms=JOB_TIMEOUT_MS)
        async with open_unit(self._runtime, clinic, actor, rights, scope=scope) as ctx:
            ctx.statement_timeout_ms = JOB_TIMEOUT_MS
            failpoint("before_work")
            kind, _, name = head.kind.partition(":")
            if kind == "listener":
                await self._listen(ctx, head, self._runtime.system.listeners[name])
            else:
                await self._call(ctx, self._runtime.system.jobs[name], await self._payload(ctx, head))
            await ctx.db.flush()
            failpoint("after_work")
            await self._finish(ctx, head)

    async def _finish(self, ctx: Context, head: Head) -> None:
        mine = {"id": head.id, "attempt": head.attempt}
        if not await ctx.db.scalar(text("select core.finish(:id, :attempt)"), mine):
            raise LeaseLost

    def _is_outgoing(self, head: Head) -> bool:
        job = self._runtime.system.jobs.get(head.kind.removeprefix("job:"))
        return job is not None and job.is_outgoing

    async def _outside(self, head: Head, clinic: ClinicState, owner: str) -> None:
        """Work that waits for the network: no transaction is open meanwhile, "done" is one of its own."""
        actor, rights = self._actor(owner)
        ctx = outside(self._runtime, clinic, actor, rights)
        job = self._runtime.system.jobs[head.kind.removeprefix("job:")]
        async with ctx.unit() as own:
            payload = await self._payload(own, head)
        failpoint("before_work")
        await self._call(ctx, job, payload)
        failpoint("after_work")
        async with ctx.unit() as own:
            await self._finish(own, head)

    def _actor(self, owner: str) -> tuple[Actor, frozenset[str]]:
        plugin = self._runtime.system.plugins.get(owner)
        if plugin is None:
            return SYSTEM, frozenset(self._runtime.system.permissions)
        return acting_plugin(plugin)

    async def _listen(self, ctx: Context, head: Head, listener: Listener) -> None:
        row = insert(InboxEntry).values(event_id=head.ref, listener=listener.id)
        fresh = await ctx.db.scalar(row.on_conflict_do_nothing().returning(InboxEntry.id))
        if fresh is None:
            return
        fact = (
            await ctx.db.execute(
                select(
                    OutboxEvent.id,
                    OutboxEvent.name,
                    OutboxEvent.version,
                    OutboxEvent.payload,
                    OutboxEvent.created_at,
                    OutboxEvent.created_by_kind,
                    OutboxEvent.created_by_id,
                ).where(OutboxEvent.id == head.ref)
            )
        ).one()
        into = listener.into(fact.name) or self._runtime.system.events.get((fact.name, fact.version))
        if into is None:
            raise Misconfigured(f"Событие {fact.name} v{fact.version} здесь неизвестно.")
        ctx.cause = fact
        await listener.call(ctx, msgspec.convert(fact.payload, into, strict=False))

    async def _payload(self, ctx: Context, head: Head) -> object:
        return await ctx.db.scalar(select(JobRequest.payload).where(JobRequest.id == head.ref))

    async def _call(self, ctx: Context, job: Job, payload: object) -> None:
        if job.cron is not None:
            await job.call(ctx)
        else:
            await job.call(ctx, msgspec.convert(payload, job.payload))
