"""«Ключи API» on a telephone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from playwright.async_api import Page, expect

from prikus.testing.browser import PHONE


async def test_the_open_tab_of_a_long_row_is_in_sight(page_as: Callable[..., Awaitable[Page]]) -> None:
    page = await page_as("director", viewport=PHONE)
    for path, title in (("/settings/modules", "Модули"), ("/developers/webhooks", "Вебхуки")):
        await page.goto(path)
        await expect(page.get_by_role("link", name=title, exact=True)).to_be_in_viewport(ratio=1)
