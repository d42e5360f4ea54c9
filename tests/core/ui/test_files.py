"""The field of a file: what it refuses by itself, how it is sent, what stays when the server refuses."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from prikus.testing.browser import PHONE, check_accessibility


def chosen(size: int, name: str = "снимок.jpg") -> dict[str, object]:
    return {"name": name, "mimeType": "image/jpeg", "buffer": b"x" * size}


@pytest.fixture
async def form(open_page):
    page = await open_page("/list")
    await page.evaluate("import('@prikus/ui').then(({ openPanel }) => openPanel('/file'))")
    await expect(page.get_by_label("Снимок")).to_be_visible()
    return page


async def test_a_file_is_sent_with_the_other_fields_and_the_token(form, heard) -> None:
    await expect(form.get_by_text("JPEG до 100\xa0КБ, PNG до 200\xa0КБ")).to_be_visible()
    await form.get_by_label("Зуб").fill("48")
    await form.get_by_label("Снимок").set_input_files(chosen(70_000))
    await form.keyboard.press("Control+Enter")
    await expect(form.get_by_text("Снимок загружен.")).to_be_visible()
    token = {"csrf_token": "token", "header": "token"}
    assert heard()["saved"] == [{"name": "снимок.jpg", "size": "70000", "tooth": "48", **token}]


async def test_what_is_too_large_is_not_sent(form, heard) -> None:
    await form.get_by_label("Снимок").set_input_files(chosen(200_001))
    await expect(form.locator(".ui-error").get_by_text("Файл больше 0,2 МБ: выберите другой.")).to_be_visible()
    await expect(form.get_by_label("Снимок")).to_have_value("")
    assert heard()["saved"] == []


async def test_a_refusal_stands_beside_the_field_and_the_file_stays_chosen(form, heard) -> None:
    await form.get_by_label("Зуб").fill("49")
    await form.get_by_label("Снимок").set_input_files(chosen(10))
    await form.keyboard.press("Control+Enter")
    await expect(form.get_by_text("Это не снимок.")).to_be_visible()
    await form.get_by_label("Зуб").fill("48")
    await form.keyboard.press("Control+Enter")
    await expect(form.get_by_text("Снимок загружен.")).to_be_visible()
    assert [one["size"] for one in heard()["saved"]] == ["10", "10"]


async def test_the_field_can_be_used_by_everybody_and_on_a_phone(open_page) -> None:
    page = await open_page("/file")
    await page.set_viewport_size(PHONE)
    await check_accessibility(page)
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
