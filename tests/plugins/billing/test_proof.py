"""Money goes back after the password only: it is asked for in the page, and nothing typed is lost (reliability 11)."""

from collections.abc import Awaitable, Callable

import asyncpg
import pytest
from playwright.async_api import Page, expect

from prikus.access.proof import FRESH_MINUTES
from prikus.data.upgrade import plain
from prikus.testing.clinics import PASSWORD
from tests.plugins.billing.conftest import Desk, sent

AGE = "update core.session set proved_at = now() - make_interval(mins => $1) where clinic_id = $2"
MOVED = "select kind from billing.ledger_transaction order by id"
Pages = Callable[..., Awaitable[Page]]
Check = Callable[..., Awaitable[None]]


@pytest.fixture
def grow_old(house, clinic):
    """Every password of the clinic was typed long ago."""

    async def grow_old() -> None:
        admin = await asyncpg.connect(plain(house.config.database_url))
        try:
            await admin.execute(AGE, FRESH_MINUTES, clinic.id)
        finally:
            await admin.close()

    return grow_old


async def test_refunds_cancellations_and_withdrawals_ask_for_the_password(client_as, desk: Desk, grow_old) -> None:
    invoice = (await desk.invoice()).invoice_id
    await desk.pay(invoice, cash="9100")
    await desk.top_up("500")
    director = await client_as("director")
    asked = {
        f"/billing/invoices/{invoice}/cancel": {"reason": "Ошибка"},
        f"/billing/invoices/{invoice}/refund": {"reason": "Ошибка", "way": "cash"},
        f"/billing/patients/{desk.patient_id}/deposit/withdraw": {"kind": "cash", "amount": "500"},
    }
    before = await desk.rows(MOVED)
    await grow_old()
    for path, fields in asked.items():
        refused = await sent(director, path, **fields)
        assert (refused.status_code, refused.headers.get("X-Proof")) == (403, "password"), path
    assert await desk.rows(MOVED) == before
    assert (await director.htmx.post("/session/proof", data={"password": PASSWORD})).status_code == 204
    path, fields = asked.popitem()
    assert (await sent(director, path, **fields)).status_code == 204
    assert (await desk.rows(MOVED))[-1] == ("withdrawal",)


async def test_the_page_asks_for_the_password_and_goes_on(
    desk: Desk, page_as: Pages, check_accessibility: Check, grow_old
) -> None:
    await desk.top_up("500")
    page = await page_as("director")
    await page.goto(f"/patients/{desk.patient_id}?tab=billing")
    await page.get_by_role("button", name="Снять").first.click()
    save = page.locator("#panel [type=submit]").first
    await expect(save).to_be_visible()
    await grow_old()
    await save.click()
    dialog = page.get_by_role("dialog", name="Подтвердите, что это вы")
    await expect(dialog.get_by_label("Пароль")).to_be_focused()
    await check_accessibility(page)
    await dialog.get_by_label("Пароль").fill("не тот")
    await page.keyboard.press("Enter")
    await expect(dialog.get_by_text("Пароль не подходит")).to_be_visible()
    await dialog.get_by_role("button", name="Отмена").click()
    await expect(dialog).to_be_hidden()
    assert await desk.rows(MOVED) == [("top_up",)]
    await save.click()
    await dialog.get_by_label("Пароль").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page.locator("#panel [type=submit]")).to_have_count(0)
    assert await desk.rows(MOVED) == [("top_up",), ("withdrawal",)]
