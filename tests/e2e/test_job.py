"""The job, from an empty machine to a paid invoice, in browsers; then everything is stopped and started again."""

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Page, expect

from prikus.testing.browser import Faults
from prikus.testing.plugin import own
from tests.e2e import desk
from tests.e2e.machine import Machine
from tests.plugins.calendar.grid import drag, spot

HEAD, DOCTOR, FRONT_DESK = "head@example.ru", "petrov@example.ru", "desk@example.ru"
STRANGER = "stranger@example.ru"
PATIENT, SHORT = "Морозова Анна", "Морозова А."
PRACTICE = [
    "Календарь",
    "CRM",
    "Карточка пациента",
    "Звонки",
    "Сообщения",
    "Онлайн-запись",
    "Касса",
    "Снимки",
    "Чеки",
    "Сотрудники",
    "Прайс-лист",
    "Корзина",
    "Настройки системы",
]
NBSP = "\u00a0"
TOTAL = f"8{NBSP}500,00{NBSP}₽"


def zone() -> str:
    """A time zone in which today does not end while the test runs."""
    return "Europe/Moscow" if 3 <= dt.datetime.now(dt.UTC).hour < 19 else "Asia/Kamchatka"


@own
async def machine(tmp_path: Path) -> AsyncIterator[Machine]:
    machine = Machine(tmp_path)
    try:
        await machine.start()
        yield machine
    finally:
        await machine.stop()


class Clinic:
    """Two clinics on a machine and the pages of their people."""

    def __init__(self, machine: Machine, browser: Browser) -> None:
        self.machine = machine
        self.faults = Faults()
        self.zone = zone()
        self.today = dt.datetime.now(ZoneInfo(self.zone)).date()
        self._browser = browser

    async def open(self, slug: str, email: str) -> None:
        about = ["--slug", slug, "--name", slug.title(), "--plan", "practice", "--time-zone", self.zone]
        await self.machine.command(
            "clinic", "create", *about, "--admin-email", email, "--admin-password", desk.PASSWORD
        )

    async def page(self, email: str | None = None) -> Page:
        page = await desk.fresh_page(self._browser, self.machine.url, self.faults)
        if email is not None:
            await desk.sign_in(page, email)
        return page


async def furnish(clinic: Clinic, head: Page) -> None:
    """Chairs, a price list, a doctor, a front-desk administrator; both take their links."""
    for name in ("Кресло 1", "Кресло 2"):
        await desk.add_chair(head, name)
    await desk.add_service(head, "Терапия", "Лечение кариеса", "A16.07.002", "7900")
    await desk.add_service(head, "Терапия", "Анестезия инфильтрационная", "B01.003", "600")
    for kind, name, email, work, group in (
        ("Врач", ("Петров", "Иван"), DOCTOR, "Стоматолог-терапевт", "Врач"),
        ("Сотрудник", ("Котова", "Ольга"), FRONT_DESK, "Администратор", "Администратор"),
    ):
        link = await desk.add_staff(head, kind, name, email, work, group)
        await desk.use_link(await clinic.page(), link)


async def switch_calendar(head: Page, doctor: Page) -> None:
    """Off: gone for everybody at once, and said why. On: as before."""
    await desk.open_day(doctor)
    await desk.switch_off(head, "Календарь")
    await expect(doctor.locator("#side-items").get_by_text("Календарь")).to_have_count(0)
    closed = await doctor.goto("/calendar/")
    assert closed is not None
    assert closed.status == 404
    await expect(doctor.get_by_text("Выключен", exact=False).first).to_be_visible()
    assert (await doctor.request.get("/api/v1/calendar/day")).status == 404
    await desk.switch_on(head, "Календарь")
    await desk.open_day(doctor)


async def add_patient(page: Page) -> int:
    await desk.fill_patient(page, "Морозова", "Анна", "9123401289")
    await expect(page.locator(".ui-toast").last).to_contain_text("Пациент добавлен")
    form = await desk.fill_patient(page, "Морозова", "Анна", "9123401289")
    await expect(form).to_contain_text("Пациент с таким именем и телефоном уже есть")
    return await desk.find_patient(page, "мороз", PATIENT)


async def keep_the_calendar(clinic: Clinic, page: Page, doctor: Page) -> None:
    """Working time; an appointment is drawn, moved, shortened, and the doctor sees each with one request."""
    today = clinic.today
    await desk.give_time(page, "Петров И.", "Кресло 1", date=f"{today}", starts="09:00", ends="15:00")
    later = {"date": f"{today + dt.timedelta(days=1)}", "until": f"{today + dt.timedelta(days=7)}", "weekdays": "Вт Чт"}
    await desk.give_time(page, "Петров И.", "Кресло 2", starts="10:00", ends="16:00", **later)
    await expect(page.locator(".ui-toast").last).to_contain_text("2")

    await desk.open_day(page)
    await desk.open_day(doctor)
    heard = desk.Heard(doctor)
    await desk.book(page, PATIENT, "10:00", "10:45")
    await desk.seen(doctor, SHORT, "Запланирован", "10:00")
    await drag(page, await spot(page, "10:15"), await spot(page, "12:15"))
    await desk.seen(doctor, SHORT, "12:00")
    await desk.shorten(page, "13:00", 1)
    await expect(page.locator(".ui-toast").last).to_contain_text("12:00–12:45")
    await desk.set_status(page, SHORT, "На приёме")
    await desk.seen(doctor, SHORT, "На приёме")
    assert len(heard) == 4, heard
    assert {line.split("?")[0] for line in heard} == {"GET api/v1/calendar/day"}


async def take_the_money(page: Page, patient: int) -> str:
    """Two services, the doctor of today proposed; cash and card; the printed sheet. The invoice's address."""
    await page.goto(f"/patients/{patient}?tab=billing")
    await page.get_by_role("button", name="Добавить счёт").first.click()
    await desk.pick_service(page, "кариес", 1)
    await desk.pick_service(page, "анест", 2)
    for n in range(2):
        await expect(page.locator("[data-line] select").nth(n).locator("option:checked")).to_have_text("Петров И.")
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_role("heading", name="Счёт № 1")).to_be_visible()
    await expect(page.locator(".p-patients-figures")).to_contain_text(TOTAL)

    await desk.pay(page, "3500")
    await expect(page.locator(".p-billing-invoice .ui-badge")).to_have_text("Оплачен")
    await expect(page.locator(".p-patients-figures")).to_contain_text(f"0,00{NBSP}₽")
    address = await page.locator(".p-billing-invoice a[target=_blank]").get_attribute("href")
    assert address is not None
    await printed(page, address)
    return address


async def printed(page: Page, address: str) -> None:
    await page.goto(address)
    for words in (TOTAL, f"3{NBSP}500,00{NBSP}₽", f"5{NBSP}000,00{NBSP}₽"):
        await expect(page.locator("tfoot")).to_contain_text(words)
    await expect(page.locator("tfoot tr").last).to_contain_text(f"0,00{NBSP}₽")


async def read_the_feed(page: Page, patient: int) -> None:
    """Everything that happened to the patient stands on the card."""
    await page.goto(f"/patients/{patient}")
    feed = page.locator("#patient-feed")
    for words in ("Запись на приём", "Приём перенесён", "Статус приёма", "Счёт", "Оплата"):
        await expect(feed.locator(".ui-timeline-title").get_by_text(words).first).to_be_visible()


async def see_nothing(stranger: Page, patient: int, invoice: str) -> None:
    await stranger.goto("/patients/")
    await expect(stranger.get_by_text("Пациентов пока нет")).to_be_visible()
    for address in (f"/patients/{patient}", invoice, invoice.removesuffix("/print")):
        answer = await stranger.goto(address)
        assert answer is not None
        assert answer.status == 404, address


@pytest.mark.spec("CAL-07", part="browser")
async def test_a_clinic_opens_works_and_is_still_there_tomorrow(machine: Machine, browser: Browser) -> None:
    clinic = Clinic(machine, browser)
    for slug, email in (("first", STRANGER), ("second", HEAD)):
        await clinic.open(slug, email)
    head = await clinic.page(HEAD)
    assert await desk.menu(head) == PRACTICE
    await furnish(clinic, head)
    doctor, front_desk = await clinic.page(DOCTOR), await clinic.page(FRONT_DESK)
    await switch_calendar(head, doctor)
    patient = await add_patient(front_desk)
    await keep_the_calendar(clinic, front_desk, doctor)
    invoice = await take_the_money(front_desk, patient)
    await read_the_feed(front_desk, patient)
    await see_nothing(await clinic.page(STRANGER), patient, invoice)
    assert not clinic.faults, clinic.faults

    await doctor.context.close()
    assert await machine.interrupt() == 0
    await machine.start()
    again = await clinic.page(FRONT_DESK)
    assert await desk.find_patient(again, "мороз", PATIENT) == patient
    await read_the_feed(again, patient)
    await desk.open_day(again)
    await expect(desk.booked(again, SHORT)).to_contain_text("На приёме")
    await printed(again, invoice)
