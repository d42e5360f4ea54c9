"""«Сотрудники» and the settings as people see them: the panel with its link, and every page for every eye."""

import re

import pytest

from prikus.testing.browser import PHONE

PAGES = (
    "/staff/",
    "/staff/new",
    "/staff/groups",
    "/settings/modules",
    "/settings/general",
    "/settings/places",
    "/settings/organization",
    "/trash/",
)


async def test_the_panel_asks_a_doctor_for_specialities_and_shows_the_link_once(page_as, clinic) -> None:
    page = await page_as("director")
    await page.goto("/staff/")
    await page.get_by_role("button", name="Добавить сотрудника").click()
    panel = page.locator("#panel")
    kind = panel.locator("[data-field=kind]")
    await panel.get_by_role("group", name="Профессия").wait_for()
    await kind.get_by_label("Врач").check()
    await panel.get_by_role("group", name="Профессия").wait_for(state="hidden")
    await panel.locator("[name=last_name]").fill("Орлова")
    await panel.locator("[name=first_name]").fill("Дарья")
    await panel.locator("[name=email]").fill(f"orlova@{clinic.slug}.example")
    await panel.get_by_role("button", name="Сохранить").click()
    await panel.get_by_text("Выберите направление врача").wait_for()
    await panel.get_by_label("Ортодонт").check()
    await panel.get_by_role("button", name="Сохранить").click()
    link = await panel.get_by_label("Ссылка").input_value()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/link/[\w-]{43}", link)
    await page.get_by_role("row", name="Орлова Дарья").wait_for()
    await panel.get_by_role("button", name="Готово").click()
    await page.reload()
    assert link.rsplit("/", 1)[1] not in await page.content()


async def test_a_press_in_the_rights_page_is_kept(page_as, staff) -> None:
    member = await staff("doctor")
    page = await page_as("director")
    await page.goto(f"/staff/{member.staff_id}/rights")
    right = page.get_by_role("group", name="Восстановление", exact=True)
    await right.get_by_label("Можно", exact=True).check()
    await page.get_by_role("button", name="Сохранить изменения").click()
    await page.get_by_text("Права сохранены").wait_for()
    await page.reload()
    assert await right.get_by_label("Можно", exact=True).is_checked()


@pytest.mark.parametrize("options", [{}, {"viewport": PHONE, "color_scheme": "dark"}], ids=["desk", "phone-dark"])
async def test_pages_suit_everybody(page_as, clinic, check_accessibility, options) -> None:
    page = await page_as("director", **options)
    for path in (*PAGES, f"/staff/{clinic.head.staff_id}/rights"):
        await page.goto(path)
        await page.locator("#main").wait_for()
        await check_accessibility(page)
        overflow = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overflow <= 0, path
