"""The day as a list, chair by chair: for a phone, and for whoever cannot use a grid. Pure: no database."""

from __future__ import annotations

import datetime as dt

import msgspec

from prikus_calendar.schemas import AppointmentCell, ChairColumn, Day, ShiftCell

SHORTEST_GAP = dt.timedelta(minutes=15)


class Gap(msgspec.Struct, frozen=True):
    """Free working time of a doctor; `minutes` long."""

    starts: dt.datetime
    ends: dt.datetime
    shift_id: int
    minutes: int


class ChairAgenda(msgspec.Struct, frozen=True):
    """What happens in one chair; `ahead` counts appointments that have not begun."""

    chair: ChairColumn
    shifts: list[ShiftCell]
    entries: list[AppointmentCell | Gap]
    ahead: int


def agenda(day: Day, now: dt.datetime) -> list[ChairAgenda]:
    """Chairs in their order; gaps that have passed are left out. `now` is the branch's wall clock."""
    made = []
    for chair in day.chairs:
        shifts = [shift for shift in day.shifts if shift.chair_id == chair.id]
        booked = [cell for cell in day.appointments if cell.chair_id == chair.id]
        gaps = [gap for shift in shifts for gap in _gaps(shift, booked) if gap.ends > now]
        entries = sorted([*booked, *gaps], key=lambda entry: entry.starts)
        ahead = sum(cell.occupies and cell.starts > now for cell in booked)
        made.append(ChairAgenda(chair, shifts, entries, ahead))
    return made


def _gaps(shift: ShiftCell, booked: list[AppointmentCell]) -> list[Gap]:
    found, free_from = [], shift.starts
    occupied = sorted((cell.starts, cell.ends) for cell in booked if cell.occupies)
    for starts, ends in [*occupied, (shift.ends, shift.ends)]:
        until = min(starts, shift.ends)
        if until - free_from >= SHORTEST_GAP:
            found.append(Gap(free_from, until, shift.id, int((until - free_from).total_seconds() // 60)))
        free_from = max(free_from, ends)
    return found
