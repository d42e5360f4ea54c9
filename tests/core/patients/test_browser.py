"""What people do with patients, in a real browser."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select, text, update

from prikus.patients.models import Patient
from prikus.patients.services.card import read_card
from prikus.patients.services.search import list_patients
from prikus.testing.browser import PHONE, check_accessibility
from prikus.testing.clinics import TestClinic

from .conftest import Add

PageAs = Callable[..., Awaitable[Page]]


@pytest.mark.spec("PAT-01", part="while typing", bites="prikus.patients.pages:patients:return page")
async def test_the_list_narrows_while_typing_and_back_leads_back(page_as: PageAs, add: Add) -> None:
    await add("Морозова Анна Викторовна")
    await add("Котова Вера Павловна", phone="+7 909 214-55-07")
    page = await page_as("administrator")
    await page.goto("/patients/")
    rows = page.locator("#patients tbody tr")
    await expect(rows).to_have_count(2)
    search = page.get_by_role("searchbox", name="ФИО или телефон")
    await search.press_sequentially("мороз")
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("Морозова Анна Викторовна")
    await search.fill("8 909")
    await expect(rows).to_contain_text("Котова Вера Павловна")
    await page.reload()
    await expect(rows).to_have_count(1)
    await rows.get_by_role("link", name="Котова").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Котова Вера Павловна")


@pytest.mark.spec("PAT-01", part="top bar", bites="prikus.patients.pages:search:return fragment")
async def test_the_top_bar_leads_to_the_card_by_keys_alone(page_as: PageAs, add: Add) -> None:
    await add("Морозова Анна Викторовна")
    page = await page_as("doctor")
    await page.goto("/patients/")
    await page.get_by_role("combobox", name="Поиск пациента").focus()
    await page.keyboard.type("морозова")
    await expect(page.get_by_role("option").first).to_contain_text("Морозова Анна Викторовна")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Морозова Анна Викторовна")


@pytest.mark.spec("PAT-02", part="panel", bites="prikus.patients.pages:create:added = await keeping.add_patient")
async def test_a_patient_is_added_in_the_panel(page_as: PageAs, clinic: TestClinic) -> None:
    page = await page_as("administrator")
    await page.goto("/patients/")
    await page.locator(".ui-title-actions").get_by_role("button", name="Добавить пациента").click()
    panel = page.get_by_role("dialog", name="Новый пациент")
    await panel.get_by_label("Имя").fill("Анна")
    await panel.get_by_label("Телефон", exact=False).first.fill("9123401289")
    await page.keyboard.press("Control+Enter")
    await expect(panel.locator("[data-field=last_name]")).to_contain_text("Заполните это поле.")
    await panel.get_by_label("Фамилия").fill("Морозова")
    await expect(panel.get_by_label("Серия паспорта")).to_be_visible()
    await panel.get_by_label("Другой документ").check()
    await expect(panel.get_by_label("Серия паспорта")).to_be_hidden()
    await panel.get_by_label("Вид документа").fill("Вид на жительство")
    await panel.get_by_label("Город").first.fill("Екатеринбург")
    await expect(panel.get_by_label("Город").last).to_be_hidden()
    await panel.get_by_role("button", name="Добавить").click()
    await expect(page.get_by_text("Пациент добавлен, карта №")).to_be_visible()
    await expect(panel).to_be_hidden()
    await expect(page.locator("#patients tbody tr")).to_contain_text("Морозова Анна")


async def test_a_colleagues_version_stands_beside_the_field_and_the_next_save_counts(
    page_as: PageAs, clinic: TestClinic, add: Add
) -> None:
    anna = await add("Морозова Анна", phone="+7 912 340-12-89")
    page = await page_as("administrator")
    await page.goto(f"/patients/{anna.id}/edit")
    panel = page.get_by_role("dialog")
    await panel.get_by_label("Комментарий").fill("Моё")
    async with clinic.ctx_as("system") as ctx:
        await ctx.db.execute(update(Patient).where(Patient.id == anna.id).values(comment="Коллеги"))
    save = panel.get_by_role("button", name="Сохранить")
    await save.click()
    await expect(panel.locator("[data-field=comment]")).to_contain_text("Сейчас: «Коллеги».")
    await expect(panel.get_by_role("alert").first).to_contain_text("коллега сохранил другое")
    await expect(panel.get_by_label("Комментарий")).to_have_value("Моё")
    await save.click()
    await expect(panel).to_be_hidden()
    async with clinic.ctx_as() as ctx:
        assert (await read_card(ctx, anna.id)).comment == "Моё"


@pytest.mark.spec("PAT-02", part="duplicate in the panel", bites="prikus.patients.pages:create:response.headers.update")
async def test_the_duplicate_warning_keeps_what_was_typed(page_as: PageAs, clinic: TestClinic, add: Add) -> None:
    await add("Морозова Анна", phone="+7 912 340-12-89")
    page = await page_as("administrator")
    await page.goto("/patients/new")
    panel = page.get_by_role("dialog", name="Новый пациент")
    for label, value in (("Фамилия", "Морозова"), ("Имя", "Анна"), ("Комментарий", "Тёзка")):
        await panel.get_by_label(label).fill(value)
    await panel.locator("[name=phone]").fill("9123401289")
    await panel.get_by_role("button", name="Добавить", exact=False).last.click()
    await expect(panel.get_by_text("Пациент с таким именем и телефоном уже есть.")).to_be_visible()
    await expect(panel.get_by_role("link", name="Морозова Анна, карта № 000001")).to_be_visible()
    await expect(panel.get_by_label("Комментарий")).to_have_value("Тёзка")
    await panel.get_by_role("button", name="Всё равно добавить").click()
    await expect(page.get_by_text("Пациент добавлен, карта №")).to_be_visible()
    async with clinic.ctx_as() as ctx:
        assert (await list_patients(ctx)).total == 2


@pytest.mark.spec("GEN-03", part="patients", bites="prikus.patients.pages:delete:await keeping.delete_patient")
async def test_the_row_menu_asks_before_it_deletes(page_as: PageAs, clinic: TestClinic, add: Add) -> None:
    await add("Морозова Анна Викторовна")
    page = await page_as("administrator")
    await page.goto("/patients/")
    menu = page.get_by_role("button", name="Действия: Морозова Анна Викторовна")
    question = page.get_by_role("dialog", name="Удалить карточку?")
    await menu.click()
    await page.get_by_role("menuitem", name="Удалить").click()
    await question.get_by_role("button", name="Отмена").click()
    await expect(question).to_be_hidden()
    async with clinic.ctx_as() as ctx:
        assert (await list_patients(ctx)).total == 1
    await menu.click()
    await page.get_by_role("menuitem", name="Изменить").click()
    await expect(page.get_by_role("dialog", name="Карточка пациента")).to_be_visible()
    await page.keyboard.press("Escape")
    await menu.click()
    await page.get_by_role("menuitem", name="Удалить").click()
    await question.get_by_role("button", name="Удалить").click()
    await expect(page.get_by_role("heading", name="Пациентов пока нет")).to_be_visible()
    async with clinic.ctx_as() as ctx:
        assert await ctx.db.scalar(select(Patient.deleted_at)) is not None


@pytest.mark.spec("PAT-17", part="live", bites="prikus.patients.listeners:write_feed:ctx.changed")
async def test_an_open_card_shows_what_colleagues_change(page_as: PageAs, clinic: TestClinic, add: Add) -> None:
    anna = await add("Морозова Анна Викторовна")
    watching, changing = await page_as("administrator"), await page_as("coordinator")
    await watching.goto(f"/patients/{anna.id}")
    feed = watching.get_by_role("region", name="События пациента")
    await expect(feed).to_contain_text("Карточка создана")
    await changing.goto(f"/patients/{anna.id}")
    await changing.get_by_role("button", name="Изменить").click()
    panel = changing.get_by_role("dialog", name="Карточка пациента")
    await panel.get_by_label("Фамилия").fill("Котова")
    await panel.get_by_role("button", name="Сохранить изменения").click()
    await expect(changing.get_by_role("heading", level=1)).to_have_text("Котова Анна Викторовна")
    await expect(feed).to_contain_text("Карточка изменена")
    await expect(watching.get_by_role("heading", level=1)).to_have_text("Котова Анна Викторовна")


@pytest.mark.parametrize("options", [{}, {"viewport": PHONE}, {"color_scheme": "dark"}], ids=["wide", "phone", "dark"])
@pytest.mark.parametrize("path", ["/patients/", "/patients/{id}", "/patients/new", "/patients/{id}/edit"])
async def test_pages_are_accessible_and_fit(page_as: PageAs, add: Add, path: str, options: dict[str, Any]) -> None:
    anna = await add(
        "Морозова-Константинопольская Анна Викторовна",
        registration_city="Екатеринбург",
        snils="11223344596",
        comment="Да",
    )
    page = await page_as("administrator", **options)
    await page.goto(path.format(id=anna.id))
    if not path.endswith(("/", "{id}")):
        await expect(page.get_by_label("Фамилия")).to_be_focused()
    await expect(page.locator("#main")).to_be_visible()
    await check_accessibility(page)
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


async def test_hostile_names_stay_text(page_as: PageAs, clinic: TestClinic, add: Add) -> None:
    anna = await add("<b>Анна</b> <script>window.hacked=1</script>", comment="<img src=x onerror=window.hacked=1>")
    page = await page_as("administrator")
    for path in ("/patients/", "/patients/?q=анна", f"/patients/{anna.id}", f"/patients/{anna.id}/edit"):
        await page.goto(path)
        await expect(page.locator("body")).to_contain_text("000001")
        assert await page.evaluate("window.hacked") is None
    async with clinic.ctx_as() as ctx:
        assert await ctx.db.scalar(text("select count(*) from core.patient")) == 1
