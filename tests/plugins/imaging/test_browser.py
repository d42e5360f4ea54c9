"""Adding an image and deciding about a finding, in a real browser."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import insert

from prikus.testing.browser import PHONE
from prikus.testing.clinics import TestClinic
from prikus_imaging.models import Finding, ImageAnalysis
from prikus_imaging.testing import jpeg

Pages = Callable[..., Awaitable[Page]]
Check = Callable[..., Awaitable[None]]


@pytest.mark.parametrize("size", [None, PHONE], ids=["desk", "phone"])
async def test_an_image_is_added_and_its_finding_decided(
    clinic: TestClinic, page_as: Pages, check_accessibility: Check, tmp_path: Path, size: dict[str, int] | None
) -> None:
    patient = await clinic.patient()
    file = tmp_path / "опг.jpg"
    file.write_bytes(jpeg())
    page = await page_as("doctor", **({"viewport": size} if size else {}))
    await page.goto(f"/patients/{patient}?tab=imaging")
    await page.get_by_role("button", name="Добавить снимок").click()
    panel = page.locator("#panel")
    await panel.get_by_role("button", name="Добавить").click()
    await expect(panel.get_by_text("Выберите файл.")).to_be_visible()
    await panel.locator("input[type=file]").set_input_files(file)
    await panel.get_by_label("Вид снимка").select_option("periapical")
    await panel.get_by_label("Комментарий").fill("До лечения")
    await check_accessibility(page)
    await panel.get_by_role("button", name="Добавить").click()
    tile = page.get_by_role("link", name="Прицельный снимок от")
    await expect(tile).to_be_visible()
    await expect(page.get_by_text("До лечения")).to_be_visible()
    await expect(tile.locator("img")).not_to_have_js_property("naturalWidth", 0)
    await check_accessibility(page)
    await tile.click()
    await page.wait_for_url("**/imaging/images/*")
    await with_finding(clinic, int(page.url.rsplit("/", 1)[1]))
    await page.reload()
    await page.get_by_role("button", name="Принять").click()
    await expect(page.get_by_text("Находка принята.")).to_be_visible()
    await expect(page.locator("[data-finding]")).to_contain_text("Принята")
    await page.get_by_role("button", name="Отменить решение").click()
    await page.get_by_role("button", name="Отклонить").click()
    await expect(page.locator("[data-finding]")).to_contain_text("Отклонена")
    await check_accessibility(page)


async def with_finding(clinic: TestClinic, image: int) -> None:
    """What a service that is gone meanwhile has found."""
    async with clinic.ctx_as("system") as ctx:
        made = insert(ImageAnalysis).values(image_id=image, service="Зоркий глаз", state="ready", next_at=None)
        analysis = (await ctx.db.execute(made.returning(ImageAnalysis.id))).scalar_one()
        await ctx.db.execute(
            insert(Finding).values(analysis_id=analysis, tooth="46", code="caries", title="Кариес дентина")
        )
