"""The log of calls (CRM-23, CRM-25) and missed calls that wait to be called back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import and_, func, select
from sqlalchemy.orm import aliased

from prikus.toolkit import (
    Changes,
    Conflict,
    Context,
    NotFound,
    Patient,
    StaffMember,
    days_before,
    end_of_day,
    follow,
    full_name,
    read_page,
    short_name,
    start_of_day,
)
from prikus_telephony.models import PhoneCall
from prikus_telephony.schemas import CallChange, CallPage, CallRow, Direction, Figures
from prikus_telephony.services.providers import exchanges, providers

PAGE = 30
USUAL_DAYS = 30
Doer = aliased(StaffMember)
MISSED = and_(PhoneCall.direction == "in", PhoneCall.state == "finished", ~PhoneCall.is_answered)


class Filters(msgspec.Struct, frozen=True):
    """What the log is narrowed to; days are local ones of the branch, both included."""

    date_from: dt.date | None = None
    date_to: dt.date | None = None
    direction: Direction | None = None
    is_missed: bool = False
    is_waiting: bool = False


async def calls(ctx: Context, filters: Filters, *, after: str | None = None, before: str | None = None) -> CallPage:
    """Calls with the outside, newest first, 30 to a page. `after` and `before` are cursors of its making."""
    ctx.require("telephony.call.view")
    query, by = _narrowed(ctx, _rows(), filters), (PhoneCall.started_at, PhoneCall.id)
    offered, blind = await _offered(ctx)

    def read(row: Any) -> CallRow:
        return _row(row, offered, blind)

    return CallPage(*await read_page(ctx.db, query, by, read, after=after, before=before, size=PAGE))


async def one(ctx: Context, call_id: int) -> CallRow:
    """One line of the log. Raises `NotFound`."""
    ctx.require("telephony.call.view")
    return await _line(ctx, call_id)


async def to_hear(ctx: Context, call_id: int) -> CallRow:
    """One line of the log, for whoever may hear it. Raises `NotFound`."""
    ctx.require("telephony.recording.listen")
    return await _line(ctx, call_id)


async def _line(ctx: Context, call_id: int) -> CallRow:
    row = (await ctx.db.execute(_rows().where(PhoneCall.id == call_id))).one_or_none()
    if row is None:
        raise NotFound()
    return _row(row, *await _offered(ctx))


async def _offered(ctx: Context) -> tuple[dict[int, str], set[int]]:
    """Connections that can call, and those of which nobody knows beforehand what was recorded."""
    offered, seeking = {one.id: one.kind for one in await exchanges(ctx)}, providers(ctx)
    return offered, {id for id, kind in offered.items() if seeking[kind].find_recording is None}


async def changed_calls(ctx: Context, since: str | None, limit: int) -> Changes[CallChange]:
    """Calls with the outside in the order of their last change. Raises `Invalid` for a strange cursor.

    One that turned out to be between colleagues is told as deleted.
    """
    ctx.require("telephony.call.view")
    return await follow(ctx, CallChange, PhoneCall, since, limit, gone=PhoneCall.is_internal)


async def count_waiting(ctx: Context) -> int:
    """Missed calls that nobody has called back yet."""
    ctx.require("telephony.call.view")
    waiting = select(func.count()).select_from(PhoneCall).where(MISSED, ~PhoneCall.is_internal)
    return await ctx.db.scalar(waiting.where(PhoneCall.done_at.is_(None))) or 0


async def mark_done(ctx: Context, call_id: int) -> None:
    """Note that the actor has called back, or settled it otherwise. Raises `Conflict` when it is done."""
    ctx.require("telephony.call.make")
    call = await ctx.load(PhoneCall, call_id, lock=True)
    if call.direction != "in" or call.is_answered or call.state != "finished":
        raise Conflict("Этот звонок не пропущен: перезванивать не нужно.")
    if call.done_at is not None:
        raise Conflict("По этому звонку уже перезвонили. Обновите страницу.")
    call.done_at, call.done_by_id = ctx.now(), ctx.actor.id if ctx.actor.kind == "staff" else None
    await ctx.db.flush()
    ctx.changed("telephony.calls")


async def figures(ctx: Context, date_from: dt.date | None, date_to: dt.date | None) -> Figures:
    """How many calls there were from day to day, both included; without a beginning in the 30 days up to the end."""
    ctx.require("telephony.call.view")
    end = date_to or ctx.now().astimezone(ctx.zone(ctx.branch_id)).date()
    begin = date_from or days_before(end, USUAL_DAYS - 1)
    incoming = PhoneCall.direction == "in"
    counts = [func.count(), *(func.count().filter(what) for what in (incoming, ~incoming))]
    counts += [func.count().filter(incoming & PhoneCall.is_answered), func.count().filter(MISSED)]
    query = select(*counts).select_from(PhoneCall).where(~PhoneCall.is_internal)
    return Figures(begin, end, *(await ctx.db.execute(_narrowed(ctx, query, Filters(begin, end)))).one())


def _narrowed(ctx: Context, query: Any, filters: Filters) -> Any:
    zone = ctx.zone(ctx.branch_id)
    if filters.date_from:
        query = query.where(PhoneCall.started_at >= start_of_day(filters.date_from, zone))
    if filters.date_to:
        query = query.where(PhoneCall.started_at < end_of_day(filters.date_to, zone))
    if filters.direction:
        query = query.where(PhoneCall.direction == filters.direction)
    if filters.is_missed or filters.is_waiting:
        query = query.where(MISSED)
    return query.where(PhoneCall.done_at.is_(None)) if filters.is_waiting else query


def _rows() -> Any:
    patient = and_(Patient.clinic_id == PhoneCall.clinic_id, Patient.id == PhoneCall.patient_id)
    return (
        select(
            PhoneCall.id,
            PhoneCall.direction,
            PhoneCall.state,
            PhoneCall.started_at,
            PhoneCall.seconds,
            PhoneCall.is_answered,
            PhoneCall.client_number,
            PhoneCall.virtual_number,
            PhoneCall.done_at,
            PhoneCall.connection_id,
            PhoneCall.recording_id,
            Patient.id.label("patient_id"),
            *_names(Patient, "patient"),
            *_names(StaffMember, "staff"),
            *_names(Doer, "doer"),
        )
        .outerjoin(Patient, patient & Patient.deleted_at.is_(None))
        .outerjoin(StaffMember, _same(StaffMember, PhoneCall.staff_id))
        .outerjoin(Doer, _same(Doer, PhoneCall.done_by_id))
        .where(~PhoneCall.is_internal)
    )


def _names(model: Any, prefix: str) -> list[Any]:
    return [getattr(model, part).label(f"{prefix}_{part}") for part in ("last_name", "first_name", "patronymic")]


def _same(model: Any, column: Any) -> Any:
    return and_(model.clinic_id == PhoneCall.clinic_id, model.id == column)


def _row(row: Any, offered: Collection[int], blind: Collection[int]) -> CallRow:
    """`offered` are connections that can call; of those in `blind` nobody knows beforehand what was recorded."""
    patient = (row.patient_last_name, row.patient_first_name, row.patient_patronymic)
    staff = (row.staff_last_name, row.staff_first_name, row.staff_patronymic)
    doer = (row.doer_last_name, row.doer_first_name, row.doer_patronymic)
    return CallRow(
        id=row.id,
        direction=row.direction,
        state=row.state,
        started_at=row.started_at,
        seconds=row.seconds,
        is_answered=row.is_answered,
        client_number=row.client_number,
        virtual_number=row.virtual_number,
        patient_id=row.patient_id,
        patient=full_name(*patient) if row.patient_id else None,
        staff=short_name(*staff) if staff[0] else None,
        done_at=row.done_at,
        done_by=short_name(*doer) if doer[0] else None,
        has_provider=row.connection_id in offered,
        has_recording=row.is_answered
        and row.state == "finished"
        and (row.connection_id in blind or (row.connection_id in offered and row.recording_id is not None)),
    )
