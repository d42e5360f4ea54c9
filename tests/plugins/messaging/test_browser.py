"""The counter below the text, in a real browser."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Page, expect

from prikus.testing.browser import PHONE
from prikus_messaging.services.counting import count_parts
from tests.plugins.messaging.test_counting import TEXTS

Pages = Callable[..., Awaitable[Page]]
Check = Callable[..., Awaitable[None]]


@pytest.mark.spec("CRM-28", part="live counter")
async def test_the_browser_counts_as_the_server_does(page_as: Pages, check_accessibility: Check) -> None:
    page = await page_as("administrator", viewport=PHONE)
    await page.goto("/messaging/messages")
    await page.get_by_role("button", name="Отправить смс").click()
    panel = page.locator("#panel")
    await expect(panel.locator(".p-messaging-count")).to_have_text("Знаков: 0 · SMS: 0 · осталось знаков: 160")
    await panel.get_by_label("Текст сообщения").fill("ж" * 71)
    await expect(panel.locator(".p-messaging-count")).to_have_text("Знаков: 71 · SMS: 2 · осталось знаков: 63")
    await check_accessibility(page)
    loaded: list[str] = await page.evaluate("performance.getEntriesByType('resource').map(({ name }) => name)")
    [address] = [name for name in loaded if "messaging/counter" in name]
    script = "([from, texts]) => import(from).then(({ countParts }) => texts.map(countParts))"
    counted: list[Any] = await page.evaluate(script, [address, list(TEXTS)])
    for text, found in zip(TEXTS, counted, strict=True):
        ours = count_parts(text)
        assert (found["signs"], found["parts"], found["left"]) == (ours.signs, ours.parts, ours.left), text
