"""What every change of a booking leaves behind: its history, the live word, the answer."""

from __future__ import annotations

import datetime as dt

import msgspec
from sqlalchemy import insert, inspect

from prikus.toolkit import Conflict, Context, stale
from prikus_calendar.models import Appointment, AppointmentChange, Shift
from prikus_calendar.schemas import MoveAppointment, ResizeAppointment, Saved

CHANNEL = "calendar.day"
UNCHANGED = 0
STALE = "Коллега уже изменил эту запись. Календарь обновлён, повторите действие."
MOVED = "Пока вы переносили приём, коллега изменил его. Сейчас записано: {}. Повторите, чтобы записать ваше."


def check_version(entity: Appointment | Shift, row_version: int) -> None:
    """Raise `Conflict` when somebody has changed the row since it was shown."""
    if entity.row_version != row_version:
        raise Conflict(STALE, detail={"row_version": entity.row_version})


def check_place(ctx: Context, appointment: Appointment, wish: MoveAppointment | ResizeAppointment) -> None:
    """Raise `Stale` with the place as it stands now when somebody has changed the appointment since it was shown."""
    if appointment.row_version == wish.row_version:
        return
    zone = ctx.zone(appointment.branch_id)
    starts, ends = appointment.starts_at.astimezone(zone), appointment.ends_at.astimezone(zone)
    stands = {
        "chair_id": appointment.chair_id,
        "doctor_id": appointment.doctor_id,
        "date": appointment.business_date,
        "starts": starts.time(),
        "ends": ends.time(),
    }
    typed = {name: value for name, value in msgspec.structs.asdict(wish).items() if value is not None}
    when = f"{appointment.business_date:%d.%m.%Y}, {starts:%H:%M}–{ends:%H:%M}"
    raise stale(typed, stands, appointment.row_version, MOVED.format(when))


async def note(ctx: Context, appointment: Appointment, what: str, before: dict, after: dict) -> None:
    """A line of the appointment's history."""
    await ctx.db.execute(
        insert(AppointmentChange).values(appointment_id=appointment.id, what=what, before=before, after=after)
    )


async def finish(ctx: Context, entity: Appointment | Shift, *, came_from: tuple[int, dt.date] | None = None) -> Saved:
    """Tell every open calendar which days changed, of which branch, and the caller what was saved."""
    await ctx.db.flush()
    if "changed_xid" in inspect(entity).unloaded:
        return Saved(entity.id, entity.row_version, entity.business_date, UNCHANGED)
    here = (entity.branch_id, entity.business_date)
    for branch_id, day in {here, came_from or here}:
        announce_day(ctx, branch_id, day, entity.changed_xid)
    return Saved(entity.id, entity.row_version, entity.business_date, entity.changed_xid)


def announce_day(ctx: Context, branch_id: int, day: dt.date, change: int) -> None:
    ctx.changed(CHANNEL, f"{branch_id}:{day.isoformat()}", change)


def span_of(chair_id: int, doctor_id: int, starts_at: dt.datetime, ends_at: dt.datetime) -> dict[str, object]:
    """The place of an appointment as its history keeps it."""
    return {
        "doctor_id": doctor_id,
        "chair_id": chair_id,
        "starts_at": starts_at.isoformat(),
        "ends_at": ends_at.isoformat(),
    }


def span_of_appointment(appointment: Appointment) -> dict[str, object]:
    return span_of(appointment.chair_id, appointment.doctor_id, appointment.starts_at, appointment.ends_at)
