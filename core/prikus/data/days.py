"""Days of a wall clock as instants. Days at the ends of the calendar have instants too: the first and the last one."""

from __future__ import annotations

import datetime as dt

FIRST, LAST = (moment.replace(tzinfo=dt.UTC) for moment in (dt.datetime.min, dt.datetime.max))


def start_of_day(day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    """The instant, in UTC, at which the local `day` begins."""
    try:
        return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)
    except OverflowError:
        return FIRST if day.year == dt.MINYEAR else LAST


def end_of_day(day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    """The instant, in UTC, at which the local `day` is over: the next one begins, it belongs to that."""
    return LAST if day == dt.date.max else start_of_day(day + dt.timedelta(days=1), zone)


def days_before(day: dt.date, days: int) -> dt.date:
    """The day so many days earlier, the first of the calendar at most."""
    return dt.date.fromordinal(max(1, day.toordinal() - days))
