"""Writing facts and jobs in the transaction that makes them true."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from prikus.data.statements import Prepared
from prikus.failpoints import failpoint
from prikus.host.declarations import EVERYTHING, Event, Job
from prikus.host.system import System

_EMIT = Prepared(
    text("""
    with fact as (
      insert into core.outbox_event (name, version, payload, aggregate, aggregate_seq)
      values (:name, :version, cast(:payload as jsonb), :aggregate, :seq) returning id)
    select core.deliver(cast(:kinds as text[]), cast(:ordered as text[]), fact.id, :aggregate, :seq) from fact
""")
)
_ENQUEUE = Prepared(
    text("""
    with request as (
      insert into core.job_request (kind, payload) values (:kind, cast(:payload as jsonb)) returning id)
    select core.enqueue(array[:kind], request.id, coalesce(cast(:due as timestamptz), now())) from request
""")
)


async def write_event(
    db: AsyncSession, system: System, event: Event, aggregate: str, seq: int, wanted: Collection[str] = ()
) -> bool:
    """One statement: the fact and the head of each delivery. True when anybody listens.

    Facts whose names are `wanted` are heard by those who listen to everything, too.
    """
    kinds = list(system.listener_kinds(event.name))
    if event.name in wanted:
        kinds += system.listener_kinds(EVERYTHING)
    await _EMIT.rows(
        db,
        name=event.name,
        version=event.version,
        payload=msgspec.json.encode(event).decode(),
        aggregate=aggregate,
        seq=seq,
        kinds=kinds,
        ordered=[kind for kind in kinds if kind in system.ordered_kinds],
    )
    failpoint("after_outbox")
    return bool(kinds)


async def write_job(db: AsyncSession, job: Job, payload: msgspec.Struct, due: dt.datetime | None) -> None:
    await _ENQUEUE.rows(db, kind=job.kind, payload=msgspec.json.encode(payload).decode(), due=due)
    failpoint("after_outbox")
