"""A word of the exchange opens the card on the right screen, over real processes."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Page, expect

from prikus.testing.browser import PHONE
from tests.plugins.telephony.conftest import Exchange

Pages = Callable[..., Awaitable[Page]]
Check = Callable[..., Awaitable[None]]
CARD = "p-telephony-incoming [data-call]"


async def listening(page: Page, path: str = "/patients/") -> None:
    await page.goto(path)
    await expect(page.locator('p-live[data-state="up"]')).to_be_attached()
    await expect(page.locator("p-telephony-incoming:defined")).to_be_attached()


@pytest.mark.spec("INT-01", part="incoming-call card")
async def test_the_card_opens_and_books(
    exchange: Exchange, patient: int, page_as: Pages, check_accessibility: Check
) -> None:
    page = await page_as("administrator")
    await listening(page)
    began = time.monotonic()
    await exchange.ring(virtual_number="+74951234567")
    card = page.locator(CARD)
    await expect(card).to_be_visible()
    print(f"card after {time.monotonic() - began:.2f} s")
    await expect(card).to_contain_text("Морозова Анна")
    await expect(card).to_contain_text("Долг")
    await expect(card).to_contain_text("Не записан")
    await check_accessibility(page)
    await page.goto("/telephony/calls")
    await expect(card).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.locator("#panel")).to_contain_text("Новая запись")
    await expect(page.locator('#panel input[name="patient_id"]')).to_have_value(str(patient))


async def test_the_card_goes_to_the_desk_whose_telephone_rings(
    exchange: Exchange, patient: int, page_as: Pages, staff: Any
) -> None:
    colleague = await staff("administrator", last_name="Петрова")
    await exchange.give("102", colleague.staff_id)
    other, hers = await page_as("administrator"), await page_as(colleague)
    for page in (other, hers):
        await listening(page)
    await exchange.ring(extension="102")
    await expect(hers.locator(CARD)).to_be_visible()
    await expect(other.locator(CARD)).to_have_count(0)
    await exchange.hear(exchange.leg("answered", 3, extension="102"))
    await expect(hers.locator(CARD)).to_contain_text("Разговор")
    await hers.keyboard.press("Escape")
    await expect(hers.locator(CARD)).to_have_count(0)


async def test_a_stranger_becomes_a_patient(exchange: Exchange, page_as: Pages) -> None:
    page = await page_as("administrator", viewport=PHONE)
    await listening(page)
    await exchange.ring()
    await expect(page.locator(CARD)).to_contain_text("Этого номера нет в картотеке")
    await page.get_by_role("button", name="Новый пациент").click()
    await expect(page.locator("#panel")).to_be_visible()
    await expect(page.locator('#panel input[name="phone"]')).to_have_value("+7 912 340-12-89")


async def test_the_log_fits_a_telephone(exchange: Exchange, page_as: Pages, check_accessibility: Check) -> None:
    await exchange.miss(virtual_number="+74951234567")
    page = await page_as("administrator", viewport=PHONE)
    await page.goto("/telephony/calls")
    await expect(page.locator(".ui-table-box")).to_contain_text("Пропущен")
    await page.wait_for_function(
        "[...document.querySelectorAll('.ui-table-box')].every(box => box.scrollWidth <= box.clientWidth)"
    )
    await check_accessibility(page)
