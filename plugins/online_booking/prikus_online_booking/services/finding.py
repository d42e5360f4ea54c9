"""A booking as its channel may know it: only one of its own, with the place where it stands now."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import String, and_, cast, func, select
from sqlalchemy.orm import aliased

from prikus.toolkit import LARGEST_ID, Context, storable
from prikus_calendar.public import appointments_v1
from prikus_online_booking.models import ExternalBooking, ExternalIdentity
from prikus_online_booking.schemas import Booked, By, State

Ref = int | str
"""Our number of a booking, or the channel's own."""


async def find_booking(ctx: Context, connection_id: int, ref: Ref) -> Booked | None:
    """A booking of this channel, cancelled ones too. None for a refused, foreign or unknown one."""
    ctx.require("calendar.shift.view")
    query = select(ExternalBooking.id).where(*_is(connection_id, ref))
    id = await ctx.db.scalar(query)
    return None if id is None else await booked(ctx, connection_id, id)


async def locked(ctx: Context, connection_id: int, ref: Ref) -> ExternalBooking | None:
    query = select(ExternalBooking).where(*_is(connection_id, ref))
    return await ctx.db.scalar(query.with_for_update().execution_options(populate_existing=True))


def _is(connection_id: int, ref: Ref) -> tuple[Any, ...]:
    mine = ExternalBooking.connection_id == connection_id
    if isinstance(ref, int):
        return mine, ExternalBooking.id == (ref if 0 < ref <= LARGEST_ID else 0)
    return mine, ExternalBooking.external_id == storable(ref)


async def booked(ctx: Context, connection_id: int, id: int) -> Booked | None:
    """Codes are those of now; a cancelled appointment counts at once, before anybody has heard of it."""
    visit, doctor, place = appointments_v1().subquery(), aliased(ExternalIdentity), aliased(ExternalIdentity)
    row = (
        await ctx.db.execute(
            select(
                ExternalBooking.id,
                ExternalBooking.external_id,
                ExternalBooking.state,
                ExternalBooking.changed_by,
                func.coalesce(doctor.code, cast(visit.c.doctor_id, String)).label("doctor"),
                func.coalesce(place.code, cast(visit.c.branch_id, String)).label("place"),
                visit.c.starts_at,
                visit.c.ends_at,
                visit.c.branch_id,
                visit.c.meaning,
            )
            .join(
                visit,
                and_(visit.c.clinic_id == ExternalBooking.clinic_id, visit.c.id == ExternalBooking.appointment_id),
            )
            .outerjoin(doctor, _named(doctor, doctor.staff_id == visit.c.doctor_id))
            .outerjoin(place, _named(place, place.branch_id == visit.c.branch_id))
            .where(ExternalBooking.id == id, ExternalBooking.connection_id == connection_id)
        )
    ).one_or_none()
    if row is None:
        return None
    zone = ctx.zone(row.branch_id)
    is_gone = row.meaning == "cancelled" and row.state != "cancelled"
    return Booked(
        id=row.id,
        external_id=row.external_id,
        state="cancelled" if is_gone else msgspec.convert(row.state, State),
        changed_by="clinic" if is_gone else msgspec.convert(row.changed_by, By),
        doctor=row.doctor,
        place=row.place,
        starts_at=row.starts_at.astimezone(zone),
        ends_at=row.ends_at.astimezone(zone),
    )


def _named(identity: Any, is_it: Any) -> Any:
    mine = identity.clinic_id == ExternalBooking.clinic_id
    return and_(mine, identity.connection_id == ExternalBooking.connection_id, is_it)
