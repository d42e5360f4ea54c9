"""The calendar in a browser: dragging, menus, keys, a second browser that sees it, a phone."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from playwright.async_api import Locator, Page, Request, expect

from prikus.testing.browser import PHONE
from prikus_calendar.schemas import AppointmentCell
from prikus_calendar.services import day as reading
from tests.plugins.calendar.conftest import DAY, Desk
from tests.plugins.calendar.grid import QUARTER, drag, spot

ADDRESS = f"/calendar/?date={DAY}"


async def opened(page: Page, address: str = ADDRESS) -> Page:
    await page.goto(address)
    await expect(page.locator("calendar-day .ec-body .ec-day").first).to_be_visible()
    return page


async def pick(page: Page, name: str) -> None:
    """Choose a patient in the form of the panel."""
    await page.locator("#panel").get_by_role("combobox", name="Пациент").fill(name)
    await page.get_by_role("option", name=f"{name} Анна").click()


async def ready(page: Page) -> None:
    """The form of the panel, swapped in a moment ago, is in the hands of htmx."""
    await page.wait_for_function("document.querySelector('#panel form')?.['htmx-internal-data']?.listenerInfos?.length")


def booked(page: Page, name: str) -> Locator:
    return page.locator(".ec-event", has=page.get_by_text(name, exact=True))


async def seen(page: Page, name: str, *words: str) -> None:
    for word in words:
        await expect(booked(page, name)).to_contain_text(word)


class Heard(list[str]):
    """Requests that a page makes from now on."""

    def __init__(self, page: Page) -> None:
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        self.append(f"{request.method} {request.url.split('/', 3)[3]}")


@pytest.mark.spec("CAL-08", "CAL-09", "CAL-13")
async def test_what_is_dragged_here_is_seen_there_with_one_request_each(desk: Desk, page_as: Any) -> None:
    page, other = await opened(await page_as("administrator")), await opened(await page_as("director"))
    await expect(other.locator("p-live")).to_have_attribute("data-state", "up")
    heard = Heard(other)
    refetch = f"GET api/v1/calendar/day?date={DAY}&branch={desk.branch_id}"

    await drag(page, await spot(page, "10:00"), await spot(page, "10:45"))
    form = page.locator("#panel form")
    await expect(form.get_by_label("Начало")).to_have_value("10:00")
    await expect(form.get_by_label("Окончание")).to_have_value("11:00")
    await expect(form.get_by_label("Врач и кресло")).to_contain_text("Петров А. · Кресло 1")
    await pick(page, "Морозова")
    await page.keyboard.press("Control+Enter")
    for desktop in (page, other):
        await seen(desktop, "Морозова А.", "Запланирован", "10:00")

    await drag(page, await spot(page, "10:15"), await spot(page, "12:15"))
    await seen(other, "Морозова А.", "12:00")
    await expect(page.locator(".ui-toast").last).to_contain_text("12:00–13:00")

    x, bottom = await spot(page, "13:00")
    await drag(page, (x, bottom - 6), (x, bottom - 6 - 2 * QUARTER))
    await expect(page.locator(".ui-toast").last).to_contain_text("12:00–12:30")
    await expect(booked(other, "Морозова А.")).not_to_contain_text("12:00")

    assert heard == [refetch] * 3
    assert [(cell.starts.time(), cell.ends.time()) for cell in await cells(desk)] == [(dt.time(12), dt.time(12, 30))]


async def cells(desk: Desk) -> list[AppointmentCell]:
    async with desk.units("administrator") as ctx:
        return (await reading.day(ctx, DAY)).appointments


@pytest.mark.spec("CAL-11", "CAL-16")
async def test_the_menu_of_an_appointment_changes_its_status_and_leads_to_the_card(desk: Desk, page_as: Any) -> None:
    await desk.book("10:00", "11:00")
    page, other = await opened(await page_as("administrator")), await opened(await page_as("director"))
    await booked(page, "Морозова А.").click(button="right")
    await page.get_by_role("menuitem", name="Статусы приёма").click()
    statuses = page.get_by_role("menu", name="Статусы приёма").get_by_role("menuitemradio")
    await expect(statuses).to_have_count(9)
    await statuses.filter(has_text="Ожидает в клинике").click()
    for desktop in (page, other):
        await seen(desktop, "Морозова А.", "Ожидает в клинике")
    await expect(other.locator("[data-hall-list]")).to_contain_text("Морозова А.")

    await booked(page, "Морозова А.").focus()
    await page.keyboard.press("4")
    for desktop in (page, other):
        await seen(desktop, "Морозова А.", "На приёме")
    await booked(page, "Морозова А.").focus()
    await page.keyboard.press("Shift+F10")
    await expect(page.get_by_role("menuitem", name="Открыть карту")).to_be_focused()
    await page.keyboard.press("Escape")
    await booked(page, "Морозова А.").dblclick()
    await page.wait_for_url(f"**/patients/{desk.patients[0]}")


async def test_the_focus_stays_on_an_appointment_when_the_day_is_drawn_anew(desk: Desk, page_as: Any) -> None:
    await desk.book("10:00", "11:00")
    page, other = await opened(await page_as("administrator")), await opened(await page_as("director"))
    await booked(page, "Морозова А.").focus()
    await page.keyboard.press("3")
    for desktop in (page, other):
        await seen(desktop, "Морозова А.", "Ожидает в клинике")
    await expect(booked(page, "Морозова А.")).to_be_focused()
    await booked(other, "Морозова А.").focus()
    await other.keyboard.press("4")
    for desktop in (page, other):
        await seen(desktop, "Морозова А.", "На приёме")
    await expect(booked(page, "Морозова А.")).to_be_focused()

    await page.keyboard.press("Shift+F10")
    await expect(page.get_by_role("menuitem", name="Открыть карту")).to_be_focused()
    await other.keyboard.press("3")
    await seen(page, "Морозова А.", "Ожидает в клинике")
    await page.keyboard.press("Escape")
    await expect(booked(page, "Морозова А.")).to_be_focused()


@pytest.mark.spec("CAL-10", part="desk")
async def test_delete_asks_for_a_reason_and_frees_the_time(desk: Desk, page_as: Any) -> None:
    await desk.book("10:00", "11:00")
    page = await opened(await page_as("administrator"))
    await booked(page, "Морозова А.").click(button="right")
    await page.get_by_role("menuitem", name="Удалить").click()
    await page.get_by_label("Причина").fill("Пациент заболел")
    await page.get_by_role("dialog").get_by_role("button", name="Удалить").click()
    await seen(page, "Морозова А.", "Отменён")
    assert not (await cells(desk))[0].occupies


@pytest.mark.spec("CAL-13")
async def test_another_doctors_time_asks_first(desk: Desk, page_as: Any) -> None:
    await desk.book("10:00", "11:00")
    page = await opened(await page_as("administrator"))
    await drag(page, await spot(page, "10:15"), await spot(page, "10:15", 1))
    await page.get_by_role("button", name="Оставить как было").click()
    assert (await cells(desk))[0].doctor_id == desk.doctors[0]
    await drag(page, await spot(page, "10:15"), await spot(page, "11:15", 1))
    await page.get_by_role("button", name="Сменить врача").click()
    await expect(page.locator(".ui-toast").last).to_contain_text("Морозова А.: 11:00–12:00")
    assert (await cells(desk))[0].doctor_id == desk.doctors[1]


async def test_a_taken_time_stays_beside_the_field_with_ways_out(desk: Desk, page_as: Any) -> None:
    await desk.book("10:00", "11:00")
    page = await opened(await page_as("administrator"))
    await page.keyboard.press("n")
    form = page.locator("#panel form")
    await pick(page, "Котов")
    await form.get_by_label("Начало").fill("09:30")
    await form.get_by_label("Окончание").fill("10:30")
    await page.keyboard.press("Control+Enter")
    await expect(form).to_contain_text("Кресло 1 занято: Морозова А., 10:00–11:00.")
    await form.get_by_role("button", name="Закончить в 10:00").click()
    await expect(form.get_by_label("Окончание")).to_have_value("10:00")
    await expect(form.get_by_role("combobox", name="Пациент")).to_have_value("Котов А.")
    await ready(page)
    await page.keyboard.press("Control+Enter")
    await seen(page, "Котов А.", "Запланирован")


@pytest.mark.spec("CAL-04", "CAL-17")
async def test_the_doctors_side_gives_working_time(desk: Desk, page_as: Any) -> None:
    page = await opened(await page_as("administrator"))
    await page.get_by_role("link", name="Врачи").click()
    await expect(booked(page, "Петров А.")).to_contain_text("09:00")
    await page.get_by_role("button", name="Добавить график врача").click()
    form = page.locator("#panel form")
    await form.get_by_label("Врач", exact=False).first.select_option(label="Петров А.")
    await form.get_by_label("Кресло", exact=False).first.select_option(label="Кресло 1")
    await form.get_by_label("По дату").fill(str(DAY + dt.timedelta(days=2)))
    await page.keyboard.press("Control+Enter")
    await expect(form).to_contain_text("Занято дней: 1.")
    await form.get_by_label("Пропустить их и сохранить остальные").check()
    await ready(page)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".ui-toast").last).to_contain_text("Добавлено")
    await page.get_by_role("link", name="Следующий день").click()
    await expect(booked(page, "Петров А.")).to_contain_text("09:00")


async def test_a_phone_lists_the_day_books_and_follows_changes(
    desk: Desk, page_as: Any, check_accessibility: Callable[..., Any]
) -> None:
    page = await page_as("administrator", viewport=PHONE, has_touch=True)
    await page.goto(ADDRESS)
    await expect(page.locator("calendar-day")).to_be_hidden()
    await page.locator(".is-free").first.get_by_role("button", name="Записать").click()
    form = page.locator("#panel form")
    await expect(form.get_by_label("Начало")).to_have_value("09:00")
    await pick(page, "Зимина")
    await form.get_by_role("button", name="Записать").click()
    await expect(page.get_by_role("heading", name="Зимина А.")).to_be_visible()
    await desk.book("12:00", "12:30", 1)
    await expect(page.get_by_role("heading", name="Котов А.")).to_be_visible()
    await check_accessibility(page)


async def test_the_desk_is_accessible_in_both_themes(
    desk: Desk, page_as: Any, check_accessibility: Callable[..., Any]
) -> None:
    await desk.book("10:00", "11:00")
    page = await opened(await page_as("administrator"))
    for theme in ("light", "dark"):
        await page.evaluate(f"localStorage.setItem('prikus-theme', '{theme}')")
        await opened(page)
        await expect(booked(page, "Морозова А.")).to_be_visible()
        await check_accessibility(page)
