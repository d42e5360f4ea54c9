"""The shared parts in a real browser: what they promise to every page."""

import pytest
from playwright.async_api import expect

from prikus.testing.browser import DESKTOP, PHONE, check_accessibility


@pytest.fixture
async def panel(open_page):
    """A page with the panel open."""
    page = await open_page("/list")
    await page.get_by_role("button", name="Добавить").click()
    await expect(page.get_by_label("Фамилия")).to_be_focused()
    return page


async def save(page, last_name: str) -> None:
    await page.get_by_label("Фамилия").fill(last_name)
    await page.keyboard.press("Control+Enter")


async def test_a_refusal_stands_beside_its_field_and_keeps_what_was_typed(panel, heard) -> None:
    await panel.get_by_label("Сумма").fill("1 250,5")
    await save(panel, "Пусто")
    await expect(panel.get_by_text("Укажите фамилию.")).to_be_visible()
    await expect(panel.get_by_label("Фамилия")).to_have_attribute("aria-invalid", "true")
    await expect(panel.get_by_label("Фамилия")).to_be_focused()
    await expect(panel.get_by_text("Такого поля на странице нет.")).to_be_visible()
    await expect(panel.get_by_label("Сумма")).to_have_value("1\xa0250,50")
    (sent,) = heard()["saved"]
    assert (sent["amount"], sent["csrf_token"], sent["header"]) == ("1250.50", "token", "token")
    await panel.get_by_label("Фамилия").fill("Иванова")
    await expect(panel.get_by_text("Укажите фамилию.")).to_be_hidden()


async def test_a_conflict_stands_in_the_form_and_the_form_can_be_sent_again(panel) -> None:
    await save(panel, "Занято")
    await expect(panel.get_by_role("alert").get_by_text("Запись уже изменена.")).to_be_visible()
    await save(panel, "Иванова")
    await expect(panel.get_by_text("Пациент сохранён.")).to_be_visible()
    await expect(panel.locator("p-panel form")).to_have_count(0)
    await expect(panel.get_by_role("button", name="Добавить")).to_be_focused()


@pytest.mark.parametrize("answer", ["Перегрузка", "Ждёт"])
async def test_a_busy_server_and_a_press_at_work_are_asked_once_more_with_the_same_key(panel, heard, answer) -> None:
    await save(panel, answer)
    await expect(panel.get_by_text("Пациент сохранён.")).to_be_visible()
    first, second = heard()["saved"]
    assert first["idempotency_key"] == second["idempotency_key"] != ""


async def test_another_conflict_is_not_repeated(panel, heard) -> None:
    """The twin: without `Retry-After` a 409 is for people."""
    await save(panel, "Занято")
    await expect(panel.get_by_role("alert")).to_be_visible()
    assert len(heard()["saved"]) == 1


async def test_a_double_click_sends_one_form(panel, heard) -> None:
    await panel.get_by_label("Фамилия").fill("Иванова")
    await panel.get_by_role("button", name="Записать").last.dblclick()
    await expect(panel.get_by_text("Пациент сохранён.")).to_be_visible()
    assert len(heard()["saved"]) == 1


async def test_a_toast_survives_the_way_to_the_next_page(panel) -> None:
    await save(panel, "Далеко")
    await expect(panel.get_by_text("Сохранено, открыт список.")).to_be_visible()
    await expect(panel.locator("p-panel form")).to_have_count(0)


async def test_an_ended_session_leads_to_the_sign_in_and_back(panel) -> None:
    panel.on("dialog", lambda dialog: dialog.accept())
    await save(panel, "Выход")
    await expect(panel.get_by_role("heading", name="Вход")).to_be_visible()
    await expect(panel.locator("#next")).to_have_text("/list")


async def test_unsaved_changes_are_asked_about(panel) -> None:
    await panel.get_by_label("Фамилия").fill("Иванова")
    await expect(panel.get_by_text("Не сохранено")).to_be_visible()
    await panel.keyboard.press("Escape")
    question = panel.get_by_role("dialog", name="Закрыть без сохранения?")
    await question.get_by_role("button", name="Вернуться к форме").click()
    await expect(panel.get_by_label("Фамилия")).to_have_value("Иванова")
    await panel.keyboard.press("Escape")
    await question.get_by_role("button", name="Закрыть").click()
    await expect(panel.get_by_label("Фамилия")).to_have_count(0)


async def test_a_panel_without_changes_closes_at_once(panel) -> None:
    await panel.keyboard.press("Escape")
    await expect(panel.get_by_label("Фамилия")).to_have_count(0)
    await expect(panel.get_by_role("button", name="Добавить")).to_be_focused()


async def test_the_address_of_a_panel_opens_it(open_page) -> None:
    page = await open_page("/panel")
    await expect(page.get_by_role("dialog", name="Новый пациент")).to_be_visible()
    await expect(page.locator("p-panel input:focus")).to_have_attribute("name", "last_name")


async def test_a_picker_sends_what_was_chosen_by_keys(panel, heard) -> None:
    picker = panel.get_by_role("combobox", name="Представитель")
    await picker.press_sequentially("Мороз")
    await expect(panel.get_by_text("2 совпадения")).to_be_visible()
    await picker.press("ArrowDown")
    await picker.press("Enter")
    await expect(picker).to_have_value("Морозов Пётр Ильич")
    await panel.get_by_label("Телефон").press_sequentially("89123401289")
    await save(panel, "Иванова")
    await expect(panel.get_by_text("Пациент сохранён.")).to_be_visible()
    assert heard()["saved"][0]["patient_id"] == "6"
    assert heard()["saved"][0]["phone"] == "+7 912 340-12-89"


async def test_keys_work_by_place_and_are_silent_in_fields(open_page) -> None:
    page = await open_page("/list")
    await page.keyboard.press("Slash")
    search = page.get_by_role("combobox", name="Поиск пациента")
    await expect(search).to_be_focused()
    await page.keyboard.press("KeyN")
    await expect(search).to_have_value("n")
    await expect(page.get_by_label("Фамилия")).to_have_count(0)
    await search.blur()
    await page.keyboard.press("KeyN")
    await expect(page.get_by_label("Фамилия")).to_be_focused()


async def test_filters_and_sorting_live_in_the_address(open_page) -> None:
    page = await open_page("/list?sort=-name")
    await page.get_by_role("searchbox", name="Имя").fill("мор")
    await page.wait_for_url("**/list?q=%D0%BC%D0%BE%D1%80&sort=-name")
    await page.get_by_role("button", name="Период").click()
    await page.get_by_role("button", name="Сегодня").click()
    await page.wait_for_url("**from=*&to=*")
    await page.get_by_role("link", name="Имя").click()
    await page.wait_for_url("**sort=name")
    await expect(page.get_by_role("columnheader", name="Имя")).to_have_attribute("aria-sort", "ascending")
    await page.go_back()
    await page.wait_for_url("**sort=-name")
    await expect(page.get_by_role("searchbox", name="Имя")).to_have_value("мор")


async def test_a_menu_works_by_keys(open_page) -> None:
    page = await open_page("/list")
    button = page.get_by_role("button", name="Действия: Морозова")
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("menuitem", name="Изменить")).to_be_focused()
    await page.keyboard.press("ArrowUp")
    await expect(page.get_by_role("menuitem", name="Открыть")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(button).to_be_focused()
    await expect(page.get_by_role("menu")).to_have_count(0)


async def test_questions_of_page_and_server(open_page, heard) -> None:
    page = await open_page("/list")
    await page.get_by_role("button", name="Спросить").click()
    await page.get_by_role("dialog", name="Открыть форму?").get_by_role("button", name="Отмена").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.get_by_role("button", name="Спросить").click()
    await page.get_by_role("dialog").get_by_role("button", name="Открыть").click()
    await expect(page.get_by_label("Фамилия")).to_be_focused()
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Удалить").click()
    question = page.get_by_role("dialog", name="Удалить пациента?")
    await question.get_by_label("Причина").fill("Ошибка")
    await question.get_by_role("button", name="Удалить").click()
    await expect(page.get_by_text("Пациент сохранён.")).to_be_visible()
    await expect(question).to_have_count(0)
    assert heard()["saved"][0]["last_name"] == "Ошибка"


@pytest.mark.parametrize("script", [None, "delete window.SharedWorker"], ids=["worker", "lock"])
async def test_two_pages_share_one_stream_and_refetch_once(open_page, heard, script) -> None:
    here, there = await open_page("/list", script), await open_page("/list", script)
    for page in (here, there):
        await expect(page.locator("p-greeting")).to_have_text("Модуль загружен")
    await expect(here.locator("p-live")).to_have_attribute("data-state", "up")
    asked = heard()["asked"]["list"]
    await here.get_by_role("button", name="Добавить").click()
    await save(here, "Иванова")
    for page in (here, there):
        await expect(page.locator("#version")).to_have_text("Записей: 1\xa0имя".replace("\xa0", " "))
    assert heard()["asked"]["list"] == asked + 2
    assert heard()["streams"] == 1


async def test_theme_and_menu_are_remembered(open_page) -> None:
    page = await open_page("/list")
    await page.get_by_role("button", name="Меню: Кузнецова").click()
    await page.get_by_role("menuitemradio", name="Тёмная тема").click()
    await page.get_by_role("button", name="Свернуть").click()
    await page.reload()
    await expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    await expect(page.get_by_role("navigation", name="Главное меню")).to_have_css("width", "60px")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_everybody_can_use_it(workbench, browser, theme, size) -> None:
    context = await browser.new_context(base_url=workbench, color_scheme=theme, viewport=size, bypass_csp=True)
    page = await context.new_page()
    for path in ("/gallery", "/panel", "/off", "/sign-in"):
        await page.goto(path)
        await expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
        await check_accessibility(page)
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    await context.close()


async def test_the_first_page_is_light(open_page) -> None:
    page = await open_page("/list")
    size = await page.evaluate(
        """() => performance.getEntriesByType("resource")
             .filter(({name}) => /\\.(js|css)$/.test(name))
             .reduce((sum, {encodedBodySize}) => sum + encodedBodySize, 0)"""
    )
    assert 0 < size <= 150 * 1024
