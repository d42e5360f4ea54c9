"""The pages of online booking in a browser: what came, what is shown at a channel."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.async_api import expect

from prikus.testing.browser import PHONE
from tests.plugins.online_booking.conftest import Aggregator


@pytest.fixture
async def busy(channel: Aggregator) -> Aggregator:
    """Bookings of each kind."""
    await channel.book("10:00", comment="Болит зуб")
    await channel.book("10:00", id="A-2", last_name="Соловьёва", phone="+79161234568")
    await channel.book("11:00", id="A-3", last_name="Котов", first_name="Олег", phone="+79161234569")
    await channel.cancel("A-3")
    await channel.book("12:00", id="A-4", last_name="Зимина", phone="+79161234570")
    await channel.move("A-4", "12:30")
    return channel


async def test_bookings_lead_to_the_patient_and_to_the_day(busy: Aggregator, page_as: Any) -> None:
    page = await page_as("administrator")
    await page.goto("/online_booking/bookings")
    refused = page.get_by_role("row", name="Соловьёва Мария")
    await expect(refused).to_contain_text("Это время уже занято.")
    await expect(refused).to_contain_text("+7 916 123-45-68")
    await page.get_by_label("Состояние").select_option("cancelled")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await page.get_by_label("Состояние").select_option("new")
    await page.get_by_role("row", name="Кузнецова").get_by_role("link", name="16.03.2055").click()
    await expect(page).to_have_url(re.compile(r"/calendar/\?date=2055-03-16"))


async def test_the_director_chooses_who_is_shown(busy: Aggregator, page_as: Any, check_accessibility: Any) -> None:
    page = await page_as("director", viewport=PHONE)
    await page.goto("/online_booking/bookings")
    await check_accessibility(page)
    await page.goto("/online_booking/channels")
    await check_accessibility(page)
    await page.get_by_role("button", name="Изменить публикацию: Петров Андрей").click()
    panel = page.locator("#panel")
    await panel.get_by_label("Длина приёма, минут").fill("40")
    await panel.get_by_label("Код в канале").fill("D-17")
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".ui-toast").last).to_contain_text("Сохранено")
    told = await busy.schedule()
    assert [(one.code, one.minutes) for one in told.doctors if one.last_name == "Петров"] == [("D-17", 40)]
