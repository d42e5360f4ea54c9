"""One chair, one doctor, one patient at a time (CAL-08, reliability 23).

Whoever changes bookings takes the locks of every resource and day first, then looks at all rows that occupy the time;
the exclusion constraints stand behind as a net.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import BigInteger, ClauseElement, ColumnElement, bindparam, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from prikus.toolkit import Chair, Conflict, Context, Patient, StaffMember, TenantModel, prepared, prepared_sql
from prikus_calendar.models import LONGEST, Appointment, Shift
from prikus_calendar.services.clock import Slot, span_words
from prikus_calendar.services.names import short

GRID = dt.timedelta(minutes=15)
LOOK_AHEAD = dt.timedelta(days=14)
OFFERED = 2
_LOCK = prepared_sql("select pg_advisory_xact_lock(key) from unnest(:keys) as key", keys=ARRAY(BigInteger))


class Resources(msgspec.Struct, frozen=True):
    """What a booking takes."""

    chair_id: int
    doctor_id: int
    patient_id: int | None = None


class Clash(msgspec.Struct, frozen=True):
    """A booking that holds the time."""

    id: int
    chair_id: int
    doctor_id: int
    patient_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    patient: str
    doctor: str
    chair: str


async def take_locks(ctx: Context, resources: Resources, *slots: Slot) -> None:
    """Wait for everybody who books the same resource on the same days; held until the commit.

    All locks of a transaction are asked for at once and in one order, so that nobody waits in a circle.
    """
    keys = {key for slot in slots for key in _keys(ctx.clinic.id, resources, slot)}
    await _LOCK.rows(ctx.db, keys=sorted(keys))


def _keys(clinic_id: int, resources: Resources, slot: Slot) -> Iterable[int]:
    # Days of UTC: a doctor of two branches has one lock, whatever their zones are.
    day, last = slot.starts_at.astimezone(dt.UTC).date(), slot.ends_at.astimezone(dt.UTC).date()
    while day <= last:
        for name in resources.__struct_fields__:
            if (id := getattr(resources, name)) is not None:
                digest = hashlib.blake2b(f"calendar:{clinic_id}:{name}:{id}:{day}".encode(), digest_size=8).digest()
                yield int.from_bytes(digest, signed=True)
        day += dt.timedelta(days=1)


async def find_clash(ctx: Context, resources: Resources, slot: Slot, *, but: int | None = None) -> Clash | None:
    """The earliest booking that occupies the time of one of the resources, permitted overlaps included."""
    row = await _clash(but is not None).row(
        ctx.db,
        chair=resources.chair_id,
        doctor=resources.doctor_id,
        patient=resources.patient_id,
        earliest=slot.starts_at - LONGEST,
        starts=slot.starts_at,
        ends=slot.ends_at,
        but=but,
    )
    return None if row is None else Clash(*row)


@prepared
def _clash(has_exception: bool) -> ClauseElement:
    query = (
        select(
            Appointment.id,
            Appointment.chair_id,
            Appointment.doctor_id,
            Appointment.patient_id,
            Appointment.starts_at,
            Appointment.ends_at,
            short(Patient),
            short(StaffMember),
            Chair.name,
        )
        .join(Patient, _same(Patient, Appointment.patient_id))
        .join(StaffMember, _same(StaffMember, Appointment.doctor_id))
        .join(Chair, _same(Chair, Appointment.chair_id))
        .where(
            Appointment.occupies,
            Appointment.starts_at < bindparam("ends"),
            Appointment.starts_at > bindparam("earliest"),
            Appointment.ends_at > bindparam("starts"),
            or_(
                Appointment.chair_id == bindparam("chair"),
                Appointment.doctor_id == bindparam("doctor"),
                Appointment.patient_id == bindparam("patient"),
            ),
        )
        .order_by(Appointment.starts_at)
        .limit(1)
    )
    return query.where(Appointment.id != bindparam("but")) if has_exception else query


def _same(model: type[TenantModel], column: object) -> ColumnElement[bool]:
    return (model.clinic_id == Appointment.clinic_id) & (model.id == column)


async def refuse(ctx: Context, resources: Resources, slot: Slot, clash: Clash, *, but: int | None = None) -> Conflict:
    """The refusal that names who holds the time, with the next free times of this doctor in this chair.

    `detail` has `held` (what is taken: chair, doctor or patient), `free` (local starts), `end_at` (where an earlier end
    would fit) and `can_overlap`.
    """
    zone = slot.zone
    held = span_words(clash.starts_at, clash.ends_at, zone)
    if clash.chair_id == resources.chair_id:
        taken, sentence = "chair", f"{clash.chair} занято: {clash.patient}, {held}."
    elif clash.doctor_id == resources.doctor_id:
        taken, sentence = "doctor", f"У врача {clash.doctor} в это время приём: {clash.patient}, {clash.chair}, {held}."
    else:
        taken, sentence = "patient", f"Пациент уже записан на это время: {clash.doctor}, {clash.chair}, {held}."
    free = await free_starts(ctx, resources, slot, but=but)
    if free:
        sentence += f" Ближайшее свободное время: {', '.join(_moment(start, slot) for start in free)}."
    shorter = clash.starts_at.astimezone(zone) if clash.starts_at > slot.starts_at else None
    return Conflict(
        sentence,
        detail={
            "held": taken,
            "free": [start.astimezone(zone).replace(tzinfo=None) for start in free],
            "end_at": shorter.replace(tzinfo=None) if shorter else None,
            "can_overlap": ctx.can("calendar.appointment.overlap"),
        },
    )


def _moment(start: dt.datetime, slot: Slot) -> str:
    local = start.astimezone(slot.zone)
    return f"{local:%H:%M}" if local.date() == slot.date else f"{local:%d.%m в %H:%M}"


async def free_starts(
    ctx: Context, resources: Resources, slot: Slot, *, but: int | None = None, count: int = OFFERED
) -> list[dt.datetime]:
    """The next starts after the slot's at which the same length is free, inside the doctor's working time there."""
    until = slot.starts_at + LOOK_AHEAD
    working = (
        await ctx.db.execute(
            select(Shift.starts_at, Shift.ends_at)
            .where(
                Shift.staff_id == resources.doctor_id,
                Shift.chair_id == resources.chair_id,
                Shift.starts_at > slot.starts_at - LONGEST,
                Shift.starts_at < until,
                Shift.ends_at > slot.starts_at,
            )
            .order_by(Shift.starts_at)
        )
    ).all()
    taken = (
        await ctx.db.execute(
            select(Appointment.starts_at, Appointment.ends_at).where(
                Appointment.occupies,
                Appointment.id != (but or 0),
                Appointment.starts_at > slot.starts_at - LONGEST,
                Appointment.starts_at < until,
                or_(
                    Appointment.chair_id == resources.chair_id,
                    Appointment.doctor_id == resources.doctor_id,
                    Appointment.patient_id == resources.patient_id,
                ),
            )
        )
    ).all()
    length = slot.ends_at - slot.starts_at
    stretches: tuple[list[Stretch], list[Stretch]] = [(a, b) for a, b in working], [(a, b) for a, b in taken]
    return first_free(*stretches, slot.starts_at, length, slot.zone, count)


Stretch = tuple[dt.datetime, dt.datetime]


def first_free(
    working: Sequence[Stretch],
    taken: Sequence[Stretch],
    after: dt.datetime,
    length: dt.timedelta,
    zone: ZoneInfo,
    count: int,
) -> list[dt.datetime]:
    """Starts on the quarter hours of the local clock, later than `after`, in working time and beside what is taken."""
    found: list[dt.datetime] = []
    for opens, closes in working:
        start = _next_quarter(max(opens, after + dt.timedelta(minutes=5)), zone)
        while start + length <= closes and len(found) < count:
            blocked = [ends for starts, ends in taken if starts < start + length and ends > start]
            if blocked:
                start = _next_quarter(max(blocked), zone)
                continue
            found.append(start)
            start += max(length, GRID)
    return found


def _next_quarter(moment: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    late = (moment.astimezone(zone).minute * 60 + moment.second) % int(GRID.total_seconds())
    return moment if late == 0 else moment + GRID - dt.timedelta(seconds=late)
