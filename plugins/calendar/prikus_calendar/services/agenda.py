"""The day as a list, chair by chair: for a phone, for whoever cannot use a grid, for programs. Without the database."""

from __future__ import annotations

import datetime as dt

import msgspec

from prikus.toolkit import Context
from prikus_calendar.schemas import AppointmentCell, ChairColumn, Day, FreeTime, ShiftCell
from prikus_calendar.services.clock import STEP, wall_clock

SHORTEST_GAP = dt.timedelta(minutes=15)


class ChairAgenda(msgspec.Struct, frozen=True):
    """What happens in one chair; `ahead` counts appointments that have not begun."""

    chair: ChairColumn
    shifts: list[ShiftCell]
    entries: list[AppointmentCell | FreeTime]
    ahead: int


def agenda(day: Day, now: dt.datetime) -> list[ChairAgenda]:
    """Chairs in their order; free time begins at the next five minutes. `now` is the branch's wall clock."""
    made, since = [], now + (dt.datetime.min - now) % STEP
    for chair in day.chairs:
        shifts = [shift for shift in day.shifts if shift.chair_id == chair.id]
        booked = [cell for cell in day.appointments if cell.chair_id == chair.id]
        gaps = [gap for shift in shifts for gap in _gaps(shift, booked, since)]
        entries = sorted([*booked, *gaps], key=lambda entry: entry.starts)
        ahead = sum(cell.occupies and cell.starts > now for cell in booked)
        made.append(ChairAgenda(chair, shifts, entries, ahead))
    return made


def gaps(ctx: Context, day: Day) -> list[FreeTime]:
    """Free working time that is still to come, chair by chair."""
    columns = agenda(day, wall_clock(ctx, day.branch_id))
    return [entry for column in columns for entry in column.entries if isinstance(entry, FreeTime)]


def _gaps(shift: ShiftCell, booked: list[AppointmentCell], since: dt.datetime) -> list[FreeTime]:
    found, free_from = [], max(shift.starts, since)
    occupied = sorted((cell.starts, cell.ends) for cell in booked if cell.occupies)
    for starts, ends in [*occupied, (shift.ends, shift.ends)]:
        until = min(starts, shift.ends)
        if until - free_from >= SHORTEST_GAP:
            minutes = (until - free_from) // dt.timedelta(minutes=1)
            found.append(FreeTime(shift.id, shift.chair_id, shift.doctor_id, free_from, until, minutes))
        free_from = max(free_from, ends)
    return found
