"""The feed hears every fact about a patient."""

from __future__ import annotations

import msgspec
from sqlalchemy import insert

from prikus.access.context import Context
from prikus.host.declarations import PatientFact, listens
from prikus.patients.models import PatientEvent


@listens("*")
async def write_feed(ctx: Context, event: PatientFact) -> None:
    """A line of «События пациента», with the time and the author of the fact itself (PAT-17)."""
    line = event.feed_line()
    await ctx.db.execute(
        insert(PatientEvent).values(
            patient_id=event.patient_id,
            kind=event.name,
            title=line.title,
            text=line.text,
            href=line.href,
            icon=line.icon,
            happened_at=ctx.cause.created_at,
            actor_kind=ctx.cause.created_by_kind,
            actor_id=ctx.cause.created_by_id,
            payload=msgspec.to_builtins(event),
        )
    )
    ctx.changed("patients.feed", event.patient_id)
