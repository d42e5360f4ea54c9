"""The first and the last days of the calendar are days like others: a list of them is empty, never a fault."""

from __future__ import annotations

import datetime as dt

import pytest

from prikus.testing.clinics import TestClinic

DAYS = (dt.date.min, dt.date(1, 1, 5), dt.date(9999, 12, 30), dt.date.max)
LISTS = (
    *("/api/v1/telephony/calls", "/api/v1/telephony/figures", "/telephony/calls"),
    *("/api/v1/crm/requests", "/api/v1/messaging/messages", "/messaging/messages"),
)
GRIDS = ("/api/v1/calendar/day", "/api/v1/calendar/free", "/calendar/appointments/new")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("day", DAYS)
async def test_a_list_is_narrowed_to_far_days(clinic: TestClinic, path: str, day: dt.date) -> None:
    client = await clinic.client_as("director")
    for narrowed in ({"date_from": day}, {"date_to": day}, {"date_from": day, "date_to": day}):
        answer = await client.get(path, params=narrowed)
        assert answer.status_code == 200, (narrowed, answer.text)


@pytest.mark.parametrize("path", GRIDS)
@pytest.mark.parametrize("day", DAYS)
async def test_a_far_day_is_shown(clinic: TestClinic, path: str, day: dt.date) -> None:
    answer = await (await clinic.client_as("director")).get(path, params={"date": day})
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("day", DAYS)
async def test_the_calendar_says_that_it_has_no_such_day(clinic: TestClinic, day: dt.date) -> None:
    director = await clinic.client_as("director")
    for path, asked in (("/calendar", {"date": day}), ("/calendar/month", {"date": "2026-11-24", "month": day})):
        answer = await director.get(path, params=asked)
        assert answer.status_code == 404
        assert "Такого дня в календаре нет." in answer.text
