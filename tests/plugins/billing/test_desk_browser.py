"""The end of a day at the desk, by few presses, and the deposit's ways in a browser."""

from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest
from playwright.async_api import Page, expect

from prikus.testing.browser import PHONE
from tests.plugins.billing.conftest import Desk
from tests.plugins.billing.test_shifts import opened

Pages = Callable[..., Awaitable[Page]]
Check = Callable[..., Awaitable[None]]


@pytest.mark.spec("BILL-01", part="day close", bites="prikus_billing.pages.desk:close:made = await shifts.close_shift")
async def test_the_day_is_closed_in_five_presses(desk: Desk, page_as: Pages, check_accessibility: Check) -> None:
    await opened(desk)
    invoice = (await desk.invoice()).invoice_id
    await desk.pay(invoice, cash="4000", cashless="5100")
    page = await page_as("administrator")
    await page.goto("/patients")
    await page.get_by_role("link", name="Касса", exact=True).first.click()
    await expect(page.get_by_text("7\u00a0000,00\u00a0₽").first).to_be_visible()
    await check_accessibility(page)
    await page.get_by_role("button", name="Закрыть смену").click()
    await expect(page.get_by_label("Посчитано")).to_be_focused()
    await expect(page.locator("p-billing-count:defined")).to_be_visible()
    await page.get_by_role("button", name="Сходится").click()
    await expect(page.get_by_text("Касса сошлась.")).to_be_visible()
    await check_accessibility(page)
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_text("закрыта, касса сошлась")).to_be_visible()
    await page.get_by_role("link", name="Кассовый лист дня").click()
    await expect(page.get_by_role("table", name="По операциям")).to_contain_text("9\u00a0100,00")
    await check_accessibility(page)
    await page.emulate_media(media="print")
    await expect(page.get_by_role("button", name="Печать")).to_be_hidden()
    await expect(page.get_by_role("table", name="По врачам")).to_be_visible()
    assert await desk.rows("select expected, counted from billing.cash_shift") == [(Decimal(7000), Decimal(7000))]


async def test_a_drawer_that_gave_more_than_it_had_is_closed_with_a_reason(desk: Desk, page_as: Pages) -> None:
    await opened(desk, "0")
    invoice = (await desk.invoice()).invoice_id
    await desk.pay(invoice, cashless="9100")
    await desk.refund(invoice, 0, 1)
    page = await page_as("administrator")
    await page.goto("/billing/desk")
    await page.get_by_role("button", name="Закрыть смену").click()
    await expect(page.locator("p-billing-count:defined")).to_be_visible()
    await expect(page.get_by_text("Из кассы выдано больше, чем в неё пришло")).to_be_visible()
    await expect(page.get_by_role("button", name="Сходится")).to_have_count(0)
    await expect(page.get_by_text("Нужна, только если")).to_have_count(0)
    await page.get_by_label("Посчитано").fill("0")
    await expect(page.locator("[data-balance]")).to_have_text("Лишних 600,00\u00a0₽. Пересчитайте или укажите причину.")
    await page.get_by_label("Причина расхождения").fill("Возврат выдан из сейфа")
    await page.locator("[data-save]").click()
    await expect(page.get_by_text("расхождение 600,00\u00a0₽")).to_be_visible()
    assert await desk.rows("select expected, counted from billing.cash_shift") == [(Decimal(-600), Decimal(0))]
    assert await desk.mistakes() == []


async def test_a_colleagues_payment_shows_at_the_desk(desk: Desk, page_as: Pages) -> None:
    await opened(desk, "0")
    page = await page_as("administrator")
    await page.goto("/billing/desk")
    await expect(page.get_by_text("Движений ещё нет")).to_be_visible()
    payer = await page_as("director")
    await payer.goto(f"/patients/{desk.patient_id}?tab=billing")
    await payer.locator("#billing").get_by_role("button", name="Предоплата").click()
    await payer.get_by_label("Сумма оплаты").fill("1500")
    await payer.get_by_role("button", name="Внести").click()
    await expect(payer.get_by_text("На депозит внесено 1\u00a0500,00")).to_be_visible()
    await expect(page.get_by_role("table", name="Движения смены")).to_contain_text("Предоплата")


@pytest.mark.spec(
    "PAT-15", part="warning", bites="prikus_billing.pages.deposits:withdraw:moved = await deposits.withdraw"
)
async def test_the_deposit_is_filled_used_and_given_back(
    desk: Desk, page_as: Pages, check_accessibility: Check
) -> None:
    made = await desk.invoice()
    page = await page_as("director", viewport=PHONE)
    await page.goto(f"/patients/{desk.patient_id}")
    await page.get_by_role("button", name="Предоплата").click()
    await page.get_by_label("Безнал").check()
    await page.get_by_label("Сумма оплаты").fill("5000")
    await check_accessibility(page)
    await page.get_by_role("button", name="Внести").click()
    await expect(page.locator(".p-billing-deposit")).to_contain_text("5\u00a0000,00")

    await page.goto(f"/billing/invoices/{made.invoice_id}")
    await page.get_by_role("button", name="Оплатить").click()
    await expect(page.locator("p-billing-pay:defined")).to_be_visible()
    await page.locator("[data-method=deposit] .p-billing-choose").click()
    await expect(page.get_by_label("С депозита")).to_have_value("5\u00a0000,00")
    await page.get_by_label("Наличные").fill("4600")
    await expect(page.locator("[data-balance]")).to_contain_text("на 500,00\u00a0₽")
    await page.get_by_text("Лишнее зачислить на депозит").click()
    await expect(page.locator("[data-balance]")).to_contain_text("500,00\u00a0₽ сверх счёта пойдут на депозит")
    await check_accessibility(page)
    await page.locator("[data-save]").click()
    await expect(page.locator(".p-billing-invoice .ui-badge")).to_have_text("Оплачен")

    await page.goto(f"/patients/{desk.patient_id}?tab=billing")
    await page.get_by_role("button", name="Снять").click()
    await expect(page.get_by_text("Депозит станет равен нулю")).to_be_visible()
    await check_accessibility(page)
    await page.get_by_role("button", name="Да, снять!").click()
    await expect(page.get_by_text("Депозит снят: 500,00\u00a0₽")).to_be_visible()
    assert await desk.deposit() == 0


async def test_services_are_refunded_and_an_invoice_cancelled(
    desk: Desk, page_as: Pages, check_accessibility: Check
) -> None:
    made = await desk.invoice()
    await desk.pay(made.invoice_id, cashless="9100")
    page = await page_as("director")
    await page.goto(f"/billing/invoices/{made.invoice_id}")
    await page.get_by_role("button", name="Вернуть деньги").click()
    await expect(page.locator("p-billing-refund:defined")).to_be_visible()
    await page.get_by_label("Анестезия инфильтрационная").select_option("2")
    await expect(page.locator("[data-save]")).to_contain_text("Вернуть 1\u00a0200,00\u00a0₽")
    await expect(page.get_by_label("Безнал")).to_be_checked()
    await check_accessibility(page)
    await page.locator("[data-save]").click()
    await expect(page.get_by_text("Укажите причину.")).to_be_visible()
    await page.get_by_label("Причина").fill("Жалоба")
    await page.locator("[data-save]").click()
    badge = page.locator(".p-billing-invoice .ui-badge").first
    await expect(badge).to_have_text("Возвращён частично")
    await page.get_by_role("button", name="Отменить счёт").click()
    await page.get_by_label("Причина").fill("Не тот пациент")
    await check_accessibility(page)
    await page.keyboard.press("Control+Enter")
    await expect(badge).to_have_text("Отменён")
    assert await desk.deposit() == Decimal(7900)
