"""Working time cut into cells. Pure: no database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

import msgspec

from prikus_online_booking.schemas import Cell, Wish

Stretch = tuple[dt.datetime, dt.datetime]


class Working(msgspec.Struct, frozen=True):
    """A doctor works in a chair; instants are UTC, `minutes` is the length of a cell."""

    doctor_id: int
    branch_id: int
    chair_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    minutes: int
    zone: ZoneInfo


class Target(msgspec.Struct, frozen=True):
    """The stretch that a wish means: one cell, or several of one chair behind each other."""

    cell: Cell
    ends_at: dt.datetime
    is_free: bool


def cells(working: Working, taken: Sequence[Stretch], now: dt.datetime) -> Iterator[Cell]:
    """Cells from the beginning of the working time that are still to come; what is left over at its end is none."""
    length = dt.timedelta(minutes=working.minutes)
    near = [(since, until) for since, until in taken if since < working.ends_at and until > working.starts_at]
    starts = working.starts_at
    while (ends := starts + length) <= working.ends_at:
        if starts > now:
            yield Cell(
                working.doctor_id,
                working.branch_id,
                working.chair_id,
                starts.astimezone(working.zone),
                ends.astimezone(working.zone),
                all(until <= starts or since >= ends for since, until in near),
            )
        starts = ends


def find(cells: Iterable[Cell], wish: Wish) -> Target | None:
    """The cells that the wish means; None unless it begins and ends where cells do."""
    ordered = sorted(cells, key=lambda cell: cell.starts_at)
    first = next((cell for cell in ordered if _is(cell.starts_at, wish.starts_at)), None)
    if first is None:
        return None
    end, is_free = first.starts_at, True
    for cell in ordered:
        if cell.chair_id == first.chair_id and cell.starts_at == end:
            end, is_free = cell.ends_at, is_free and cell.is_free
            if wish.ends_at is None or _is(end, wish.ends_at):
                return Target(first, end, is_free)
    return None


def _is(moment: dt.datetime, said: dt.datetime) -> bool:
    return moment == said if said.tzinfo else moment.replace(tzinfo=None) == said
