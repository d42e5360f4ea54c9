"""What people of a clinic do on its pages, one function for each step."""

import re
from typing import Any

from playwright.async_api import Browser, Locator, Page, Request, expect

from prikus.testing.browser import Faults, profile
from tests.plugins.calendar.grid import QUARTER, drag, spot

PASSWORD = "длинная фраза 12345"


class Heard(list[str]):
    """Requests that a page makes from now on."""

    def __init__(self, page: Page) -> None:
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        self.append(f"{request.method} {request.url.split('/', 3)[3]}")


async def fresh_page(browser: Browser, url: str, faults: Faults, **options: Any) -> Page:
    """A page of a browser profile of its own, not signed in."""
    context = await profile(browser, url, **options)
    page = await context.new_page()
    faults.watch(page)
    return page


async def settled(page: Page) -> None:
    """Everything that the page asks for by itself has come."""
    await page.evaluate("document.fonts.ready")
    await expect(page.locator(".ui-skeleton, .htmx-request")).to_have_count(0)
    if await page.locator("p-live").count():
        await expect(page.locator("p-live")).to_have_attribute("data-state", "up")


async def shown(page: Page, address: str) -> None:
    """Go there, be let in, and wait for all that belongs to the page."""
    answer = await page.goto(address)
    assert answer is not None
    assert answer.ok, (address, answer.status)
    await settled(page)


# --- signing in, staff


async def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    await page.goto("/sign-in")
    await page.get_by_label("Почта").fill(email)
    await page.get_by_label("Пароль").fill(password)
    await page.get_by_role("button", name="Войти").click()
    await expect(page.locator("#side")).to_be_visible()


async def use_link(page: Page, link: str, password: str = PASSWORD) -> None:
    """Set a password by a one-use link, which then works no more."""
    await page.goto(link)
    await page.get_by_label("Пароль", exact=False).first.fill(password)
    await page.get_by_label("Пароль ещё раз").fill(password)
    await page.get_by_role("button", name="Сохранить").click()
    await page.wait_for_url("**/sign-in")
    again = await page.goto(link)
    assert again is not None
    assert again.status == 404


async def menu(page: Page) -> list[str]:
    return await page.locator("#side-items a > span").all_inner_texts()


async def add_chair(page: Page, name: str) -> None:
    await page.goto("/settings/places")
    await page.get_by_role("button", name="Добавить кресло").first.click()
    await page.locator("#panel").get_by_label("Название").fill(name)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".ui-lines").get_by_text(name, exact=True)).to_be_visible()


async def add_staff(page: Page, kind: str, name: tuple[str, str], email: str, work: str, group: str) -> str:
    """Add a doctor or another member of the staff; the one-use link that is shown once."""
    await page.goto("/staff/")
    await page.get_by_role("button", name="Добавить сотрудника").first.click()
    form = page.locator("#panel form")
    await form.get_by_role("radio", name=kind, exact=True).check()
    await form.get_by_label("Фамилия").fill(name[0])
    await form.get_by_label("Имя").fill(name[1])
    await form.get_by_label("Почта для входа").fill(email)
    await (
        form.get_by_role("group", name=re.compile("Направление врача|Профессия")).get_by_label(work, exact=True).check()
    )
    await form.get_by_role("group", name="Группы прав").get_by_label(group, exact=True).check()
    await page.keyboard.press("Control+Enter")
    return await page.locator("#panel").get_by_label("Ссылка").input_value()


async def switch_off(page: Page, module: str) -> None:
    await page.goto("/settings/modules")
    await page.get_by_role("switch", name=f"Модуль «{module}»").click()
    dialog = page.get_by_role("dialog", name=f"Выключить модуль «{module}»?")
    await expect(dialog).to_contain_text("Данные сохранятся")
    await dialog.get_by_role("button", name=re.compile(r"Выключить \d+ модул")).click()
    await expect(page.locator("#side-items").get_by_text(module, exact=True)).to_have_count(0)


async def switch_on(page: Page, module: str) -> None:
    await page.goto("/settings/modules")
    await page.get_by_role("switch", name=f"Модуль «{module}»").click()
    await expect(page.locator("#side-items").get_by_text(module, exact=True)).to_be_visible()


# --- price list, patients


async def add_service(page: Page, category: str, name: str, code: str, price: str) -> None:
    await page.goto("/catalog/")
    if not await page.locator(".p-catalog-branch", has_text=category).count():
        await page.get_by_role("button", name="Добавить категорию").first.click()
        await page.locator("#panel").get_by_label("Название").fill(category)
        await page.keyboard.press("Control+Enter")
        await expect(page.locator(".p-catalog-branch", has_text=category)).to_be_visible()
    await page.get_by_role("button", name="Добавить услугу", exact=True).click()
    form = page.locator("#panel form")
    await form.get_by_label("Название").fill(name)
    await form.get_by_label("Категория").select_option(label=category)
    await form.get_by_label("Код", exact=True).fill(code)
    await form.get_by_label("Цена", exact=False).first.fill(price)
    await page.keyboard.press("Control+Enter")
    await expect(page.locator("#panel form")).to_have_count(0)


async def fill_patient(page: Page, last: str, first: str, phone: str) -> Locator:
    """Fill the side panel «Новый пациент» and press the main button."""
    await page.goto("/patients/")
    await page.get_by_role("button", name="Добавить пациента").first.click()
    form = page.locator("#panel form")
    await expect(form.locator("fieldset > legend")).to_have_text(
        ["Основная информация", "Дополнительная информация", "Информация о проживании"]
    )
    await form.get_by_label("Фамилия").fill(last)
    await form.get_by_label("Имя").fill(first)
    await form.get_by_label("Телефон", exact=False).first.fill(phone)
    await page.keyboard.press("Control+Enter")
    return form


async def find_patient(page: Page, typed: str, name: str) -> int:
    """Find by the search of the top bar, by keys; the patient's number."""
    await page.goto("/patients/")
    await page.keyboard.press("/")
    await page.keyboard.type(typed)
    await expect(page.locator("#patient-search-list").get_by_role("option", name=name)).to_be_visible()
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile(r"/patients/\d+"))
    await expect(page.get_by_role("heading", name=name)).to_be_visible()
    return int(page.url.rsplit("/", 1)[1])


# --- the calendar


async def open_day(page: Page) -> None:
    await page.goto("/calendar/")
    await expect(page.locator("calendar-day .ec-body .ec-day").first).to_be_visible()
    await settled(page)


async def give_time(page: Page, doctor: str, chair: str, **fields: str) -> None:
    """«Добавить график врача»; `fields` are labels by their English names, `weekdays` joined by a blank."""
    await page.goto("/calendar/?mode=doctors")
    await page.get_by_role("button", name="Добавить график врача").click()
    form = page.locator("#panel form")
    await form.get_by_label("Врач", exact=False).first.select_option(label=doctor)
    await form.get_by_label("Кресло", exact=False).first.select_option(label=chair)
    labels = {"date": "Дата", "until": "По дату", "starts": "Начало приёма", "ends": "Окончание приёма"}
    for name, label in labels.items():
        if name in fields:
            await form.get_by_label(label).fill(fields[name])
    for weekday in fields.get("weekdays", "").split():
        await form.get_by_label(weekday, exact=True).check()
    await page.keyboard.press("Control+Enter")
    await expect(page.locator(".ui-toast").last).to_contain_text("Добавлено")


def booked(page: Page, name: str) -> Locator:
    return page.locator(".ec-event", has=page.get_by_text(name, exact=True))


async def book(page: Page, name: str, starts: str, last_quarter: str) -> None:
    """Drag over free time, choose the patient, save."""
    await drag(page, await spot(page, starts), await spot(page, last_quarter))
    form = page.locator("#panel form")
    await expect(form.get_by_label("Начало")).to_have_value(starts)
    await form.get_by_role("combobox", name="Пациент").fill(name)
    await page.get_by_role("option", name=name).first.click()
    await page.keyboard.press("Control+Enter")


async def shorten(page: Page, ends: str, quarters: int) -> None:
    """Take the lower edge of what ends then and draw it up."""
    x, bottom = await spot(page, ends)
    await drag(page, (x, bottom - 6), (x, bottom - 6 - quarters * QUARTER))


async def set_status(page: Page, name: str, status: str) -> None:
    await booked(page, name).click(button="right")
    await page.get_by_role("menuitem", name="Статусы приёма").click()
    await page.get_by_role("menuitemradio").filter(has_text=status).click()


async def seen(page: Page, name: str, *words: str) -> None:
    """A colleague's change."""
    for word in words:
        await expect(booked(page, name)).to_contain_text(word)


# --- money


async def pick_service(page: Page, words: str, count: int) -> None:
    await expect(page.get_by_role("combobox", name="Услуги")).to_be_focused()
    await page.keyboard.type(words)
    await expect(page.locator(".ui-option[data-value]").first).to_be_visible()
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-line]")).to_have_count(count)


async def pay(page: Page, cash: str) -> None:
    """«Форма оплаты»: a part in cash, the rest by card."""
    await page.get_by_role("button", name="Оплатить").first.click()
    await page.get_by_label("Наличные").fill(cash)
    await page.get_by_text("Безнал", exact=False).first.click()
    await expect(page.locator("#panel [role=status]")).to_contain_text("Остаток 0,00")
    await page.keyboard.press("Control+Enter")
