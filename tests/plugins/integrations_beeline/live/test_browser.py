"""From «Подключить» in a browser to the card on the right screen, over real processes and real HTTP."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from playwright.async_api import Page, expect

from prikus.testing.clinics import TestClinic
from prikus_calendar.schemas import NewAppointment
from prikus_calendar.services.booking import book
from prikus_integrations_beeline.fake import HOST
from prikus_telephony.services.extensions import add_extension
from tests.contract.samples import DAY, new_desk
from tests.plugins.billing.conftest import furnish
from tests.plugins.telephony.conftest import NUMBER
from tests.plugins.telephony.test_browser import CARD, Check, Pages, listening


async def connect(page: Page, token: str) -> int:
    """The director's way; the connection's number."""
    await page.goto("/connections/")
    await page.get_by_role("button", name="Выбрать интеграцию").first.click()
    await page.get_by_role("button", name="Beeline Звонки").click()
    await page.get_by_label("API-токен").fill(token)
    await page.get_by_role("button", name="Сохранить").click()
    await page.get_by_role("button", name="Подключить").click()
    card = page.locator(".ui-module", has_text="В облачной АТС 3\xa0сотрудника")
    await expect(card).to_be_visible()
    heading = await card.locator("h2").get_attribute("id")
    assert heading is not None
    return int(heading.removeprefix("connection-"))


async def known_patient(clinic: TestClinic) -> None:
    """Морозова owes money and comes on `DAY`."""
    desk = await furnish(clinic.ctx_as)
    await desk.invoice()
    place = await new_desk(clinic, "Врачёв")
    wish = NewAppointment(
        patient_id=desk.patient_id,
        chair_id=int(place.chair),
        doctor_id=int(place.doctor),
        date=DAY,
        starts=dt.time(10),
        ends=dt.time(11),
    )
    async with clinic.ctx_as("administrator") as ctx:
        await book(ctx, wish, str(uuid.uuid4()))


@pytest.mark.spec("INT-01", part="card of a call of the exchange")
async def test_a_call_opens_the_card_where_the_telephone_rings(
    clinic: TestClinic,
    page_as: Pages,
    staff: Callable[..., Awaitable[Any]],
    fakes: dict[str, str],
    check_accessibility: Check,
    capsys: pytest.CaptureFixture[str],
) -> None:
    token = f"00000000-0000-4000-8000-{uuid.uuid4().hex[:12]}"
    connection = await connect(await page_as("director"), token)
    await known_patient(clinic)
    colleague = await staff("administrator", last_name="Лебедева")
    async with clinic.ctx_as("director") as ctx:
        await add_extension(ctx, connection, "102", colleague.staff_id)
        await add_extension(ctx, connection, "101", (await clinic.person("administrator")).staff_id)
    hers, other = await page_as(colleague), await page_as("administrator")
    for page in (hers, other):
        await listening(page)
    async with httpx.AsyncClient(base_url=f"{fakes[HOST]}/_control", timeout=60) as fake:
        playing = {"account": token, "client": NUMBER, "first": "102", "seconds": "70"}
        began = time.monotonic()
        await fake.post("/scenarios/answered", data=playing)
        card = hers.locator(CARD)
        await expect(card).to_be_visible()
        took = time.monotonic() - began
        with capsys.disabled():
            print(f"\nfrom the exchange's event to the card: {took:.2f} s")
        for words in ("Морозова Анна", "Долг", "9\xa0100,00", "16.03.2055, 10:00", "Записать"):
            await expect(card).to_contain_text(words)
        await check_accessibility(hers)
        await expect(card).to_contain_text("Разговор")
        assert await other.locator(CARD).count() == 0
        log = (await fake.get(f"/{token}")).json()["log"]
        assert {one["status"] for one in log if "sent" in one} == {200}
    await asyncio.wait_for(_saved(hers), 30)


async def _saved(page: Page) -> None:
    """The key that the card proposes opens the booking of this patient."""
    await page.keyboard.press("Enter")
    await expect(page.locator("#panel")).to_contain_text("Новая запись")
