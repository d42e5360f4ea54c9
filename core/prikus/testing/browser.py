"""A real browser for tests: Chromium of the machine, a signed-in page for each person."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, async_playwright, expect

from prikus.app.door import cookie_name
from prikus.config import Config

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PATIENCE_MS = 20_000
"""So long a page is waited for, whatever is expected of it: a busy machine fails no test."""


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """The machine's Chromium, without a window. What `expect` waits for may take as long as any other thing."""
    expect.set_options(timeout=PATIENCE_MS)
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    assert path is not None, "Chromium is missing: sudo apt-get install chromium"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        await browser.close()


class Faults(list[str]):
    """What went wrong in pages: exceptions of scripts and what the content policy refused."""

    def watch(self, page: Page) -> None:
        page.on("pageerror", lambda error: self.append(f"{page.url}: {error}"))
        page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.append(message.text)


async def profile(browser: Browser, url: str, **options: Any) -> BrowserContext:
    """A profile of its own, for pages in Russian on a desk's screen. `options` go to Playwright's context."""
    settings: dict[str, Any] = {"base_url": url, "viewport": DESKTOP, "locale": "ru-RU", "reduced_motion": "reduce"}
    context = await browser.new_context(**{**settings, **options})
    context.set_default_timeout(PATIENCE_MS)
    return context


async def open_page(
    browser: Browser, url: str, config: Config, key: str | None, faults: Faults, **options: Any
) -> Page:
    """A page of a browser profile of its own, signed in with a session's key. `options` go to Playwright's context."""
    context = await profile(browser, url, **options)
    if key is not None:
        host = url.split("//", 1)[1].split(":", 1)[0]
        cookie = {"name": cookie_name(config), "value": key, "domain": host, "path": "/"}
        await context.add_cookies([{**cookie, "secure": not config.insecure, "httpOnly": True, "sameSite": "Lax"}])  # type: ignore[list-item]
    page = await context.new_page()
    faults.watch(page)
    return page


async def check_accessibility(page: Page, *excluded: str) -> None:
    """Fails when axe finds a breach of WCAG 2.1 A or AA in the page. `excluded` are selectors of what is not ours."""
    rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
    context = {"exclude": [[selector] for selector in excluded]} if excluded else None
    found = await Axe().run(page, context=context, options=rules)
    breaches = [(v["id"], v["help"], [n["target"] for n in v["nodes"]][:5]) for v in found.response["violations"]]
    assert not breaches, breaches
