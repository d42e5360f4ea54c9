"""The main pages, one after another: accessible in both themes, no sideways scrolling on a phone, quiet consoles."""

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from playwright.async_api import ConsoleMessage, Page, expect
from sqlalchemy import insert

from prikus.testing.browser import PHONE, Faults, check_accessibility
from prikus.toolkit import Chair
from prikus_calendar.models import Shift
from prikus_calendar.schemas import NewAppointment
from prikus_calendar.services.booking import book
from tests.e2e import desk
from tests.plugins.billing.conftest import Desk, furnish

Pages = Callable[..., Awaitable[Page]]
PAGES = (
    "/calendar/",
    "/calendar/?mode=doctors",
    "/patients/",
    "/patients/{patient}",
    "/patients/{patient}?tab=billing",
    "/billing/invoices/{invoice}",
    "/billing/invoices/{invoice}/print",
    "/catalog/",
    "/staff/",
    "/staff/groups",
    "/settings/modules",
    "/settings/general",
    "/settings/places",
    "/settings/organization",
    "/trash/",
)


async def visited_today(clinic: Any) -> Desk:
    """A clinic with a price list, whose patient has an appointment now and an invoice to pay."""
    made = await furnish(clinic.ctx_as)
    doctor = await clinic.staff("doctor", last_name="Петров", first_name="Иван", patronymic=None)
    async with clinic.ctx_as("director") as ctx:
        today, branch = ctx.today(ctx.branch_id), ctx.branch.id
        chair = await ctx.db.scalar(insert(Chair).values(branch_id=branch, name="Кресло 1").returning(Chair.id))
        opens = dt.datetime.combine(today, dt.time(9), ctx.clinic.zone)
        where = {"staff_id": doctor.staff_id, "chair_id": chair, "branch_id": branch, "business_date": today}
        await ctx.db.execute(insert(Shift).values(**where, starts_at=opens, ends_at=opens + dt.timedelta(hours=9)))
    async with clinic.ctx_as("administrator") as ctx:
        wish = {"patient_id": made.patient_id, "chair_id": chair, "doctor_id": doctor.staff_id, "date": today}
        await book(ctx, NewAppointment(**wish, starts=dt.time(10), ends=dt.time(11)), str(uuid4()))
    return made


async def test_main_pages_are_accessible_fit_a_phone_and_keep_quiet(clinic: Any, page_as: Pages) -> None:
    made = await visited_today(clinic)
    invoice = (await made.invoice()).invoice_id
    await clinic.drain()
    page, phone = await page_as("director"), await page_as("director", viewport=PHONE, has_touch=True)
    said: list[str] = []
    for one in (page, phone):
        one.on("console", lambda message: _note(said, message))
    wide: list[str] = []
    for pattern in PAGES:
        address = pattern.format(patient=made.patient_id, invoice=invoice)
        await desk.shown(page, address)
        for theme in ("light", "dark"):
            await page.evaluate("theme => document.documentElement.dataset.bsTheme = theme", theme)
            await check_accessibility(page)
        await desk.shown(phone, address)
        if await phone.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(address)
    assert not wide
    assert not said


def _note(said: list[str], message: ConsoleMessage) -> None:
    if message.type == "error":
        said.append(f"{message.location}: {message.text}")


async def test_the_door_is_accessible_and_fits_a_phone(live_server: str, browser: Any) -> None:
    page = await desk.fresh_page(browser, live_server, Faults(), viewport=PHONE)
    for theme in ("light", "dark"):
        await page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        await desk.shown(page, "/sign-in")
        await check_accessibility(page)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_a_finished_visit_is_paid_in_four_presses(clinic: Any, page_as: Pages) -> None:
    """From the invoice's page: the button, the way, save; the sum is proposed."""
    made = await visited_today(clinic)
    issued = await made.invoice()
    page = await page_as("administrator")
    await page.goto(f"/billing/invoices/{issued.invoice_id}")
    await page.get_by_role("button", name="Оплатить").focus()
    for key in ("Enter", "1", "Control+Enter"):
        if key == "1":
            await expect(page.locator(".p-billing-choose").first).to_be_focused()
        await page.keyboard.press(key)
    await expect(page.locator(".p-billing-invoice .ui-badge")).to_have_text("Оплачен")


async def test_a_known_patient_is_booked_by_keys_alone(clinic: Any, page_as: Pages) -> None:
    """No more than a hundred presses: twenty seconds at five keys a second."""
    await visited_today(clinic)
    page = await page_as("administrator")
    await desk.open_day(page)
    presses = 0

    async def press(*keys: str) -> None:
        nonlocal presses
        for key in keys:
            await (page.keyboard.press(key) if key.isascii() else page.keyboard.type(key))
            presses += 1

    await press("n")
    form = page.locator("#panel form")
    await expect(form.get_by_role("combobox", name="Пациент")).to_be_focused()
    await press(*"мороз")
    await expect(page.get_by_role("option", name="Морозова Анна")).to_be_visible()
    await press("Enter")
    for label, digits in (("Начало", "1100"), ("Окончание", "1130")):
        field = form.get_by_label(label)
        while not await field.evaluate("field => field === document.activeElement"):
            assert presses < 60
            await press("Tab")
        await press(*digits, "a")  # an English Chromium shows the half of the day too: after noon it proposes "PM"
    await press("Control+Enter")
    await expect(desk.booked(page, "Морозова А. В.")).to_have_count(2)
    assert presses <= 100
