"""What is done later about patients."""

from __future__ import annotations

import datetime as dt

import msgspec
from sqlalchemy import text

from prikus.access.context import Context
from prikus.host.declarations import job
from prikus.patients.services.emptying import empty_rows

AGAIN = dt.timedelta(minutes=10)
LATE = dt.timedelta(minutes=10)
"""Longer than any transaction lasts: a worker gives its work up after five minutes."""
HEARD = """
    with gone as (
      delete from core.outbox_event e where e.payload -> 'patient_id' = to_jsonb(cast(:patient as bigint))
        and not exists (select 1 from core.work w
          where w.clinic_id = e.clinic_id and w.ref = e.id and starts_with(w.kind, 'listener:'))
      returning e.id)
    delete from core.inbox_entry i using gone where i.event_id = gone.id
"""
WAITING = "select 1 from core.outbox_event where payload -> 'patient_id' = to_jsonb(cast(:patient as bigint)) limit 1"


class OfPatient(msgspec.Struct, frozen=True):
    patient_id: int


@job
async def forget_facts(ctx: Context, payload: OfPatient) -> None:
    """Delete what was told about an erased patient once everybody has heard it; what is not heard yet, later."""
    values = {"patient": payload.patient_id}
    async with ctx.lifecycle_unit() as own:
        await own.db.execute(text(HEARD), values)
        # Lines that the feed got in the meantime.
        await own.db.execute(
            text("update core.patient_event set text = null, payload = null where patient_id = :patient"), values
        )
        waiting = await own.db.scalar(text(WAITING), values)
    if waiting:
        await ctx.enqueue(forget_facts, payload, ctx.now() + AGAIN)


@job
async def empty_again(ctx: Context, payload: OfPatient) -> None:
    """What others who had found the card before it was erased have written since."""
    async with ctx.lifecycle_unit() as own:
        await empty_rows(own, payload.patient_id)
    await ctx.enqueue(forget_facts, payload)
