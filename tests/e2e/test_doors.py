"""Closed doors in a real browser: silence about what is off, and pages that explain."""

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Page, expect

from prikus.operator.subscriptions import Terms, change_subscription
from prikus.settings.services.modules import switch
from prikus.testing.browser import PHONE, check_accessibility
from prikus.testing.clinics import TestClinic

Pages = Callable[..., Awaitable[Page]]
LISTEN = """async () => {
  const { live } = await import("@prikus/ui");
  window.heard = [];
  for (const channel of ["calendar.probe", "core.probe"]) live.on(channel, ({ id }) => window.heard.push(channel + id));
}"""


async def listening(page: Page) -> Page:
    await page.goto("/settings/places")
    await expect(page.locator("p-live")).to_have_attribute("data-state", "up")
    await page.evaluate(LISTEN)
    return page


async def say(clinic: TestClinic, number: int) -> None:
    """A word of the calendar, and after it one of the core, which shows that the stream has come so far."""
    async with clinic.ctx_as("system") as ctx:
        ctx.changed("calendar.probe", number)
        ctx.changed("core.probe", number)
    await clinic.house.runtime.settle()


async def heard_up_to(page: Page, number: int) -> list[str]:
    await page.wait_for_function("number => heard.includes('core.probe' + number)", arg=number)
    return await page.evaluate("heard")


async def turn(clinic: TestClinic, on: bool) -> None:
    async with clinic.ctx_as("director") as ctx:
        await switch(ctx, "calendar", on, confirmed=() if on else ("online_booking",))
    await clinic.house.runtime.settle()


async def test_the_live_stream_is_silent_about_a_module_that_is_off(clinic: TestClinic, page_as: Pages) -> None:
    """While it is on the same word is heard, before and after: the twin."""
    page = await listening(await page_as("director"))
    await say(clinic, 1)
    assert await heard_up_to(page, 1) == ["calendar.probe1", "core.probe1"]
    await turn(clinic, on=False)
    await expect(page.locator("#side-items a[href='/calendar/']")).to_have_count(0)
    await say(clinic, 2)
    assert await heard_up_to(page, 2) == ["calendar.probe1", "core.probe1", "core.probe2"]
    await turn(clinic, on=True)
    await expect(page.locator("#side-items a[href='/calendar/']")).to_have_count(1)
    await say(clinic, 3)
    assert (await heard_up_to(page, 3))[3:] == ["calendar.probe3", "core.probe3"]


async def test_an_open_page_of_a_clinic_that_is_suspended_gives_way_to_the_explanation(
    clinic: TestClinic, page_as: Pages
) -> None:
    page = await listening(await page_as("director"))
    await change_subscription(clinic.house.runtime, clinic.slug, Terms(state="suspended"))
    await expect(page.get_by_role("heading", name="Работа клиники приостановлена")).to_be_visible()
    await change_subscription(clinic.house.runtime, clinic.slug, Terms(state="active"))
    await page.get_by_role("link", name="Проверить ещё раз").click()
    await expect(page.locator("#side-items")).to_be_visible()


async def off(clinic: TestClinic) -> None:
    await turn(clinic, on=False)


async def out_of_plan(clinic: TestClinic) -> None:
    await change_subscription(clinic.house.runtime, clinic.slug, Terms(plan="start"))


async def over(clinic: TestClinic) -> None:
    await change_subscription(clinic.house.runtime, clinic.slug, Terms(ends_on=dt.date(2020, 1, 1)))


async def suspended(clinic: TestClinic) -> None:
    await change_subscription(clinic.house.runtime, clinic.slug, Terms(state="suspended"))


@pytest.mark.parametrize(
    ("state", "who", "address", "words"),
    [
        (off, "director", "/calendar/", "Модуль «Календарь» выключен"),
        (off, "doctor", "/calendar/", "Модуль «Календарь» выключен"),
        (out_of_plan, "director", "/billing/invoices/1", "Модуль «Платежи» не подключён"),
        (over, "administrator", "/patients/", "данные можно смотреть и печатать"),
        (suspended, "director", "/", "Работа клиники приостановлена"),
    ],
)
async def test_pages_that_explain_are_accessible_and_fit_a_phone(
    clinic: TestClinic, page_as: Pages, state: Any, who: str, address: str, words: str
) -> None:
    await clinic.person(who)
    await state(clinic)
    for viewport in ({"width": 1440, "height": 900}, PHONE):
        page = await page_as(who, viewport=viewport)
        await page.goto(address)
        await expect(page.get_by_text(words).first).to_be_visible()
        for theme in ("light", "dark"):
            await page.evaluate("theme => document.documentElement.dataset.bsTheme = theme", theme)
            await check_accessibility(page)
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_a_form_refused_in_a_read_only_clinic_keeps_what_was_typed(clinic: TestClinic, page_as: Pages) -> None:
    page = await page_as("administrator")
    await page.goto("/patients/new")
    name = page.locator("input[name=last_name]")
    await name.fill("Морозова")
    await over(clinic)
    await page.locator("#panel button[type=submit]").first.click()
    await expect(page.get_by_text("данные можно смотреть и печатать, но не менять").first).to_be_visible()
    await expect(name).to_have_value("Морозова")
