"""The card of an incoming call: whose screen it belongs on, who calls, what others know of the caller."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from prikus.toolkit import Context, Patient, full_name
from prikus_telephony.models import CallLeg, Extension, PhoneCall
from prikus_telephony.schemas import Caller, CallerPart, Incoming

STALE = dt.timedelta(minutes=15)
"""A talk that is over stays on the screen no longer, so that a page that opens later does not show it again."""
MOST_CALLERS = 5


async def incoming(ctx: Context, call_id: int) -> Incoming | None:
    """The card for the actor; None when the call does not concern them, or not any more."""
    ctx.require("telephony.call.make")
    call = await ctx.load(PhoneCall, call_id)
    if not await _concerns(ctx, call):
        return None
    callers = await _callers(ctx, call.client_number)
    parts: list[CallerPart] = []
    if len(callers) == 1:
        answers = await ctx.ask("caller_part", patient_id=callers[0].id)
        parts = sorted((answer.value for answer in answers if answer.value), key=lambda part: part.order)
    return Incoming(
        id=call.id,
        state="ringing" if call.state == "ringing" else "answered" if call.state == "answered" else "finished",
        started_at=call.started_at,
        answered_at=call.answered_at,
        is_answered=call.is_answered,
        client_number=call.client_number,
        virtual_number=call.virtual_number,
        callers=callers,
        parts=parts,
    )


async def _concerns(ctx: Context, call: PhoneCall) -> bool:
    """Ringing: those whose telephones ring, everybody when these are nobody's. Taken: who took it."""
    if call.direction != "in" or call.is_internal:
        return False
    if call.state == "finished":
        is_fresh = (call.ended_at or call.started_at) > ctx.now() - STALE
        return call.is_answered and is_fresh and call.staff_id == ctx.actor.id
    if call.is_answered:
        return call.staff_id in (None, ctx.actor.id)
    query = select(CallLeg.said["extension"][2].astext)
    ringing = query.where(CallLeg.call_id == call.id, CallLeg.released_at.is_(None)).scalar_subquery()
    desks = select(Extension.staff_id).where(Extension.connection_id == call.connection_id)
    desks = desks.where(Extension.staff_id.is_not(None))
    owners = set(await ctx.db.scalars(desks.where(Extension.number.in_(ringing))))
    return not owners or ctx.actor.id in owners


async def _callers(ctx: Context, number: str | None) -> list[Caller]:
    if number is None or not ctx.can("patients.patient.view"):
        return []
    columns = (Patient.last_name, Patient.first_name, Patient.patronymic, Patient.card_number, Patient.birth_date)
    query = ctx.visible(Patient, Patient.id, Patient.phone, *columns)
    rows = await ctx.db.execute(
        query.where(Patient.phone_digits == number.removeprefix("+")).order_by(Patient.sort_name).limit(MOST_CALLERS)
    )
    return [
        Caller(
            row.id, full_name(row.last_name, row.first_name, row.patronymic), row.card_number, row.birth_date, row.phone
        )
        for row in rows
    ]
