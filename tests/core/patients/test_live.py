"""A page shows what colleagues change from the moment it is drawn, not only from when it listens."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, Route, expect
from sqlalchemy import text

from prikus.testing.clinics import TestClinic

from .conftest import Add

WITHOUT_WORKERS = "delete globalThis.SharedWorker"
PageAs = Callable[..., Awaitable[Page]]


class Held:
    """Requests of a page that stay on the way until `let_go`."""

    def __init__(self) -> None:
        self.came, self._free = asyncio.Event(), asyncio.Event()

    async def __call__(self, route: Route) -> None:
        self.came.set()
        await self._free.wait()
        await route.continue_()

    def let_go(self) -> None:
        self._free.set()


async def rename(clinic: TestClinic, patient_id: int) -> None:
    """A colleague does it elsewhere, and the word is out."""
    async with clinic.ctx_as("coordinator") as ctx:
        await ctx.db.execute(text("update core.patient set last_name = 'Котова' where id = :id"), {"id": patient_id})
        ctx.changed("patients.feed", patient_id)
    await clinic.house.runtime.settle()


async def test_what_happens_before_the_stream_is_open_is_shown(page_as: PageAs, clinic: TestClinic, add: Add) -> None:
    """The request of the stream is long on the way. Without a worker, since requests of one cannot be held."""
    anna, held = await add(), Held()
    page = await page_as("administrator")
    await page.add_init_script(WITHOUT_WORKERS)
    await page.route("**/live?*", held)
    await page.goto(f"/patients/{anna.id}")
    await held.came.wait()
    await rename(clinic, anna.id)
    held.let_go()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Котова Анна Викторовна")


@pytest.mark.parametrize("script", ["", WITHOUT_WORKERS], ids=["worker", "lock"])
async def test_what_happens_before_a_page_joins_the_stream_is_shown(
    page_as: PageAs, clinic: TestClinic, add: Add, script: str
) -> None:
    """The second page of a browser is drawn, and its script is long on the way. Without workers the first tab tells."""
    anna, held = await add(), Held()
    first = await page_as("administrator")
    await first.context.add_init_script(script)
    await first.goto(f"/patients/{anna.id}")
    await expect(first.locator("p-live")).to_have_attribute("data-state", "up")
    second = await first.context.new_page()
    await second.route("**/app*.js", held)
    await second.goto(f"/patients/{anna.id}", wait_until="commit")
    await held.came.wait()
    await rename(clinic, anna.id)
    await expect(first.get_by_role("heading", level=1)).to_have_text("Котова Анна Викторовна")
    held.let_go()
    await expect(second.locator("p-live")).to_have_attribute("data-state", "up")
    await expect(second.get_by_role("heading", level=1)).to_have_text("Котова Анна Викторовна")
