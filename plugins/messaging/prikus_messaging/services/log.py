"""The log of messages (CRM-26) and what it is narrowed to (CRM-27)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from sqlalchemy import and_, func, select

from prikus.toolkit import (
    Changes,
    Context,
    NotFound,
    Patient,
    StaffMember,
    end_of_day,
    follow,
    full_name,
    phone_part,
    read_page,
    read_phone,
    short_name,
    start_of_day,
)
from prikus_messaging.models import OutboundMessage
from prikus_messaging.schemas import MessageChange, MessagePage, MessageRow, Shown

PAGE = 30
WHOLE_NUMBER = 11
"""Digits of a whole number of this country; fewer are looked for inside."""
UNDECIDED = and_(OutboundMessage.state == "unknown", OutboundMessage.next_at.is_(None))


class Filters(msgspec.Struct, frozen=True):
    """What the log is narrowed to: days of writing, local ones of the branch, both included; digits of the number;
    words of the text, in any case of letters; state; how many parts it has."""

    date_from: dt.date | None = None
    date_to: dt.date | None = None
    phone: str = ""
    text: str = ""
    state: Shown | None = None
    parts: int | None = None


async def messages(
    ctx: Context, filters: Filters, *, after: str | None = None, before: str | None = None
) -> MessagePage:
    """Messages, newest first, 30 to a page. `after` and `before` are cursors of its making."""
    ctx.require("messaging.message.view")
    query, by = _narrowed(ctx, _rows(), filters), (OutboundMessage.created_at, OutboundMessage.id)
    return MessagePage(*await read_page(ctx.db, query, by, _row, after=after, before=before, size=PAGE))


async def one(ctx: Context, message_id: int) -> MessageRow:
    """One line of the log. Raises `NotFound`."""
    ctx.require("messaging.message.view")
    row = (await ctx.db.execute(_rows().where(OutboundMessage.id == message_id))).one_or_none()
    if row is None:
        raise NotFound()
    return _row(row)


async def changed_messages(ctx: Context, since: str | None, limit: int) -> Changes[MessageChange]:
    """Messages in the order of their last change. Raises `Invalid` for a strange cursor."""
    ctx.require("messaging.message.view")
    return await follow(ctx, MessageChange, OutboundMessage, since, limit)


async def count_undecided(ctx: Context) -> int:
    """Messages of which only a person can find out whether they have left."""
    ctx.require("messaging.message.view")
    return await ctx.db.scalar(select(func.count()).select_from(OutboundMessage).where(UNDECIDED)) or 0


def _narrowed(ctx: Context, query: Any, filters: Filters) -> Any:
    zone = ctx.zone(ctx.branch_id)
    if filters.date_from:
        query = query.where(OutboundMessage.created_at >= start_of_day(filters.date_from, zone))
    if filters.date_to:
        query = query.where(OutboundMessage.created_at < end_of_day(filters.date_to, zone))
    if filters.state:
        states = ("queued", "sending") if filters.state == "queued" else (filters.state,)
        query = query.where(OutboundMessage.state.in_(states))
    if filters.parts is not None:
        query = query.where(OutboundMessage.parts == filters.parts)
    if filters.text.strip():
        words = func.strpos(func.lower(OutboundMessage.text), filters.text.strip().lower())
        query = query.where(words > 0)
    return query.where(_of_number(filters.phone)) if filters.phone.strip() else query


def _of_number(typed: str) -> Any:
    """A whole number is found by its index, a part of one among the rows that the other filters leave."""
    if sum(sign.isdecimal() for sign in typed) >= WHOLE_NUMBER:
        try:
            return OutboundMessage.address == read_phone(typed.strip())
        except ValueError:
            pass
    return func.strpos(OutboundMessage.address, phone_part(typed) or typed.strip()) > 0


def _rows() -> Any:
    patient = and_(Patient.clinic_id == OutboundMessage.clinic_id, Patient.id == OutboundMessage.patient_id)
    author = and_(
        StaffMember.clinic_id == OutboundMessage.clinic_id,
        StaffMember.id == OutboundMessage.created_by_id,
        OutboundMessage.created_by_kind == "staff",
    )
    shown = ("id", "state", "purpose", "created_at", "sent_at", "final_at", "address", "text", "parts", "cost", "error")
    columns = [getattr(OutboundMessage, name) for name in (*shown, "connection_id", "next_at")]
    return (
        select(*columns, Patient.id.label("patient_id"), *_names(Patient, "patient"), *_names(StaffMember, "author"))
        .outerjoin(Patient, patient & Patient.deleted_at.is_(None))
        .outerjoin(StaffMember, author)
    )


def _names(model: Any, prefix: str) -> list[Any]:
    return [getattr(model, part).label(f"{prefix}_{part}") for part in ("last_name", "first_name", "patronymic")]


def _row(row: Any) -> MessageRow:
    patient = (row.patient_last_name, row.patient_first_name, row.patient_patronymic)
    author = (row.author_last_name, row.author_first_name, row.author_patronymic)
    return MessageRow(
        id=row.id,
        state=row.state,
        purpose=row.purpose,
        created_at=row.created_at,
        sent_at=row.sent_at,
        final_at=row.final_at,
        address=row.address,
        text=row.text,
        parts=row.parts,
        cost=row.cost,
        error=row.error,
        patient_id=row.patient_id,
        patient=full_name(*patient) if row.patient_id else None,
        connection_id=row.connection_id,
        author=short_name(*author) if author[0] else None,
        needs_decision=row.state == "unknown" and row.next_at is None,
    )
