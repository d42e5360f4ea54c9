"""Booking, moving, resizing. Every change of time goes through the same locks, working time and check of overlaps."""

from __future__ import annotations

import msgspec
from sqlalchemy import BigInteger, Boolean, ClauseElement, Date, Text, bindparam, select
from sqlalchemy.dialects.postgresql import JSONB

from prikus.toolkit import (
    Aggregate,
    Chair,
    Conflict,
    Context,
    Instant,
    Invalid,
    NotFound,
    Patient,
    StaffMember,
    once,
    prepared,
    prepared_sql,
    visible,
)
from prikus_calendar.events import AppointmentCreated, AppointmentMoved
from prikus_calendar.models import Appointment, AppointmentStatus, Shift, VisitType
from prikus_calendar.schemas import MoveAppointment, NewAppointment, ResizeAppointment, Saved
from prikus_calendar.services.changes import announce_day, check_place, finish, note, span_of, span_of_appointment
from prikus_calendar.services.clock import Slot, slot, span_words
from prikus_calendar.services.names import short
from prikus_calendar.services.overlap import Resources, find_clash, refuse, take_locks

LONGEST_COMMENT = 2000
NO_CHAIR = "Такого кресла нет."
NOBODY = "Вне рабочего времени: в этот день здесь никто не принимает."


_BOOKED = prepared_sql(
    """
    with booked as (
      insert into calendar.appointment (patient_id, doctor_id, chair_id, branch_id, starts_at, ends_at, business_date,
        visit_type_id, status_id, occupies, overlap_ok, comment, source)
      values (:patient, :doctor, :chair, :branch, :starts, :ends, :day, :visit_type, :status, :occupies, :permitted,
        :comment, :source)
      returning id, row_version, changed_xid),
    noted as (
      insert into calendar.appointment_change (appointment_id, what, after) select id, 'created', :span from booked)
    select id, row_version, changed_xid from booked
    """,
    patient=BigInteger,
    doctor=BigInteger,
    chair=BigInteger,
    branch=BigInteger,
    starts=Instant,
    ends=Instant,
    day=Date,
    visit_type=BigInteger,
    status=BigInteger,
    occupies=Boolean,
    permitted=Boolean,
    comment=Text,
    source=Text,
    span=JSONB,
)


class Place(msgspec.Struct, frozen=True):
    """A chair and the doctor who sees the patient there."""

    branch_id: int
    chair: str
    doctor_id: int
    doctor: str


class Named(msgspec.Struct, frozen=True):
    """What a wish to book names, and how it begins."""

    branch_id: int
    status_id: int
    occupies: bool


async def book(ctx: Context, new: NewAppointment, key: str) -> Saved:
    """Book a patient; two presses with one `key` make one appointment (CAL-08).

    Raises `Invalid` outside working time, `Conflict` when chair, doctor or patient are taken, `NotFound` for
    somebody or something of another clinic.
    """
    _check_wish(ctx, new)
    return await once(ctx.db, key, new, Saved, lambda: _book(ctx, new))


async def book_for_plugin(ctx: Context, new: NewAppointment) -> Saved:
    """As `book`, for a plugin that knows itself what it has booked already. A refusal leaves nothing behind."""
    _check_wish(ctx, new)
    async with ctx.db.begin_nested():
        return await _book(ctx, new)


def _check_wish(ctx: Context, new: NewAppointment) -> None:
    ctx.require("calendar.appointment.create")
    if new.comment and len(new.comment) > LONGEST_COMMENT:
        raise Invalid({"comment": f"Не длиннее {LONGEST_COMMENT} знаков."})


async def _book(ctx: Context, new: NewAppointment) -> Saved:
    named = await _check_named(ctx, new)
    branch_id = named.branch_id
    wanted = slot(ctx, branch_id, new.date, new.starts, new.ends)
    place = await _place(ctx, branch_id, new.chair_id, new.doctor_id, wanted)
    resources = Resources(new.chair_id, place.doctor_id, new.patient_id)
    permitted = await _make_room(ctx, resources, wanted, allow_overlap=new.allow_overlap)
    span = span_of(new.chair_id, place.doctor_id, wanted.starts_at, wanted.ends_at)
    row = await _BOOKED.row(
        ctx.db,
        patient=new.patient_id,
        doctor=place.doctor_id,
        chair=new.chair_id,
        branch=branch_id,
        starts=wanted.starts_at,
        ends=wanted.ends_at,
        day=wanted.date,
        visit_type=new.visit_type_id,
        status=named.status_id,
        occupies=named.occupies,
        permitted=permitted,
        comment=new.comment,
        source=new.source,
        span=span,
    )
    assert row is not None
    id, version, change = row
    await ctx.emit(
        AppointmentCreated(
            patient_id=new.patient_id,
            appointment_id=id,
            doctor_id=place.doctor_id,
            doctor_name=place.doctor,
            chair_id=new.chair_id,
            branch_id=branch_id,
            starts_at=wanted.starts_at,
            ends_at=wanted.ends_at,
            business_date=wanted.date,
            time_zone=wanted.zone.key,
            source=new.source,
        ),
        Aggregate("calendar.appointment", id, version),
    )
    announce_day(ctx, branch_id, wanted.date, change)
    return Saved(id, version, wanted.date, change)


async def move(ctx: Context, id: int, wish: MoveAppointment) -> Saved:
    """Another time, chair or doctor (CAL-12, CAL-13). The doctor changes only when the wish names the new one."""
    ctx.require("calendar.appointment.edit")
    appointment = await ctx.load(Appointment, id, lock=True)
    check_place(ctx, appointment, wish)
    _check_alive(appointment)
    branch_id = await _branch_of(ctx, wish.chair_id)
    wanted = slot(ctx, branch_id, wish.date, wish.starts, wish.ends)
    place = await _place(ctx, branch_id, wish.chair_id, wish.doctor_id or appointment.doctor_id, wanted)
    return await _put(ctx, appointment, wish.chair_id, place, wanted, allow_overlap=wish.allow_overlap)


async def resize(ctx: Context, id: int, wish: ResizeAppointment) -> Saved:
    """Another end on the same day, within free working time (CAL-09)."""
    ctx.require("calendar.appointment.edit")
    appointment = await ctx.load(Appointment, id, lock=True)
    check_place(ctx, appointment, wish)
    _check_alive(appointment)
    starts = appointment.starts_at.astimezone(ctx.zone(appointment.branch_id)).time()
    wanted = slot(ctx, appointment.branch_id, appointment.business_date, starts, wish.ends)
    place = await _place(ctx, appointment.branch_id, appointment.chair_id, appointment.doctor_id, wanted)
    return await _put(ctx, appointment, appointment.chair_id, place, wanted, allow_overlap=False)


async def _put(
    ctx: Context, appointment: Appointment, chair_id: int, place: Place, wanted: Slot, *, allow_overlap: bool
) -> Saved:
    before, old_day, old_branch = span_of_appointment(appointment), appointment.business_date, appointment.branch_id
    old_starts_at, old_ends_at = appointment.starts_at, appointment.ends_at
    resources = Resources(chair_id, place.doctor_id, appointment.patient_id)
    if (old_starts_at, old_ends_at) == (wanted.starts_at, wanted.ends_at) and resources == _taken_by(appointment):
        return await finish(ctx, appointment)
    if appointment.occupies:
        permitted = await _make_room(ctx, resources, wanted, allow_overlap=allow_overlap, but=appointment.id)
        appointment.overlap_ok = permitted
    appointment.chair_id = chair_id
    appointment.doctor_id = place.doctor_id
    appointment.branch_id = place.branch_id
    appointment.starts_at, appointment.ends_at = wanted.starts_at, wanted.ends_at
    appointment.business_date = wanted.date
    await ctx.db.flush()
    await note(ctx, appointment, "moved", before, span_of_appointment(appointment))
    await ctx.emit(
        AppointmentMoved(
            patient_id=appointment.patient_id,
            appointment_id=appointment.id,
            doctor_id=place.doctor_id,
            doctor_name=place.doctor,
            chair_id=chair_id,
            branch_id=place.branch_id,
            old_starts_at=old_starts_at,
            old_ends_at=old_ends_at,
            starts_at=wanted.starts_at,
            ends_at=wanted.ends_at,
            business_date=wanted.date,
            time_zone=wanted.zone.key,
        ),
        appointment,
    )
    return await finish(ctx, appointment, came_from=(old_branch, old_day))


def _taken_by(appointment: Appointment) -> Resources:
    return Resources(appointment.chair_id, appointment.doctor_id, appointment.patient_id)


def _check_alive(appointment: Appointment) -> None:
    if appointment.cancelled_at is not None:
        raise Conflict("Приём отменён. Сначала верните ему статус «Запланирован».")


async def _make_room(
    ctx: Context, resources: Resources, wanted: Slot, *, allow_overlap: bool, but: int | None = None
) -> bool:
    """Lock, look, refuse. True when the time is taken and the actor may book over it."""
    await take_locks(ctx, resources, wanted)
    clash = await find_clash(ctx, resources, wanted, but=but)
    if clash is None:
        return False
    if allow_overlap:
        ctx.require("calendar.appointment.overlap")
        return True
    raise await refuse(ctx, resources, wanted, clash, but=but)


async def _branch_of(ctx: Context, chair_id: int) -> int:
    branch_id = await ctx.db.scalar(ctx.visible(Chair, Chair.branch_id).where(Chair.id == chair_id))
    if branch_id is None:
        raise NotFound(NO_CHAIR)
    return branch_id


async def _check_named(ctx: Context, new: NewAppointment) -> Named:
    """Chair, patient and visit type are this clinic's own; the status to begin with. One statement."""
    found = await _named().row(ctx.db, chair=new.chair_id, patient=new.patient_id, visit_type=new.visit_type_id)
    assert found is not None
    branch_id, patient_id, visit_type_id, status_id, occupies = found
    if branch_id is None:
        raise NotFound(NO_CHAIR)
    if patient_id is None:
        raise NotFound("Пациент не найден. Возможно, карта удалена.")
    if visit_type_id != new.visit_type_id:
        raise NotFound("Такого типа визита нет.")
    if status_id is None:
        raise Conflict("Справочник статусов ещё готовится. Повторите через несколько секунд.")
    return Named(branch_id, status_id, occupies)


@prepared
def _named() -> ClauseElement:
    planned = visible(AppointmentStatus).where(AppointmentStatus.meaning == "planned")
    return select(
        visible(Chair, Chair.branch_id).where(Chair.id == bindparam("chair")).scalar_subquery(),
        visible(Patient, Patient.id).where(Patient.id == bindparam("patient")).scalar_subquery(),
        visible(VisitType, VisitType.id).where(VisitType.id == bindparam("visit_type")).scalar_subquery(),
        planned.with_only_columns(AppointmentStatus.id).scalar_subquery(),
        planned.with_only_columns(AppointmentStatus.occupies).scalar_subquery(),
    )


async def _place(ctx: Context, branch_id: int, chair_id: int, doctor_id: int | None, wanted: Slot) -> Place:
    """The chair with the doctor who works in it for the whole time. The shift stays locked against a removal.

    Raises `Invalid` that says when the doctor works, or who works in the chair instead.
    """
    query = _shift(doctor_id is not None)
    row = await query.row(ctx.db, chair=chair_id, starts=wanted.starts_at, ends=wanted.ends_at, doctor=doctor_id)
    if row is None:
        raise await _outside(ctx, branch_id, chair_id, doctor_id, wanted)
    return Place(branch_id, row[2], row[0], row[1])


@prepared
def _shift(of_doctor: bool) -> ClauseElement:
    covers = Shift.starts_at <= bindparam("starts"), Shift.ends_at >= bindparam("ends")
    query = (
        select(Shift.staff_id, short(StaffMember), Chair.name)
        .join(StaffMember, (StaffMember.clinic_id == Shift.clinic_id) & (StaffMember.id == Shift.staff_id))
        .join(Chair, (Chair.clinic_id == Shift.clinic_id) & (Chair.id == Shift.chair_id))
        .where(Shift.chair_id == bindparam("chair"), *covers)
        .with_for_update(read=True, of=Shift)
    )
    return query.where(Shift.staff_id == bindparam("doctor")) if of_doctor else query


async def _outside(ctx: Context, branch_id: int, chair_id: int, doctor_id: int | None, wanted: Slot) -> Invalid:
    rows = await ctx.db.execute(
        select(Shift.staff_id, Shift.chair_id, Shift.starts_at, Shift.ends_at, short(StaffMember), Chair.name)
        .join(StaffMember, (StaffMember.clinic_id == Shift.clinic_id) & (StaffMember.id == Shift.staff_id))
        .join(Chair, (Chair.clinic_id == Shift.clinic_id) & (Chair.id == Shift.chair_id))
        .where(Shift.branch_id == branch_id, Shift.business_date == wanted.date)
        .order_by(Shift.starts_at)
    )
    found = [row for row in rows if chair_id == row.chair_id or doctor_id == row.staff_id]
    if not found:
        return Invalid({"starts": NOBODY}, NOBODY)
    words = "; ".join(f"{row[4]}, {row.name}, {span_words(row.starts_at, row.ends_at, wanted.zone)}" for row in found)
    sentence = f"Вне рабочего времени. Принимают: {words}."
    return Invalid({"starts": sentence}, sentence)
