"""Working time of doctors (CAL-17 to CAL-19)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Row, delete, or_, select

from prikus.toolkit import Chair, Conflict, Context, Invalid, NotFound, Patient, StaffMember
from prikus_calendar.events import ShiftCreated
from prikus_calendar.models import LONGEST, Appointment, Shift
from prikus_calendar.schemas import MoveShift, NewShifts, Saved, SavedShifts
from prikus_calendar.services.changes import announce_day, check_place, check_version, finish
from prikus_calendar.services.clock import Slot, slot, span_words
from prikus_calendar.services.names import short
from prikus_calendar.services.overlap import Resources, take_locks

LONGEST_SERIES = 366


class Taken(msgspec.Struct, frozen=True):
    """A day on which the chair or the doctor is already taken; `shift_id` is the shift that takes it."""

    date: dt.date
    sentence: str
    shift_id: int


async def add_shifts(ctx: Context, new: NewShifts) -> SavedShifts:
    """Give a doctor working time; each day becomes a shift of its own.

    Raises `Conflict` with the taken days as `detail["taken"]` unless they are to be skipped, `Invalid` when the
    interval holds none of the weekdays.
    """
    ctx.require("calendar.shift.edit")
    days = chosen_days(new)
    branch_id = await _check_named(ctx, new.staff_id, new.chair_id)
    slots = [slot(ctx, branch_id, day, new.starts, new.ends) for day in days]
    await take_locks(ctx, Resources(new.chair_id, new.staff_id), *slots)
    taken = await find_taken(ctx, new.staff_id, new.chair_id, slots)
    if taken and (new.on_conflict == "refuse" or len({t.date for t in taken}) == len(slots)):
        raise Conflict("Часть дней занята. График не сохранён.", detail={"taken": taken})
    left_out = {t.date for t in taken}
    free = [one for one in slots if one.date not in left_out]
    await _save(ctx, new, branch_id, free)
    return SavedShifts(len(free), tuple(sorted(left_out)), free[0].date)


def chosen_days(new: NewShifts) -> list[dt.date]:
    """The days of the form: one, or the chosen weekdays from `date` to `until`."""
    if new.until is None:
        return [new.date]
    if new.until < new.date:
        raise Invalid({"until": "Последний день раньше первого."})
    length = (new.until - new.date).days + 1
    if length > LONGEST_SERIES:
        raise Invalid({"until": "Не больше года за один раз."})
    if not all(1 <= weekday <= 7 for weekday in new.weekdays):
        raise Invalid({"weekdays": "Выберите дни недели."})
    interval = (new.date + dt.timedelta(days=n) for n in range(length))
    days = [day for day in interval if not new.weekdays or day.isoweekday() in new.weekdays]
    if not days:
        raise Invalid({"weekdays": "В этом промежутке нет выбранных дней недели."})
    return days


async def _check_named(ctx: Context, staff_id: int, chair_id: int) -> int:
    doctor = await ctx.db.scalar(
        ctx.visible(StaffMember, StaffMember.id).where(StaffMember.id == staff_id, StaffMember.kind == "doctor")
    )
    if doctor is None:
        raise NotFound("Такого врача нет.")
    branch_id = await ctx.db.scalar(ctx.visible(Chair, Chair.branch_id).where(Chair.id == chair_id))
    if branch_id is None:
        raise NotFound("Такого кресла нет.")
    return branch_id


async def find_taken(ctx: Context, staff_id: int, chair_id: int, slots: Sequence[Slot], *, but: int = 0) -> list[Taken]:
    """Shifts that hold the chair or the doctor in one of the stretches."""
    if not slots:
        return []
    rows = await ctx.db.execute(
        select(Shift.id, Shift.starts_at, Shift.ends_at, Shift.chair_id, short(StaffMember), Chair.name)
        .join(StaffMember, (StaffMember.clinic_id == Shift.clinic_id) & (StaffMember.id == Shift.staff_id))
        .join(Chair, (Chair.clinic_id == Shift.clinic_id) & (Chair.id == Shift.chair_id))
        .where(
            or_(Shift.staff_id == staff_id, Shift.chair_id == chair_id),
            Shift.starts_at > slots[0].starts_at - LONGEST,
            Shift.starts_at < slots[-1].ends_at,
            Shift.id != but,
        )
        .order_by(Shift.starts_at)
    )
    taken = []
    for id, starts_at, ends_at, chair, doctor, name in rows:
        for one in slots:
            if starts_at < one.ends_at and ends_at > one.starts_at:
                held = f"{doctor}, {span_words(starts_at, ends_at, one.zone)}"
                words = f"{name} занято: {held}" if chair == chair_id else f"врач занят: {name}, {held}"
                taken.append(Taken(one.date, words, id))
    return taken


async def _save(ctx: Context, new: NewShifts, branch_id: int, slots: Sequence[Slot]) -> None:
    series_id = uuid4() if len(slots) > 1 else None
    shifts = [
        Shift(
            staff_id=new.staff_id,
            chair_id=new.chair_id,
            branch_id=branch_id,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            business_date=one.date,
            series_id=series_id,
        )
        for one in slots
    ]
    ctx.db.add_all(shifts)
    await ctx.db.flush()
    for shift in shifts:
        await ctx.emit(
            ShiftCreated(
                shift_id=shift.id,
                staff_id=shift.staff_id,
                chair_id=shift.chair_id,
                branch_id=branch_id,
                starts_at=shift.starts_at,
                ends_at=shift.ends_at,
                business_date=shift.business_date,
            ),
            shift,
        )
        announce_day(ctx, branch_id, shift.business_date, 0)


async def move_shift(ctx: Context, id: int, wish: MoveShift) -> Saved:
    """Another chair or time, within the same branch; refused when appointments would stay outside (CAL-18)."""
    ctx.require("calendar.shift.edit")
    shift = await ctx.load(Shift, id, lock=True)
    check_place(ctx, shift, wish)
    branch_id = await _check_named(ctx, shift.staff_id, wish.chair_id)
    wanted = slot(ctx, branch_id, wish.date, wish.starts, wish.ends)
    await take_locks(ctx, Resources(wish.chair_id, shift.staff_id), wanted)
    if taken := await find_taken(ctx, shift.staff_id, wish.chair_id, [wanted], but=shift.id):
        raise Conflict(f"Перенести не получится: {taken[0].sentence}.")
    left = [
        row
        for row in await _appointments_in(ctx, shift)
        if shift.chair_id != wish.chair_id or row.starts_at < wanted.starts_at or row.ends_at > wanted.ends_at
    ]
    if left:
        raise Conflict(f"За рабочим временем останутся приёмы: {_listed(left, wanted.zone)}. Сначала перенесите их.")
    came_from = (shift.branch_id, shift.business_date)
    shift.chair_id, shift.branch_id = wish.chair_id, branch_id
    shift.starts_at, shift.ends_at, shift.business_date = wanted.starts_at, wanted.ends_at, wanted.date
    return await finish(ctx, shift, came_from=came_from)


async def delete_shift(ctx: Context, id: int, row_version: int) -> None:
    """Take working time away; refused while appointments remain in it (CAL-19)."""
    ctx.require("calendar.shift.edit")
    shift = await ctx.load(Shift, id, lock=True)
    check_version(shift, row_version)
    if left := await _appointments_in(ctx, shift):
        zone = ctx.zone(shift.branch_id)
        raise Conflict(f"В это время записаны пациенты: {_listed(left, zone)}. Сначала перенесите или отмените приёмы.")
    await ctx.db.execute(delete(Shift).where(Shift.id == shift.id))
    announce_day(ctx, shift.branch_id, shift.business_date, 0)


async def _appointments_in(ctx: Context, shift: Shift) -> Sequence[Row[*tuple[Any, ...]]]:
    return (
        await ctx.db.execute(
            select(Appointment.starts_at, Appointment.ends_at, short(Patient).label("patient"))
            .join(Patient, (Patient.clinic_id == Appointment.clinic_id) & (Patient.id == Appointment.patient_id))
            .where(
                Appointment.occupies,
                Appointment.doctor_id == shift.staff_id,
                Appointment.chair_id == shift.chair_id,
                Appointment.starts_at >= shift.starts_at,
                Appointment.starts_at < shift.ends_at,
            )
            .order_by(Appointment.starts_at)
        )
    ).all()


def _listed(rows: Sequence[Row[*tuple[Any, ...]]], zone: ZoneInfo) -> str:
    shown = [f"{row.patient}, {span_words(row.starts_at, row.ends_at, zone)}" for row in rows[:5]]
    more = f" и ещё {len(rows) - 5}" if len(rows) > 5 else ""
    return "; ".join(shown) + more
