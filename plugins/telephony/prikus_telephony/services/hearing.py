"""Taking in what exchanges say: events of legs, rows of statistics. Everything may come late, twice, in any order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import Select, and_, func, or_, select

from prikus.toolkit import Context, patient_with_phone
from prikus_telephony.events import CallAnswered, CallStarted
from prikus_telephony.models import CallLeg, Extension, PhoneCall
from prikus_telephony.schemas import Leg, SeenCall
from prikus_telephony.services.finishing import finish
from prikus_telephony.services.joining import LegFacts, e164, heard, joined

NEAR = dt.timedelta(seconds=5)
"""Statistics and events name the beginning of one call up to so differently."""
ORDER = ("ringing", "answered", "finished")
LEGS = select(CallLeg.id).where(CallLeg.clinic_id == PhoneCall.clinic_id, CallLeg.call_id == PhoneCall.id)


async def hear(ctx: Context, connection_id: int, leg: Leg) -> int | None:
    """Take in one event of one leg. Returns the call's number when all its known legs are released by now."""
    await take_turn(ctx, connection_id)
    call = await _by_id(ctx, connection_id, leg.external_id) or await _seen(ctx, connection_id, leg)
    is_new = call is None
    if call is None:
        call = PhoneCall(connection_id=connection_id, direction=leg.direction, started_at=leg.at, state="ringing")
        ctx.db.add(call)
    call.external_id = leg.external_id
    await ctx.db.flush()
    return await _apply(ctx, call, await _legs_with(ctx, call, leg), is_new=is_new)


async def take_turn(ctx: Context, connection_id: int) -> None:
    """One word of a connection after the other, until the end of the transaction: two may begin the same call."""
    key = f"telephony {ctx.clinic.id} {connection_id}"
    await ctx.db.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


async def _legs_with(ctx: Context, call: PhoneCall, leg: Leg) -> list[LegFacts]:
    rows = list(await ctx.db.scalars(select(CallLeg).where(CallLeg.call_id == call.id)))
    row = next((row for row in rows if row.leg_id == leg.leg_id), None)
    facts = heard(_facts(row) if row else None, leg)
    if row is None:
        row = CallLeg(call_id=call.id, leg_id=leg.leg_id)
        ctx.db.add(row)
        rows.append(row)
    row.started_at, row.answered_at, row.released_at = facts.started_at, facts.answered_at, facts.released_at
    row.said = dict(facts.said)
    return [_facts(row) for row in rows]


def _facts(row: CallLeg) -> LegFacts:
    return LegFacts(row.leg_id, row.started_at, row.answered_at, row.released_at, row.said or {})


async def _apply(ctx: Context, call: PhoneCall, legs: list[LegFacts], *, is_new: bool) -> int | None:
    facts = joined(legs)
    was_answered = call.is_answered
    call.direction, call.started_at, call.is_internal = facts.direction, facts.started_at, facts.is_internal
    call.answered_at, call.ended_at = facts.answered_at, facts.ended_at or call.ended_at
    call.is_answered = was_answered or facts.answered_at is not None
    call.seconds = call.seconds if facts.seconds is None else facts.seconds
    call.virtual_number = facts.virtual_number or call.virtual_number
    call.extension = facts.extension or call.extension
    state = "answered" if call.is_answered else "ringing"
    call.state = max(call.state, state, key=ORDER.index)
    await know_people(ctx, call, facts.client_number or call.client_number)
    await ctx.db.flush()
    if not call.is_internal:
        await _tell(ctx, call, is_new=is_new, is_taken=call.is_answered and not was_answered)
    return call.id if facts.is_over and call.state != "finished" else None


async def _tell(ctx: Context, call: PhoneCall, *, is_new: bool, is_taken: bool) -> None:
    if is_new:
        started = CallStarted(
            call_id=call.id,
            direction=call.direction,
            started_at=call.started_at,
            client_number=call.client_number,
            virtual_number=call.virtual_number,
            patient_id=call.patient_id,
        )
        await ctx.emit(started, call)
    if is_taken:
        taken = CallAnswered(
            call_id=call.id,
            direction=call.direction,
            client_number=call.client_number,
            patient_id=call.patient_id,
            staff_id=call.staff_id,
        )
        await ctx.emit(taken, call)
    ctx.changed("telephony.calls")
    if call.direction == "in":
        ctx.changed("telephony.incoming", call.id)


async def know_people(ctx: Context, call: PhoneCall, number: str | None) -> None:
    """Note the number with the one patient who has it, and whose telephone it is."""
    if number and number != call.client_number:
        call.client_number, call.patient_id = number, await patient_with_phone(ctx, number)
    if call.extension:
        query = select(Extension.staff_id).where(Extension.number == call.extension)
        call.staff_id = await ctx.db.scalar(query.where(Extension.connection_id == call.connection_id))


async def reconcile(ctx: Context, connection_id: int, seen: Iterable[SeenCall]) -> list[int]:
    """Merge rows of statistics: what no event told is added, what hangs is finished. May be told twice.

    Returns the talks that are over by it.
    """
    await take_turn(ctx, connection_id)
    talks = []
    for row in sorted(seen, key=lambda row: (row.started_at, row.external_id)):
        number = e164(row.client_number)
        call = await _by_id(ctx, connection_id, row.external_id)
        if call is None:
            call = await _heard(ctx, connection_id, row) or _begun(ctx, connection_id, row)
            if row.is_named:
                call.external_id, call.is_named = row.external_id, True
        if await _complete(ctx, call, row, number) and call.is_answered:
            talks.append(call.id)
    return talks


def _begun(ctx: Context, connection_id: int, row: SeenCall) -> PhoneCall:
    call = PhoneCall(connection_id=connection_id, external_id=row.external_id, state="ringing")
    call.direction, call.started_at, call.is_answered = row.direction, row.started_at, False
    ctx.db.add(call)
    return call


async def _complete(ctx: Context, call: PhoneCall, row: SeenCall, number: str | None) -> bool:
    """Whether the row ends it. Rows come for each telephone: one that nobody took says nothing of a talk elsewhere."""
    if await _goes_on(ctx, call, row):
        return False
    call.is_answered = call.is_answered or row.is_answered
    if row.is_answered and call.seconds is None:
        call.seconds = row.seconds
    call.virtual_number = call.virtual_number or e164(row.virtual_number)
    if row.is_answered or row.direction == "out":
        call.extension = call.extension or row.extension
    call.ended_at = call.ended_at or row.started_at + dt.timedelta(seconds=row.seconds)
    await ctx.db.flush()
    await know_people(ctx, call, call.client_number or number)
    return await finish(ctx, call)


async def _goes_on(ctx: Context, call: PhoneCall, row: SeenCall) -> bool:
    if call.id is None or row.is_answered or call.state == "finished":
        return False
    ended_at = row.started_at + dt.timedelta(seconds=row.seconds)
    began_later = CallLeg.answered_at.is_not(None) | (CallLeg.started_at > ended_at + NEAR)
    active = select(CallLeg.id).where(CallLeg.call_id == call.id, CallLeg.released_at.is_(None), began_later)
    return await ctx.db.scalar(active.limit(1)) is not None


async def _by_id(ctx: Context, connection_id: int, external_id: str) -> PhoneCall | None:
    query = select(PhoneCall).where(PhoneCall.connection_id == connection_id, PhoneCall.external_id == external_id)
    return await ctx.db.scalar(query)


async def _seen(ctx: Context, connection_id: int, leg: Leg) -> PhoneCall | None:
    """The call that statistics told of before any of its legs. What is not a ring comes at any time of it."""
    last = PhoneCall.started_at if leg.state == "ringing" else func.coalesce(PhoneCall.ended_at, PhoneCall.started_at)
    is_within = and_(PhoneCall.started_at <= leg.at + NEAR, last >= leg.at - NEAR)
    query = _alike(connection_id, leg.direction, leg.client_number).where(is_within, ~LEGS.exists())
    return await ctx.db.scalar(query.where(~PhoneCall.is_named))


async def _heard(ctx: Context, connection_id: int, row: SeenCall) -> PhoneCall | None:
    """The call of a row of statistics, known by its beginning or, when no ring was heard, by what came later."""
    ended_at = row.started_at + dt.timedelta(seconds=row.seconds)
    later = func.coalesce(CallLeg.answered_at, CallLeg.released_at)
    near = row.started_at - NEAR, row.started_at + NEAR
    has_rung = LEGS.where(later.is_(None) | (CallLeg.started_at < later))
    is_near = or_(
        PhoneCall.started_at.between(*near),
        LEGS.where(CallLeg.started_at.between(*near)).exists(),
        and_(PhoneCall.started_at.between(row.started_at, ended_at + NEAR), LEGS.exists(), ~has_rung.exists()),
    )
    is_sure = row.direction == "in"
    query = _alike(connection_id, row.direction, row.client_number, is_sure=is_sure).where(is_near)
    if row.is_named:
        query = query.where(~PhoneCall.is_named, ~LEGS.exists())
    return await ctx.db.scalar(query)


def _alike(connection_id: int, direction: str, number: str | None, *, is_sure: bool = True) -> Select[PhoneCall]:
    """Calls of that number; unless it must be sure, also those whose number no event has told.

    A caller may hide the number; one who is called cannot.
    """
    same = PhoneCall.client_number.is_not_distinct_from(e164(number))
    query = select(PhoneCall).where(
        PhoneCall.connection_id == connection_id,
        PhoneCall.direction == direction,
        same if is_sure else same | PhoneCall.client_number.is_(None),
    )
    return query.order_by(PhoneCall.client_number.is_(None), PhoneCall.started_at, PhoneCall.id).limit(1)
