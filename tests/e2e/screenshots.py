"""Photographs the screens of the job for the documentation: `python -m tests.e2e.screenshots [folder]`.

A machine of its own is furnished with the demo clinics; every screen is taken wide and narrow, light and dark.
"""

import asyncio
import json
import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, expect

from prikus.access.furnishing import PASSWORD
from prikus.operator.demo import CLINICS
from prikus.testing.browser import DESKTOP, PHONE, Faults, launched
from tests.e2e import desk
from tests.e2e.machine import Machine

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
WIDTHS = (DESKTOP, PHONE)
FURNISHED_WITHIN = 300.0
THEMES = ("light", "dark")
Screen = Callable[[Page], Awaitable[None]]


def plain(address: str) -> Screen:
    async def show(page: Page) -> None:
        await page.goto(address)

    return show


async def calendar(page: Page) -> None:
    await page.goto("/calendar/")
    await expect(page.locator(".ec-event, .p-calendar-column").first).to_be_visible()


async def new_appointment(page: Page) -> None:
    await calendar(page)
    await page.keyboard.press("n")
    await expect(page.locator("#panel form")).to_be_visible()


def payment(patient: int, invoice: int) -> Screen:
    async def show(page: Page) -> None:
        await page.goto(f"/patients/{patient}?tab=billing&invoice={invoice}")
        await page.get_by_role("button", name="Оплатить").first.click()
        await page.locator(".p-billing-choose").first.click()
        await expect(page.locator("#panel [role=status]")).to_contain_text("Остаток 0,00")

    return show


async def switching_off(page: Page) -> None:
    await page.goto("/settings/modules")
    await page.get_by_role("switch", name="Модуль «Прайс-лист»").click()
    await expect(page.locator("#dialog")).to_be_visible()


async def price_list(page: Page) -> None:
    await page.goto("/catalog/")
    await page.locator(".p-catalog-branch a").nth(1).click()
    await expect(page.locator(".p-catalog-service").first).to_be_visible()


async def owing(page: Page) -> tuple[int, int]:
    """A patient of today who has something to pay, and the invoice."""
    await calendar(page)
    start = json.loads(str(await page.locator("calendar-day").get_attribute("data-start")))
    for patient in sorted({cell["patient_id"] for cell in start["day"]["appointments"]}):
        await page.goto(f"/patients/{patient}?tab=billing")
        await expect(page.locator("#billing")).to_be_visible()
        button = page.locator("[hx-get^='/billing/invoices/'][hx-get$='/pay']").first
        if await button.count():
            return patient, int(str(await button.get_attribute("hx-get")).split("/")[3])
    raise LookupError("nobody of today has to pay")


async def throw_away(page: Page) -> None:
    """Something for the trash."""
    await page.goto("/catalog/")
    names = await page.locator(".p-catalog-branch a").all()
    await names[0].click()
    for _ in range(3):
        row = page.locator("tr.p-catalog-service").first
        words = await row.inner_text()
        await row.locator("p-menu button").first.click()
        await page.get_by_role("menuitem", name="Удалить").locator("visible=true").click()
        await page.locator("#dialog").get_by_role("button", name="Удалить").click()
        await expect(page.get_by_text(words.splitlines()[0], exact=True)).to_have_count(0)


async def screens(page: Page) -> dict[str, Screen]:
    patient, invoice = await owing(page)
    await throw_away(page)
    return {
        "calendar": calendar,
        "new-appointment": new_appointment,
        "patients": plain("/patients/"),
        "patient-card": plain(f"/patients/{patient}"),
        "payment": payment(patient, invoice),
        "invoice-print": plain(f"/billing/invoices/{invoice}/print"),
        "staff": plain("/staff/"),
        "rights": plain("/staff/groups"),
        "modules": switching_off,
        "price-list": price_list,
        "trash": plain("/trash/catalog.service"),
    }


async def take(page: Page, name: str, screen: Screen, about: str, folder: Path) -> None:
    await screen(page)
    await desk.settled(page)
    await page.screenshot(path=folder / f"{name}-{about}.png", animations="disabled", caret="hide")
    print(name, about)


async def photograph(browser: Browser, url: str, folder: Path) -> None:
    faults = Faults()
    first = await desk.fresh_page(browser, url, faults)
    await desk.sign_in(first, f"director@{CLINICS[0].slug}.example", PASSWORD)
    shown = await screens(first)
    state: Any = await first.context.storage_state()
    for size in WIDTHS:
        for theme in THEMES:
            look = {"viewport": size, "color_scheme": theme}
            about = f"{size['width']}-{theme}"
            door = await desk.fresh_page(browser, url, faults, **look)
            await take(door, "sign-in", plain("/sign-in"), about, folder)
            page = await desk.fresh_page(browser, url, faults, **look, storage_state=state)
            for name, screen in shown.items():
                await take(page, name, screen, about, folder)
            await page.context.close()
    for fault in faults:
        print(fault, file=sys.stderr)


async def work(data: Path, folder: Path) -> None:
    machine = Machine(data)
    try:
        await machine.start("up --demo", FURNISHED_WITHIN)
        async with launched() as browser:
            await photograph(browser, machine.url, folder)
    finally:
        await machine.stop()


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        Path(data).chmod(0o711)
        asyncio.run(work(Path(data), folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
