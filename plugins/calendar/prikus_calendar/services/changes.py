"""What every change of a booking leaves behind: its history, the live word, the answer."""

from __future__ import annotations

import datetime as dt

import msgspec
from sqlalchemy import insert, inspect

from prikus.toolkit import Context, Stale, stale
from prikus_calendar.models import Appointment, AppointmentChange, Shift
from prikus_calendar.schemas import MoveAppointment, MoveShift, ResizeAppointment, Saved

CHANNEL = "calendar.day"
UNCHANGED = 0
AGAIN = "Повторите, чтобы записать ваше."
STALE = "Коллега уже изменил эту запись. Проверьте её и повторите."
MOVED = f"Пока вы переносили {{}}, коллега изменил его. Сейчас записано: {{}}. {AGAIN}"


def check_version(entity: Appointment | Shift, row_version: int) -> None:
    """Raise `Stale` when somebody has changed the row since it was shown."""
    if entity.row_version != row_version:
        raise Stale({}, entity.row_version, STALE)


def check_place(
    ctx: Context, entity: Appointment | Shift, wish: MoveAppointment | ResizeAppointment | MoveShift
) -> None:
    """Raise `Stale` with the place as it stands now when somebody has changed the row since it was shown."""
    if entity.row_version == wish.row_version:
        return
    zone = ctx.zone(entity.branch_id)
    starts, ends = entity.starts_at.astimezone(zone), entity.ends_at.astimezone(zone)
    stands: dict[str, object] = {"chair_id": entity.chair_id, "date": entity.business_date}
    stands |= {"starts": starts.time(), "ends": ends.time()}
    what = "рабочее время"
    if isinstance(entity, Appointment):
        stands["doctor_id"], what = entity.doctor_id, "приём"
    typed = {name: value for name, value in msgspec.structs.asdict(wish).items() if value is not None}
    when = f"{entity.business_date:%d.%m.%Y}, {starts:%H:%M}–{ends:%H:%M}"
    raise stale(typed, stands, entity.row_version, MOVED.format(what, when))


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
