"""Merging, export and erasing as people do them, in a real browser."""

import zipfile
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect

from prikus.testing.browser import PHONE, check_accessibility

from .conftest import Add

PageAs = Callable[..., Awaitable[Page]]


async def open_menu(page: Page, item: str) -> None:
    await page.get_by_role("button", name="Действия с карточкой").click()
    await page.get_by_role("menuitem", name=item).click()


@pytest.mark.spec("PAT-22", part="side by side", bites="prikus.patients.lifecycle_pages:merge:await merge_patients")
async def test_two_cards_are_compared_merged_and_parted(page_as: PageAs, add: Add) -> None:
    gone = await add("Морозова Анна", phone="+7 909 214-55-07", email="anna@example.ru", comment="Просит звонить")
    kept = await add("Морозова Анна Викторовна")
    page = await page_as("administrator")
    await page.goto(f"/patients/{kept.id}")
    await open_menu(page, "Объединить с другим пациентом")
    panel = page.get_by_role("dialog", name="Объединить карточки")
    await panel.get_by_role("combobox", name="Какую карточку присоединить").fill("морозова")
    await page.get_by_role("option", name="№ 000001").click()
    await expect(panel.get_by_role("row", name="Почта")).to_contain_text("anna@example.ru")
    await expect(panel).to_contain_text("События")
    await check_accessibility(page)
    await panel.get_by_role("button", name="Объединить").click()
    await expect(page.get_by_text("Карточки объединены.")).to_be_visible()
    await expect(page.get_by_text("anna@example.ru")).to_be_visible()
    await page.goto(f"/patients/{gone.id}")
    assert page.url.endswith(f"/patients/{kept.id}")
    await open_menu(page, "Объединить с другим пациентом")
    await page.get_by_role("button", name="Отменить объединение").click()
    await page.get_by_role("button", name="Разделить").click()
    await page.wait_for_url(f"**/patients/{gone.id}")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Морозова Анна")


async def test_the_same_card_is_refused_beside_the_field(page_as: PageAs, add: Add) -> None:
    kept = await add("Морозова Анна Викторовна")
    page = await page_as("administrator", viewport=PHONE)
    await page.goto(f"/patients/{kept.id}")
    await open_menu(page, "Объединить с другим пациентом")
    panel = page.get_by_role("dialog", name="Объединить карточки")
    await panel.get_by_role("button", name="Объединить").click()
    await expect(panel.get_by_text("Выберите карточку, которую нужно присоединить.")).to_be_visible()


async def test_the_archive_is_loaded_from_the_menu(page_as: PageAs, add: Add) -> None:
    anna = await add("Морозова Анна Викторовна")
    page = await page_as("director")
    await page.goto(f"/patients/{anna.id}")
    async with page.expect_download() as started:
        await open_menu(page, "Выгрузить данные пациента")
    download = await started.value
    assert download.suggested_filename == "Пациент 000001.zip"
    archive = zipfile.ZipFile(await download.path())
    assert "Морозова" in archive.read("данные/core.patient.jsonl").decode()


async def test_a_person_is_forgotten_after_the_number_was_typed(page_as: PageAs, add: Add) -> None:
    anna = await add("Морозова Анна Викторовна")
    page = await page_as("director")
    await page.goto(f"/patients/{anna.id}")
    await open_menu(page, "Стереть персональные данные")
    panel = page.get_by_role("dialog", name="Стереть персональные данные")
    await panel.get_by_label("Основание").fill("Заявление пациента")
    await panel.get_by_label("Номер карты для подтверждения").fill("7")
    await check_accessibility(page)
    await panel.get_by_role("button", name="Стереть навсегда").click()
    await expect(panel.get_by_text("Введите номер карты 000001")).to_be_visible()
    await panel.get_by_label("Номер карты для подтверждения").fill("000001")
    await panel.get_by_role("button", name="Стереть навсегда").click()
    await page.wait_for_url("**/patients/")
    await expect(page.get_by_text("Морозова")).to_have_count(0)


async def test_the_menu_offers_only_what_is_permitted(page_as: PageAs, add: Add) -> None:
    anna = await add("Морозова Анна Викторовна")
    page = await page_as("doctor")
    await page.goto(f"/patients/{anna.id}")
    await page.get_by_role("button", name="Действия с карточкой").click()
    await expect(page.get_by_role("menuitem", name="Изменить")).to_be_visible()
    for item in ("Объединить с другим пациентом", "Выгрузить данные пациента", "Стереть персональные данные"):
        await expect(page.get_by_role("menuitem", name=item)).to_have_count(0)
