"""Days as instants, up to the ends of the calendar."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from prikus.access.models import AuditRecord
from prikus.data.days import FIRST, LAST, days_before, end_of_day, start_of_day

EAST, WEST = ZoneInfo("Asia/Yekaterinburg"), ZoneInfo("America/New_York")
ZONES = st.sampled_from([EAST, WEST, dt.UTC])


def test_a_day_lasts_from_its_midnight_to_the_next() -> None:
    day = dt.date(2026, 11, 24)
    assert start_of_day(day, EAST) == dt.datetime(2026, 11, 23, 19, tzinfo=dt.UTC)
    assert end_of_day(day, EAST) == dt.datetime(2026, 11, 24, 19, tzinfo=dt.UTC)


def test_a_day_of_changed_clocks_is_longer_or_shorter() -> None:
    spring, autumn = dt.date(2026, 3, 8), dt.date(2026, 11, 1)
    lengths = [end_of_day(day, WEST) - start_of_day(day, WEST) for day in (spring, autumn)]
    assert lengths == [dt.timedelta(hours=23), dt.timedelta(hours=25)]


@pytest.mark.parametrize("zone", [EAST, WEST])
async def test_the_first_and_the_last_day_have_instants_that_the_database_takes(ctx_as, zone: ZoneInfo) -> None:
    assert FIRST <= start_of_day(dt.date.min, zone) < end_of_day(dt.date.min, zone)
    assert start_of_day(dt.date.max, zone) <= end_of_day(dt.date.max, zone) == LAST
    async with ctx_as("system") as ctx:
        await ctx.audit("checked", "day", 1, "Проверено")
        since, until = start_of_day(dt.date.min, zone), end_of_day(dt.date.max, zone)
        within = select(AuditRecord.sentence).where(AuditRecord.created_at >= since, AuditRecord.created_at < until)
        assert "Проверено" in list(await ctx.db.scalars(within))


@given(st.dates(), ZONES)
def test_every_day_has_a_beginning_and_an_end(day: dt.date, zone: dt.tzinfo) -> None:
    assert FIRST <= start_of_day(day, zone) <= end_of_day(day, zone) <= LAST


def test_nothing_is_before_the_first_day() -> None:
    assert days_before(dt.date(2026, 3, 1), 1) == dt.date(2026, 2, 28)
    assert days_before(dt.date(1, 1, 5), 29) == dt.date.min
