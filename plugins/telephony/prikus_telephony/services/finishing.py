"""The end of a call: told once, put into the feed, and missed calls that are called back by it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select, update

from prikus.toolkit import Context
from prikus_telephony.events import CallFinished, PatientCall
from prikus_telephony.models import CallLeg, PhoneCall

SETTLE = dt.timedelta(seconds=3)
"""After the last known leg is released another one may begin: a hunt goes to the next telephone."""
LOST = dt.timedelta(hours=4)


async def settle(ctx: Context, call_id: int) -> bool:
    """Finish the call unless one of its legs goes on. Whether a talk is over by it."""
    call = await ctx.db.scalar(select(PhoneCall).where(PhoneCall.id == call_id).with_for_update())
    active = select(CallLeg.id).where(CallLeg.call_id == call_id, CallLeg.released_at.is_(None)).limit(1)
    if call is None or await ctx.db.scalar(active) is not None:
        return False
    return await finish(ctx, call) and call.is_answered


async def sweep(ctx: Context) -> list[int]:
    """Finish calls whose end nobody told. Returns the talks among them."""
    talks = []
    lost = select(PhoneCall).where(PhoneCall.state != "finished", PhoneCall.started_at < ctx.now() - LOST)
    for call in await ctx.db.scalars(lost.order_by(PhoneCall.id).with_for_update()):
        if await finish(ctx, call) and call.is_answered:
            talks.append(call.id)
    return talks


async def finish(ctx: Context, call: PhoneCall) -> bool:
    """Over: once. Talks between colleagues are nobody's event. Whether it was over only by this and is told."""
    if call.state == "finished":
        return False
    call.state = "finished"
    call.ended_at = call.ended_at or call.started_at
    await ctx.db.flush()
    if call.is_internal:
        return False
    await _settle_missed(ctx, call)
    finished = CallFinished(
        call_id=call.id,
        direction=call.direction,
        started_at=call.started_at,
        is_answered=call.is_answered,
        seconds=call.seconds,
        client_number=call.client_number,
        virtual_number=call.virtual_number,
        patient_id=call.patient_id,
        staff_id=call.staff_id,
    )
    await ctx.emit(finished, call)
    if call.patient_id is not None:
        fact = PatientCall(
            patient_id=call.patient_id,
            call_id=call.id,
            direction=call.direction,
            is_answered=call.is_answered,
            seconds=call.seconds,
        )
        await ctx.emit(fact, call)
    ctx.changed("telephony.calls")
    if call.direction == "in":
        ctx.changed("telephony.incoming", call.id)
    return True


async def _settle_missed(ctx: Context, call: PhoneCall) -> None:
    """A talk with a number settles its missed calls before; told later, a missed call finds the talk after it."""
    if call.client_number is None:
        return
    same = PhoneCall.client_number == call.client_number
    if call.is_answered:
        waiting = (PhoneCall.direction == "in", PhoneCall.state == "finished", ~PhoneCall.is_answered)
        done = {"done_at": call.started_at, "done_by_id": call.staff_id}
        missed = update(PhoneCall).where(same, *waiting, PhoneCall.done_at.is_(None))
        await ctx.db.execute(missed.where(PhoneCall.started_at < call.started_at).values(done))
    elif call.direction == "in":
        talk = select(PhoneCall.started_at, PhoneCall.staff_id).where(same, PhoneCall.is_answered)
        later = talk.where(PhoneCall.started_at > call.started_at).order_by(PhoneCall.started_at).limit(1)
        if row := (await ctx.db.execute(later)).one_or_none():
            call.done_at, call.done_by_id = row
            await ctx.db.flush()
