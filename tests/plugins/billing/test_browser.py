"""The front desk's way in a browser: pick services, issue, take the money, by the keyboard alone."""

from collections.abc import Awaitable, Callable

from playwright.async_api import Page, expect

from prikus.testing.browser import PHONE
from tests.plugins.billing.conftest import Desk

Pages = Callable[..., Awaitable[Page]]
Check = Callable[..., Awaitable[None]]


async def _pick(page: Page, words: str) -> None:
    await page.keyboard.type(words)
    await expect(page.locator(".ui-option[data-value]").first).to_be_visible()
    await page.keyboard.press("Enter")


async def test_an_invoice_is_issued_and_paid_by_keys(desk: Desk, page_as: Pages, check_accessibility: Check) -> None:
    page = await page_as("administrator")
    await page.goto(f"/patients/{desk.patient_id}?tab=billing")
    await page.get_by_role("button", name="Добавить счёт").first.click()
    await expect(page.get_by_role("combobox", name="Услуги")).to_be_focused()
    await _pick(page, "кариес")
    await expect(page.locator("[data-line]")).to_have_count(1)
    await expect(page.get_by_role("combobox", name="Услуги")).to_be_focused()
    await _pick(page, "B01.003")
    await expect(page.locator("[data-line]")).to_have_count(2)
    await page.get_by_label("Кол.").nth(1).fill("2")
    await expect(page.locator("[data-total] strong")).to_have_text("9\u00a0100,00\u00a0₽")
    await check_accessibility(page)
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_role("heading", name="Счёт № 1")).to_be_visible()
    await expect(page.get_by_text("Выставлен").first).to_be_visible()

    await page.get_by_role("button", name="Оплатить").first.click()
    save = page.locator("[data-save]")
    await expect(page.locator(".p-billing-choose").first).to_be_focused()
    await expect(page.locator("p-billing-pay:defined")).to_be_visible()
    await page.keyboard.press("Digit1")
    await expect(save).to_contain_text("Оплатить 9\u00a0100,00\u00a0₽")
    await page.get_by_label("Наличные").fill("4100")
    await page.get_by_text("Безнал", exact=False).first.click()
    await expect(page.get_by_label("Безнал")).to_have_value("5\u00a0000,00")
    await expect(page.locator("[data-balance]")).to_contain_text("Остаток 0,00\u00a0₽")
    await check_accessibility(page)
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_text("Принято 9\u00a0100,00\u00a0₽")).to_be_visible()
    await expect(page.locator(".p-billing-invoice .ui-badge")).to_have_text("Оплачен")
    await check_accessibility(page)
    assert await desk.rows("select status, paid from billing.invoice") == [("paid", 9100)]


async def test_a_colleagues_page_shows_the_payment(desk: Desk, page_as: Pages) -> None:
    made = await desk.invoice()
    page = await page_as("director")
    await page.goto(f"/patients/{desk.patient_id}?tab=billing")
    badge = page.locator(".p-billing-invoice .ui-badge")
    await expect(badge).to_have_text("Выставлен")
    front_desk = await page_as("administrator")
    await front_desk.goto(f"/billing/invoices/{made.invoice_id}")
    await front_desk.get_by_role("button", name="Оплатить").click()
    await expect(front_desk.locator("p-billing-pay:defined")).to_be_visible()
    await front_desk.locator(".p-billing-choose").first.click()
    await front_desk.locator("[data-save]").click()
    await expect(front_desk.locator(".p-billing-invoice .ui-badge")).to_have_text("Оплачен")
    await expect(badge).to_have_text("Оплачен")


async def test_the_sheet_is_printed_without_its_buttons(desk: Desk, page_as: Pages, check_accessibility: Check) -> None:
    made = await desk.invoice()
    page = await page_as("administrator")
    await page.goto(f"/billing/invoices/{made.invoice_id}/print")
    await expect(page.get_by_role("button", name="Печать")).to_be_visible()
    await check_accessibility(page)
    await page.emulate_media(media="print")
    await expect(page.get_by_role("button", name="Печать")).to_be_hidden()
    await expect(page.get_by_role("heading", name="Счёт № 1 от")).to_be_visible()


async def test_more_than_is_due_is_said_before_and_after_the_press(desk: Desk, page_as: Pages) -> None:
    made = await desk.invoice()
    page = await page_as("administrator", viewport=PHONE)
    await page.goto(f"/billing/invoices/{made.invoice_id}")
    await page.get_by_role("button", name="Оплатить").click()
    await page.get_by_label("Наличные").fill("10000")
    await expect(page.locator("[data-balance]")).to_contain_text("на 900,00\u00a0₽")
    await page.locator("[data-save]").click()
    await expect(page.get_by_text("Больше, чем осталось оплатить: 9\u00a0100,00\u00a0₽.")).to_be_visible()
    assert await desk.rows("select status from billing.invoice") == [("issued",)]


async def test_a_phone_shows_the_section_without_scrolling_sideways(desk: Desk, page_as: Pages) -> None:
    await desk.pay((await desk.invoice()).invoice_id, cash="100")
    page = await page_as("administrator", viewport=PHONE)
    await page.goto(f"/patients/{desk.patient_id}?tab=billing")
    await expect(page.locator(".p-billing-invoice")).to_be_visible()
    await page.wait_for_function(
        "[...document.querySelectorAll('.p-billing .ui-table-box')].every(box => box.scrollWidth <= box.clientWidth)"
    )
