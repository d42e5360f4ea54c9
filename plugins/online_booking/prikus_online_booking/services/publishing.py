"""What a channel may show: branches, published doctors, their cells. The number of statements does not grow."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, String, and_, any_, cast, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from prikus.toolkit import Branch, Chair, Context, Invalid, Profession, StaffMember, StaffProfession
from prikus_calendar.public import appointments_v1, shifts_v1
from prikus_online_booking.models import ExternalIdentity
from prikus_online_booking.schemas import Cell, Doctor, Place, Schedule
from prikus_online_booking.services.cells import Stretch, Working, cells

LONGEST = 62
DAY = dt.timedelta(days=1)


async def schedule(
    ctx: Context, connection_id: int, first: dt.date, last: dt.date, *, staff_id: int | None = None
) -> Schedule:
    """The days from `first` to `last`, local ones of the branches, both included; of one doctor with `staff_id`.

    Only published doctors, only what is still to come. Raises `Invalid` for more than 62 days.
    """
    only = () if staff_id is None else (StaffMember.id == staff_id,)
    return await _schedule(ctx, connection_id, first, last, *only)


async def schedule_of(ctx: Context, connection_id: int, code: str, first: dt.date, last: dt.date) -> Schedule:
    """As `schedule`, of the doctor with this code alone; without doctors where nobody has it."""
    named = func.coalesce(ExternalIdentity.code, cast(StaffMember.id, String)) == code
    return await _schedule(ctx, connection_id, first, last, named)


async def _schedule(ctx: Context, connection_id: int, first: dt.date, last: dt.date, *only: Any) -> Schedule:
    """Of the doctors for whom all conditions of `only` are true."""
    ctx.require("calendar.shift.view")
    if not dt.timedelta() <= last - first < dt.timedelta(days=LONGEST):
        raise Invalid({"last": f"Не больше {LONGEST} дней за один раз."})
    doctors, places = await _doctors(ctx, connection_id, *only), await _places(ctx, connection_id)
    found = await _cells(ctx, doctors, [place.id for place in places], first, last) if doctors else ()
    return Schedule(first, last, not only, places, doctors, found)


async def _doctors(ctx: Context, connection_id: int, *only: Any) -> tuple[Doctor, ...]:
    mine = and_(ExternalIdentity.clinic_id == StaffMember.clinic_id, ExternalIdentity.staff_id == StaffMember.id)
    has = and_(StaffProfession.clinic_id == Profession.clinic_id, StaffProfession.profession_id == Profession.id)
    names = func.array_agg(aggregate_order_by(Profession.name, Profession.position, Profession.id))
    professions = (
        select(names)
        .join(StaffProfession, has)
        .where(StaffProfession.clinic_id == StaffMember.clinic_id, StaffProfession.staff_id == StaffMember.id)
        .correlate(StaffMember)
        .scalar_subquery()
    )
    columns = (StaffMember.id, StaffMember.last_name, StaffMember.first_name, StaffMember.patronymic, professions)
    query = ctx.visible(StaffMember, *columns, ExternalIdentity.minutes, ExternalIdentity.code).join(
        ExternalIdentity, mine
    )
    query = query.where(ExternalIdentity.connection_id == connection_id, ExternalIdentity.is_published, *only)
    rows: Any = await ctx.db.execute(query.order_by(StaffMember.sort_name, StaffMember.id))
    return tuple(
        Doctor(id, last, first, patronymic, tuple(professions or ()), minutes, code or str(id))
        for id, last, first, patronymic, professions, minutes, code in rows
    )


async def _places(ctx: Context, connection_id: int) -> tuple[Place, ...]:
    mine = and_(ExternalIdentity.clinic_id == Branch.clinic_id, ExternalIdentity.branch_id == Branch.id)
    query = ctx.visible(Branch, Branch.id, Branch.name, Branch.address, ExternalIdentity.code)
    query = query.outerjoin(ExternalIdentity, mine & (ExternalIdentity.connection_id == connection_id))
    rows: Any = await ctx.db.execute(query.order_by(Branch.id))
    return tuple(Place(id, name, address, ctx.zone(id).key, code or str(id)) for id, name, address, code in rows)


async def _cells(
    ctx: Context, doctors: Sequence[Doctor], branches: list[int], first: dt.date, last: dt.date
) -> tuple[Cell, ...]:
    now, lengths = ctx.now(), {doctor.id: doctor.minutes for doctor in doctors}
    shift, visit = shifts_v1().subquery(), appointments_v1().subquery()
    working = await ctx.db.execute(
        select(shift.c.staff_id, shift.c.branch_id, shift.c.chair_id, shift.c.starts_at, shift.c.ends_at)
        .join(Chair, and_(Chair.clinic_id == shift.c.clinic_id, Chair.id == shift.c.chair_id))
        .where(_is_one(shift.c.branch_id, branches), shift.c.business_date.between(first, last))
        .where(_is_one(shift.c.staff_id, list(lengths)), Chair.deleted_at.is_(None))
        .order_by(shift.c.starts_at, shift.c.staff_id)
    )
    taken: dict[tuple[str, int], list[Stretch]] = defaultdict(list)
    for doctor_id, chair_id, *stretch in await ctx.db.execute(
        select(visit.c.doctor_id, visit.c.chair_id, visit.c.starts_at, visit.c.ends_at)
        .where(_is_one(visit.c.branch_id, branches), visit.c.business_date.between(first - DAY, last + DAY))
        .where(visit.c.occupies)
    ):
        taken["doctor", doctor_id].append((stretch[0], stretch[1]))
        taken["chair", chair_id].append((stretch[0], stretch[1]))
    return tuple(
        cell
        for doctor, branch, chair, starts, ends in working
        for cell in cells(
            Working(doctor, branch, chair, starts, ends, lengths[doctor], ctx.zone(branch)),
            [*taken["doctor", doctor], *taken["chair", chair]],
            now,
        )
    )


def _is_one(column: Any, ids: list[int]) -> Any:
    return column == any_(literal(ids, ARRAY(BigInteger)))
