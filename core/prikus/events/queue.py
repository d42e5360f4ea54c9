"""The heads of work as the relay sees them: claim, put off, park, bury, look at (reliability 15–18)."""

from __future__ import annotations

import random
from collections.abc import Sequence

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from prikus.config import WorkPace

PAUSES = (2, 5, 15, 60, 300, 600, 1200, 2400, 3600, 3600, 3600)
"""Seconds before the next try when the first pause is two seconds; `WorkPace.retry` stretches or shortens them all."""
TRIES = len(PAUSES) + 1
USUAL_PACE = WorkPace()

HELD_BACK = """(aggregate is not null and exists (select 1 from core.work before
      where before.clinic_id = work.clinic_id and before.kind = work.kind and before.aggregate = work.aggregate
        and (before.aggregate_seq, before.id) < (work.aggregate_seq, work.id)))"""
"""Whether an ordered listener has not finished an earlier event of the aggregate yet. The earlier one is always seen:
whoever told the later one got the aggregate's row only after the earlier commit."""
CLAIM = text(f"""
    with recursive buried as (
      update core.work set state = 'dead', error = 'Дважды остановило обработчик и больше не повторяется само.'
      where state = 'running' and lease_until < now() and lost >= 1),
    clinics (clinic_id) as (
      select coalesce(cast(:clinic as bigint), (select min(clinic_id) from core.work where state in ('due', 'running')))
      union all
      select (select min(clinic_id) from core.work where state in ('due', 'running') and clinic_id > c.clinic_id)
      from clinics c where c.clinic_id is not null and cast(:clinic as bigint) is null),
    shares as (
      select clinic_id, (select count(*) from unnest(cast(:held as bigint[])) held where held = clinic_id) as held
      from clinics where clinic_id is not null)
    update core.work w set state = 'running', attempt = w.attempt + 1, lost = w.lost + (w.state = 'running')::int,
      lease_until = now() + make_interval(secs => :lease)
    from (select id, suspect, first_value(suspect) over turns as first_is_suspect, row_number() over turns as place
          from (select found.*, s.held + row_number() over (partition by s.clinic_id order by due, id) as turn
                from shares s, lateral (
                  select id, due, lost + (state = 'running')::int > 0 as suspect from core.work
                  where clinic_id = s.clinic_id and state in ('due', 'running') and due <= now()
                    and (state = 'due' or lease_until < now()) and lost + (state = 'running')::int < 2
                    and (:alone or lost + (state = 'running')::int = 0) and kind = any(:kinds)
                    and not {HELD_BACK}
                  order by due, id limit greatest(0, least(:count, :share - s.held)) for update skip locked
                ) found) candidates
          window turns as (order by turn, due, id)) c
    where w.id = c.id and c.place <= :count and (c.place = 1 or not (c.suspect or c.first_is_suspect))
    returning w.id, w.clinic_id, w.kind, w.ref, w.attempt, w.lost > 0
""")
SUSPECTS = text("""
    select exists (select 1 from core.work where state = 'due' and due <= now() and lost > 0 and kind = any(:kinds)
      union all select 1 from core.work where state = 'running' and lease_until < now() and kind = any(:kinds))
""")
FAIL = text("""
    update core.work set state = :state, due = now() + make_interval(secs => :pause), lease_until = null, error = :error
    where id = :id and attempt = :attempt and state = 'running'
""")
PARK = text("select core.park(:id, :attempt, :version)")
BEAT = text("""
    update core.work w set lease_until = now() + make_interval(secs => :lease)
    from unnest(cast(:ids as bigint[]), cast(:attempts as int[])) mine (id, attempt)
    where w.id = mine.id and w.attempt = mine.attempt and w.state = 'running'
""")

HAND_BACK = text("""
    update core.work w set state = 'due', lease_until = null
    from unnest(cast(:ids as bigint[]), cast(:attempts as int[])) mine (id, attempt)
    where w.id = mine.id and w.attempt = mine.attempt and w.state = 'running'
""")


class Head(msgspec.Struct, frozen=True):
    """A claimed piece of work. `attempt` is the claim's proof: a late worker cannot finish another's.

    A suspect was in the hands of a worker that died.
    """

    id: int
    clinic_id: int
    kind: str
    ref: int
    attempt: int
    is_suspect: bool = False


class Letter(msgspec.Struct, frozen=True):
    """Work that was given up, or waits: for `prikus work list`. `holds_back` later events of its row wait for it."""

    id: int
    clinic_id: int
    kind: str
    state: str
    attempt: int
    error: str | None
    holds_back: int = 0


class Queue:
    """Every call is a transaction of its own, as the relay role."""

    def __init__(self, relay: AsyncEngine, pace: WorkPace = USUAL_PACE) -> None:
        self._relay = relay
        self._alone = relay.execution_options(isolation_level="AUTOCOMMIT")
        self.pace = pace

    async def claim(
        self,
        kinds: list[str],
        count: int,
        clinic_id: int | None = None,
        *,
        share: int | None = None,
        held: Sequence[int] = (),
        alone: bool = True,
    ) -> list[Head]:
        """Take due work of known kinds: clinics take turns, each with its oldest first.

        No clinic gets more than `share`, with what the caller has `held` already (a clinic's id for each piece). What
        twice killed its worker goes to the dead letters. What was in the hands of a worker that died is taken alone, by
        whoever has nothing else (`alone`): dying once more, it is the culprit, and nothing that merely lay beside it is
        buried with it.
        """
        values = {"kinds": kinds, "count": count, "lease": self.pace.lease, "clinic": clinic_id}
        values |= {"share": count if share is None else share, "held": list(held), "alone": alone}
        async with self._alone.connect() as db:
            rows = await db.execute(CLAIM, values)
            return sorted((Head(*row) for row in rows), key=lambda head: head.id)

    async def has_suspects(self, kinds: list[str]) -> bool:
        """Whether something waits that must be taken alone."""
        async with self._alone.connect() as db:
            return bool(await db.scalar(SUSPECTS, {"kinds": kinds}))

    async def beat(self, heads: Sequence[Head]) -> None:
        """Renew the leases of what is still ours."""
        mine = {"ids": [head.id for head in heads], "attempts": [head.attempt for head in heads]}
        async with self._relay.begin() as db:
            await db.execute(BEAT, {**mine, "lease": self.pace.lease})

    async def hand_back(self, heads: Sequence[Head]) -> None:
        """Give up what was claimed and not done, without a mark against it: the worker is well."""
        mine = {"ids": [head.id for head in heads], "attempts": [head.attempt for head in heads]}
        async with self._relay.begin() as db:
            await db.execute(HAND_BACK, mine)

    async def fail(self, head: Head, error: str) -> None:
        """Put off with a growing pause ±20 %, or bury after the last try."""
        dead = head.attempt >= TRIES
        pause = 0 if dead else self.pace.retry / PAUSES[0] * PAUSES[head.attempt - 1] * random.uniform(0.8, 1.2)
        values = {"id": head.id, "attempt": head.attempt, "error": error[:2000]}
        async with self._relay.begin() as db:
            await db.execute(FAIL, {**values, "state": "dead" if dead else "due", "pause": pause})

    async def park(self, head: Head, version: int) -> bool:
        """Lay aside what the clinic's state, seen at `version`, does not let be done. False: it has changed."""
        async with self._relay.begin() as db:
            values = {"id": head.id, "attempt": head.attempt, "version": version}
            return bool(await db.scalar(PARK, values))

    async def letters(self, *, state: str = "dead", clinic_id: int | None = None) -> list[Letter]:
        query = text("""
            select id, clinic_id, kind, state, attempt, error, (select count(*) from core.work later
              where later.clinic_id = work.clinic_id and later.kind = work.kind and later.aggregate = work.aggregate
                and (later.aggregate_seq, later.id) > (work.aggregate_seq, work.id))
            from core.work
            where state = :state and (cast(:clinic as bigint) is null or clinic_id = :clinic) order by id
        """)
        async with self._relay.begin() as db:
            return [Letter(*row) for row in await db.execute(query, {"state": state, "clinic": clinic_id})]

    async def is_busy(self, clinic_id: int) -> bool:
        """Whether work of the clinic is due now or in somebody's hands."""
        query = text(f"""
            select exists (select 1 from core.work where clinic_id = :clinic
              and (state = 'running' or (state = 'due' and attempt = 0 and due <= now() and not {HELD_BACK})))
        """)
        async with self._relay.begin() as db:
            return bool(await db.scalar(query, {"clinic": clinic_id}))

    async def retry(self, id: int) -> bool:
        """Give a dead letter a fresh start. False when there is none with this id."""
        query = text("""
            update core.work set state = 'due', due = now(), attempt = 0, lost = 0, error = null
            where id = :id and state = 'dead' returning id
        """)
        async with self._relay.begin() as db:
            return await self._found(db, query, id)

    async def drop(self, id: int) -> bool:
        async with self._relay.begin() as db:
            return await self._found(
                db, text("delete from core.work where id = :id and state = 'dead' returning id"), id
            )

    async def _found(self, db: AsyncConnection, query: object, id: int) -> bool:
        return (await db.execute(query, {"id": id})).one_or_none() is not None  # type: ignore[call-overload]
