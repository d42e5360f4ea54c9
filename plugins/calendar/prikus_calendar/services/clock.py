"""Wall clocks of branches and instants. The day of a booking is the local day of its branch (reliability 27)."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import msgspec

from prikus.toolkit import Context, Invalid
from prikus_calendar.models import LONGEST

STEP = dt.timedelta(minutes=5)
FIRST_DAY, LAST_DAY = dt.date(1900, 1, 1), dt.date(2199, 12, 31)
"""The days of our calendar: each has neighbours, a month and instants."""
NO_DAY = "Такого дня в календаре нет."


class Slot(msgspec.Struct, frozen=True):
    """A stretch of time at a branch: instants in UTC, the local day, the zone of the branch."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    date: dt.date
    zone: ZoneInfo

    def words(self) -> str:
        return span_words(self.starts_at, self.ends_at, self.zone)


def wall_clock(ctx: Context, branch_id: int) -> dt.datetime:
    """What the clock of the branch shows."""
    return ctx.now().astimezone(ctx.zone(branch_id)).replace(tzinfo=None)


def slot(ctx: Context, branch_id: int, day: dt.date, starts: dt.time, ends: dt.time) -> Slot:
    """The instants of a local stretch of one day. Raises `Invalid` beside the field that does not fit."""
    zone = ctx.zone(branch_id)
    if not FIRST_DAY <= day <= LAST_DAY:
        raise Invalid({"date": NO_DAY})
    if ends <= starts:
        raise Invalid({"ends": "Окончание должно быть позже начала."})
    made = Slot(
        _instant(day, starts, zone, "starts"),
        _instant(day, ends, zone, "ends"),
        day,
        zone,
    )
    if made.ends_at - made.starts_at > LONGEST:
        raise Invalid({"ends": "Слишком длинный промежуток: больше 16 часов."})
    return made


def _instant(day: dt.date, time: dt.time, zone: ZoneInfo, field: str) -> dt.datetime:
    if time.second or time.microsecond or time.minute % 5:
        raise Invalid({field: "Время указывается с шагом 5 минут."})
    wall = dt.datetime.combine(day, time.replace(tzinfo=None))
    instant = wall.replace(tzinfo=zone).astimezone(dt.UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != wall:
        raise Invalid({field: "Такого времени в этот день нет: часы переводят вперёд."})
    return instant


def span_words(starts_at: dt.datetime, ends_at: dt.datetime, zone: ZoneInfo) -> str:
    """«09:30–10:15» by the clock of the branch."""
    return f"{starts_at.astimezone(zone):%H:%M}–{ends_at.astimezone(zone):%H:%M}"
