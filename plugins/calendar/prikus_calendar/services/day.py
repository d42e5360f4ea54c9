"""Reading the calendar: one statement for each thing shown, columns into structs."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import BigInteger, ClauseElement, Date, DateTime, Select, bindparam, func, select

from prikus.toolkit import (
    Chair,
    Context,
    Invalid,
    NotFound,
    Patient,
    Prepared,
    Profession,
    StaffMember,
    StaffProfession,
    plural,
    prepared,
    visible,
)
from prikus_calendar.models import Appointment, AppointmentStatus, Shift, VisitType
from prikus_calendar.schemas import AppointmentCell, ChairColumn, Day, ShiftCell, Span, VisitLine, VisitTypeInfo
from prikus_calendar.services.names import short

LONGEST_SPAN = 62
Cell = TypeVar("Cell", ShiftCell, AppointmentCell)
_WALL = DateTime(timezone=False)
BRANCH = bindparam("branch", type_=BigInteger)
FIRST, LAST = bindparam("first", type_=Date), bindparam("last", type_=Date)


def _local(zone: str, column: Any) -> Any:
    return func.timezone(zone, column, type_=_WALL)


def check_branch(ctx: Context, branch_id: int | None) -> int:
    """The branch asked for, or the chosen one. Raises `NotFound` for a foreign one."""
    if branch_id is None:
        return ctx.branch.id
    if branch_id not in {branch.id for branch in ctx.branches}:
        raise NotFound()
    return branch_id


async def day(ctx: Context, date: dt.date, branch_id: int | None = None) -> Day:
    """Chairs, working time and appointments of one day of a branch (CAL-07)."""
    ctx.require("calendar.appointment.view")
    branch_id = check_branch(ctx, branch_id)
    zone = ctx.zone(branch_id).key
    chairs = await chairs_of(ctx, branch_id)
    shifts, shift_version = await _cells(ctx, _shift_query(zone), ShiftCell, branch_id, date, date)
    appointments, version = await _cells(ctx, _appointment_query(zone), AppointmentCell, branch_id, date, date)
    noon = dt.datetime.combine(date, dt.time(12), ctx.zone(branch_id))
    offset = f"{noon:%z}"
    utc_offset = f"{offset[:3]}:{offset[3:5]}"
    newest = max(version, shift_version)
    return Day(branch_id, date, zone, utc_offset, newest, summary(appointments), chairs, shifts, appointments)


def summary(appointments: list[AppointmentCell]) -> str:
    """«56 приёмов · 4 ожидают · 2 не пришли»; cancelled ones are not counted."""
    counted = Counter(cell.meaning for cell in appointments)
    words = [plural(len(appointments) - counted["cancelled"], "приём", "приёма", "приёмов")]
    if counted["waiting"]:
        words.append(plural(counted["waiting"], "ожидает", "ожидают", "ожидают"))
    if counted["missed"]:
        words.append(plural(counted["missed"], "не пришёл", "не пришли", "не пришли"))
    return " · ".join(words)


async def span(ctx: Context, first: dt.date, last: dt.date, branch_id: int | None = None) -> Span:
    """Appointments and working time of an interval of days, both ends included."""
    ctx.require("calendar.appointment.view")
    if not 0 <= (last - first).days < LONGEST_SPAN:
        raise Invalid({"to": f"Не больше {LONGEST_SPAN} дней за один раз."})
    branch_id = check_branch(ctx, branch_id)
    zone = ctx.zone(branch_id).key
    shifts, _ = await _cells(ctx, _shift_query(zone), ShiftCell, branch_id, first, last)
    appointments, _ = await _cells(ctx, _appointment_query(zone), AppointmentCell, branch_id, first, last)
    return Span(branch_id, zone, shifts, appointments)


async def chairs_of(ctx: Context, branch_id: int) -> list[ChairColumn]:
    return await _chairs().structs(ChairColumn, ctx.db, branch=branch_id)


@prepared
def _chairs() -> ClauseElement:
    return visible(Chair, Chair.id, Chair.name).where(Chair.branch_id == BRANCH).order_by(Chair.position, Chair.id)


def _profession() -> Any:
    return (
        select(Profession.name)
        .join(
            StaffProfession,
            (StaffProfession.clinic_id == Profession.clinic_id) & (StaffProfession.profession_id == Profession.id),
        )
        .where(StaffProfession.clinic_id == Shift.clinic_id, StaffProfession.staff_id == Shift.staff_id)
        .order_by(Profession.position, Profession.id)
        .limit(1)
        .correlate(Shift)
        .scalar_subquery()
    )


@prepared
def _shift_query(zone: str) -> ClauseElement:
    return (
        select(
            Shift.id,
            Shift.row_version,
            Shift.chair_id,
            Shift.staff_id,
            short(StaffMember),
            _profession(),
            Shift.business_date,
            _local(zone, Shift.starts_at),
            _local(zone, Shift.ends_at),
            Shift.series_id,
            Shift.changed_xid,
        )
        .join(StaffMember, (StaffMember.clinic_id == Shift.clinic_id) & (StaffMember.id == Shift.staff_id))
        .where(Shift.branch_id == BRANCH, Shift.business_date.between(FIRST, LAST))
        .order_by(Shift.starts_at, Shift.id)
    )


async def _cells(
    ctx: Context, query: Prepared, cell: Callable[..., Cell], branch_id: int, first: dt.date, last: dt.date
) -> tuple[list[Cell], int]:
    """What the query finds, and the newest version of it."""
    rows: Any = await query.rows(ctx.db, branch=branch_id, first=first, last=last)
    cells, version = [], 0
    for *values, changed in rows:
        cells.append(cell(*values))
        version = max(version, changed)
    return cells, version


@cache
def _appointment_columns(zone: str) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Appointment.id,
            Appointment.row_version,
            Appointment.chair_id,
            Appointment.doctor_id,
            Appointment.patient_id,
            Appointment.status_id,
            Appointment.business_date,
            _local(zone, Appointment.starts_at),
            _local(zone, Appointment.ends_at),
            short(Patient),
            Patient.phone,
            short(StaffMember),
            VisitType.name,
            AppointmentStatus.name,
            AppointmentStatus.colour,
            AppointmentStatus.meaning,
            Appointment.occupies,
            Appointment.comment,
            Appointment.overlap_ok,
            Appointment.changed_xid,
        )
        .join(Patient, (Patient.clinic_id == Appointment.clinic_id) & (Patient.id == Appointment.patient_id))
        .join(
            StaffMember,
            (StaffMember.clinic_id == Appointment.clinic_id) & (StaffMember.id == Appointment.doctor_id),
        )
        .join(
            AppointmentStatus,
            (AppointmentStatus.clinic_id == Appointment.clinic_id) & (AppointmentStatus.id == Appointment.status_id),
        )
        .outerjoin(
            VisitType,
            (VisitType.clinic_id == Appointment.clinic_id) & (VisitType.id == Appointment.visit_type_id),
        )
    )


@prepared
def _appointment_query(zone: str) -> ClauseElement:
    return (
        _appointment_columns(zone)
        .where(Appointment.branch_id == BRANCH, Appointment.business_date.between(FIRST, LAST))
        .order_by(Appointment.starts_at, Appointment.id)
    )


async def appointment(ctx: Context, id: int) -> AppointmentCell:
    """One appointment as the grid shows it. Raises `NotFound`."""
    ctx.require("calendar.appointment.view")
    branch_id = await ctx.db.scalar(select(Appointment.branch_id).where(Appointment.id == id))
    if branch_id is None:
        raise NotFound()
    row: Any = (await ctx.db.execute(_appointment_columns(ctx.zone(branch_id).key).where(Appointment.id == id))).one()
    return AppointmentCell(*row[:-1])


async def shift(ctx: Context, id: int) -> ShiftCell:
    """One shift as the grid shows it. Raises `NotFound`."""
    ctx.require("calendar.shift.view")
    place = (await ctx.db.execute(select(Shift.branch_id, Shift.business_date).where(Shift.id == id))).one_or_none()
    if place is None:
        raise NotFound()
    cells, _ = await _cells(ctx, _shift_query(ctx.zone(place[0]).key), ShiftCell, place[0], place[1], place[1])
    return next(cell for cell in cells if cell.id == id)


async def working_days(ctx: Context, branch_id: int, first: dt.date, last: dt.date) -> frozenset[dt.date]:
    """Days on which somebody works: what the mini-calendar marks."""
    found = await ctx.db.scalars(
        select(Shift.business_date)
        .where(Shift.branch_id == branch_id, Shift.business_date.between(first, last))
        .distinct()
    )
    return frozenset(found)


async def doctors(ctx: Context) -> list[tuple[int, str]]:
    """Doctors of the clinic by name, for the form of a shift."""
    rows: Any = await ctx.db.execute(
        ctx.visible(StaffMember, StaffMember.id, short(StaffMember))
        .where(StaffMember.kind == "doctor")
        .order_by(StaffMember.sort_name, StaffMember.id)
    )
    return [(id, name) for id, name in rows]


async def all_chairs(ctx: Context) -> list[tuple[int, str]]:
    """Chairs of the clinic; with several branches the branch is named too."""
    rows: Any = await ctx.db.execute(
        ctx.visible(Chair, Chair.id, Chair.name, Chair.branch_id).order_by(Chair.branch_id, Chair.position, Chair.id)
    )
    names = {branch.id: branch.name for branch in ctx.branches}
    several = len(names) > 1
    return [(id, f"{name}, {names[branch]}" if several and branch in names else name) for id, name, branch in rows]


async def visit_types(ctx: Context) -> list[VisitTypeInfo]:
    """The clinic's types of visits in their order."""
    ctx.require("calendar.appointment.view")
    rows = await ctx.db.execute(
        ctx.visible(VisitType, VisitType.id, VisitType.name).order_by(VisitType.position, VisitType.id)
    )
    return [VisitTypeInfo(*row) for row in rows]


async def patient_name(ctx: Context, patient_id: int) -> str:
    """Full short name for a form that was opened for a patient. Raises `NotFound`."""
    name = await ctx.db.scalar(ctx.visible(Patient, short(Patient)).where(Patient.id == patient_id))
    if name is None:
        raise NotFound("Пациент не найден. Возможно, карта удалена.")
    return name


async def next_visits(ctx: Context, patient_id: int, limit: int = 5) -> list[VisitLine]:
    """The patient's appointments from now on, nearest first."""
    ctx.require("calendar.appointment.view")
    if await ctx.db.scalar(ctx.visible(Patient, Patient.id).where(Patient.id == patient_id)) is None:
        raise NotFound()
    rows: Any = await ctx.db.execute(
        select(
            Appointment.id,
            Appointment.business_date,
            Appointment.starts_at,
            Appointment.ends_at,
            short(StaffMember),
            Chair.name,
            Appointment.branch_id,
            AppointmentStatus.name,
            AppointmentStatus.colour,
            VisitType.name,
        )
        .join(
            StaffMember,
            (StaffMember.clinic_id == Appointment.clinic_id) & (StaffMember.id == Appointment.doctor_id),
        )
        .join(Chair, (Chair.clinic_id == Appointment.clinic_id) & (Chair.id == Appointment.chair_id))
        .join(
            AppointmentStatus,
            (AppointmentStatus.clinic_id == Appointment.clinic_id) & (AppointmentStatus.id == Appointment.status_id),
        )
        .outerjoin(
            VisitType,
            (VisitType.clinic_id == Appointment.clinic_id) & (VisitType.id == Appointment.visit_type_id),
        )
        .where(Appointment.patient_id == patient_id, Appointment.ends_at > ctx.now(), Appointment.occupies)
        .order_by(Appointment.starts_at)
        .limit(limit)
    )
    lines = []
    for id, date, starts_at, ends_at, *rest in rows:
        local = ctx.zone(rest[2])
        lines.append(VisitLine(id, date, starts_at.astimezone(local), ends_at.astimezone(local), *rest))
    return lines
