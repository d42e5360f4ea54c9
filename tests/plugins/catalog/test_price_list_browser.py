"""«Прайс-лист» in a browser: the tree, the row menu, the question before a deletion."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect

from tests.plugins.catalog.conftest import Shelf


@pytest.mark.spec(
    "GEN-03", part="price list", bites="prikus_catalog.pages:remove_service:await services.delete_service"
)
async def test_a_service_is_deleted_from_its_row_after_a_question(
    shelf: Shelf,
    page_as: Callable[..., Awaitable[Page]],
    check_accessibility: Callable[..., Awaitable[None]],
) -> None:
    page = await page_as("director")
    await page.goto("/catalog/")
    await page.get_by_role("link", name="Терапия").click()
    row = page.locator(".p-catalog-service")
    await expect(row).to_have_count(1)
    await check_accessibility(page)
    await row.get_by_role("button", name="Услуга «Кариес, реставрация»").click()
    await page.get_by_role("menuitem", name="Удалить").click()
    await expect(page.get_by_role("heading", name="Удалить услугу «Кариес, реставрация»?")).to_be_visible()
    await page.get_by_role("button", name="Отмена").click()
    await expect(row).to_have_count(1)
    await row.get_by_role("button", name="Услуга «Кариес, реставрация»").click()
    await page.get_by_role("menuitem", name="Удалить").click()
    await page.get_by_role("button", name="Удалить", exact=True).click()
    await expect(row).to_have_count(0)
    assert await shelf.rows("select deleted_at is null from catalog.service") == [(False,)]


async def test_a_price_is_changed_by_a_click_on_the_service(
    shelf: Shelf, page_as: Callable[..., Awaitable[Page]], check_accessibility: Callable[..., Awaitable[None]]
) -> None:
    page = await page_as("director")
    await page.goto(f"/catalog/?category={shelf.category}")
    await page.get_by_role("button", name="Кариес, реставрация", exact=True).click()
    await page.get_by_role("textbox", name="Цена", exact=True).fill("8500")
    await expect(page.get_by_label("Вид исследования")).to_be_hidden()
    await check_accessibility(page)
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_text("8\u00a0500,00\u00a0₽")).to_be_visible()
    await page.get_by_role("button", name="Кариес, реставрация", exact=True).click()
    await expect(page.get_by_text("История цены")).to_be_visible()
