"""The list of requests: narrowed, sorted, counted by status (CRM-06, CRM-07, CRM-09)."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import msgspec
from sqlalchemy import and_, func, or_, select

from prikus.toolkit import (
    Context,
    NotFound,
    Patient,
    StaffMember,
    end_of_day,
    full_name,
    phone_part,
    read_page,
    short_name,
    start_of_day,
)
from prikus_crm.models import CrmRequest, RequestSource
from prikus_crm.schemas import RequestPage, RequestRow, Status

PAGE = 30
BY_HAND = "hand"
Sort = Literal["received", "-received", "updated", "-updated"]
SHORTEST_NUMBER = 3


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What the list is narrowed to; days are the clinic's, both included. `source` is a code, or `hand`."""

    q: str = ""
    date_from: dt.date | None = None
    date_to: dt.date | None = None
    status: Status | None = None
    source: str | None = None
    responsible: int | None = None

    @property
    def is_used(self) -> bool:
        return self != Filters()


async def requests(
    ctx: Context, filters: Filters, sort: Sort = "-received", *, after: str | None = None, before: str | None = None
) -> RequestPage:
    """30 requests of the list. `after` and `before` are cursors of its making. Raises `NotFound` for others."""
    ctx.require("crm.request.view")
    column = CrmRequest.updated_at if sort.endswith("updated") else CrmRequest.received_at
    query, by, is_down = _narrowed(ctx, _rows(ctx), filters), (column, CrmRequest.id), sort.startswith("-")
    found = await read_page(ctx.db, query, by, _row, after=after, before=before, size=PAGE, newest_first=is_down)
    return RequestPage(*found)


async def one(ctx: Context, id: int) -> RequestRow:
    """One line of the list. Raises `NotFound`."""
    ctx.require("crm.request.view")
    row = (await ctx.db.execute(_rows(ctx).where(CrmRequest.id == id))).one_or_none()
    if row is None:
        raise NotFound()
    return _row(row)


async def counts(ctx: Context, filters: Filters) -> dict[str, int]:
    """How many of the narrowed requests stand in each status, whatever status is chosen."""
    ctx.require("crm.request.view")
    query = ctx.visible(CrmRequest, CrmRequest.status, func.count().label("number")).group_by(CrmRequest.status)
    narrowed = _narrowed(ctx, _with_names(query), msgspec.structs.replace(filters, status=None))
    return {row.status: row.number for row in await ctx.db.execute(narrowed)}


async def sources(ctx: Context) -> list[tuple[str, str]]:
    """Choices of the filter."""
    rows = await ctx.db.execute(select(RequestSource.code, RequestSource.title).order_by(RequestSource.title))
    return [*((code, title) for code, title in rows), (BY_HAND, "Вручную")]


async def colleagues(ctx: Context) -> list[tuple[int, str]]:
    """Who may be responsible."""
    query = ctx.visible(
        StaffMember, StaffMember.id, StaffMember.last_name, StaffMember.first_name, StaffMember.patronymic
    ).order_by(StaffMember.last_name, StaffMember.first_name, StaffMember.id)
    return [(id, short_name(*name)) for id, *name in await ctx.db.execute(query)]


def _rows(ctx: Context) -> Any:
    names = ("last_name", "first_name", "patronymic")
    return _with_names(
        ctx.visible(
            CrmRequest,
            CrmRequest.id,
            CrmRequest.status,
            CrmRequest.received_at,
            CrmRequest.updated_at,
            CrmRequest.name,
            CrmRequest.phone,
            CrmRequest.email,
            CrmRequest.words,
            CrmRequest.comment,
            CrmRequest.refusal,
            CrmRequest.place,
            CrmRequest.next_on,
            RequestSource.title.label("source"),
            RequestSource.icon.label("source_icon"),
            Patient.id.label("patient_id"),
            StaffMember.id.label("staff_id"),
            *(getattr(Patient, part).label(f"patient_{part}") for part in names),
            *(getattr(StaffMember, part).label(f"staff_{part}") for part in names),
        )
    )


def _with_names(query: Any) -> Any:
    return (
        query.outerjoin(RequestSource, _same(RequestSource, CrmRequest.source_id))
        .outerjoin(Patient, _same(Patient, CrmRequest.patient_id) & Patient.deleted_at.is_(None))
        .outerjoin(StaffMember, _same(StaffMember, CrmRequest.responsible_id))
    )


def _same(model: Any, column: Any) -> Any:
    return and_(model.clinic_id == CrmRequest.clinic_id, model.id == column)


def _narrowed(ctx: Context, query: Any, filters: Filters) -> Any:
    zone = ctx.zone(ctx.branch_id)
    if filters.date_from:
        query = query.where(CrmRequest.received_at >= start_of_day(filters.date_from, zone))
    if filters.date_to:
        query = query.where(CrmRequest.received_at < end_of_day(filters.date_to, zone))
    if filters.status:
        query = query.where(CrmRequest.status == filters.status)
    if filters.source:
        by_hand = CrmRequest.source_id.is_(None)
        query = query.where(by_hand if filters.source == BY_HAND else RequestSource.code == filters.source)
    if filters.responsible:
        query = query.where(CrmRequest.responsible_id == filters.responsible)
    return query.where(_said(filters.q.strip())) if filters.q.strip() else query


def _said(words: str) -> Any:
    """Part of the name, the phone, the mail or the words."""
    of_patient = Patient.last_name + " " + Patient.first_name
    columns = (CrmRequest.name, CrmRequest.email, CrmRequest.words, CrmRequest.comment, of_patient)
    anywhere = [column.icontains(words, autoescape=True) for column in columns]
    part = phone_part(words)
    if len(part) >= SHORTEST_NUMBER and not any(sign.isalpha() for sign in words):
        anywhere.append(CrmRequest.phone.contains(part))
    return or_(*anywhere)


def _row(row: Any) -> RequestRow:
    patient = (row.patient_last_name, row.patient_first_name, row.patient_patronymic)
    staff = (row.staff_last_name, row.staff_first_name, row.staff_patronymic)
    return RequestRow(
        id=row.id,
        status=row.status,
        received_at=row.received_at,
        updated_at=row.updated_at,
        name=row.name,
        phone=row.phone,
        email=row.email,
        text=row.words,
        comment=row.comment,
        refusal=row.refusal,
        place=row.place,
        next_on=row.next_on,
        source=row.source,
        source_icon=row.source_icon,
        patient_id=row.patient_id,
        patient=full_name(*patient) if row.patient_id else None,
        responsible_id=row.staff_id,
        responsible=short_name(*staff) if row.staff_id else None,
    )
