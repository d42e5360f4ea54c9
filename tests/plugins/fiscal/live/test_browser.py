"""The pages of receipts in a real browser, wide and narrow."""

from __future__ import annotations

import msgspec
import pytest

from prikus.testing.browser import DESKTOP, PHONE
from tests.contract.fiscal_samples import FISCAL, FiscalSamples


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE])
async def test_receipts_can_be_read_and_repeated_by_everybody(
    page_as, clinic, check_accessibility, viewport: dict[str, int]
) -> None:
    made = await FiscalSamples.begun(clinic, "Чекова")
    done = await made.receipt("done", fiscal=msgspec.to_builtins(FISCAL))
    failed = await made.receipt("failed", error="Касса не приняла данные чека.")
    page = await page_as("director", viewport=viewport)
    for address in ("receipts", f"receipts/{done}", f"receipts/{failed}", f"receipts/{done}/print", "registers"):
        answer = await page.goto(f"/fiscal/{address}")
        assert answer.status == 200
        await check_accessibility(page)
    await page.goto(f"/fiscal/receipts/{failed}")
    await page.get_by_role("button", name="Указать контакт").click()
    await page.get_by_label("E-mail или телефон").fill("patient@clinic.example")
    await page.get_by_role("button", name="Отправить чек").click()
    await page.locator("#receipt").get_by_text("В очереди").wait_for()
