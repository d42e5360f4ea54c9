"""«Модули»: switching, what follows at once, and what the page says (SET-08, GEN-06)."""

import re

import pytest
from sqlalchemy import select

from prikus.access.models import AuditRecord
from prikus.settings.services import modules

ON_CALENDAR = "online_booking"
"""What is nothing without the calendar, and goes off with it."""


async def menu_of(client) -> list[str]:
    page = (await client.get("/trash/", follow_redirects=True)).text
    return re.findall(r'class="ui-side-item" href="(/[^"]*)"', page)


@pytest.mark.spec("SET-08", bites="prikus.settings.services.modules:_turn:await ctx.db.execute(")
async def test_a_switch_takes_menu_pages_and_api_away_and_brings_them_back(client_as) -> None:
    director, desk = await client_as("director"), await client_as("administrator")
    assert "/calendar/" in await menu_of(desk)
    off = await director.htmx.post("/settings/modules/calendar/off", data={"confirmed": ON_CALENDAR})
    assert off.status_code == 204
    assert "/calendar/" not in await menu_of(desk)
    page = await desk.get("/calendar/")
    assert page.status_code == 404
    assert "Выключен" in page.text
    assert "Данные сохранены" in page.text
    assert "Руководитель К." in page.text
    assert (await desk.get("/api/v1/calendar/day")).status_code == 404
    assert (await desk.post("/api/v1/calendar/appointments", json={})).status_code == 404
    assert (await director.htmx.post("/settings/modules/calendar/on")).status_code == 204
    assert (await desk.get("/calendar/", follow_redirects=True)).status_code == 200
    assert "/calendar/" in await menu_of(desk)


FORCED = ("billing", "fiscal", "integrations_evotor")


async def test_dependants_are_named_and_go_off_too(client_as, clinic) -> None:
    director = await client_as("director")
    question = (await director.htmx.get("/settings/modules/catalog/off")).text
    assert "Выключить модуль «Прайс-лист»?" in question
    assert "Платежи" in question
    assert "требует: Прайс-лист" in question
    assert "Выключить 4" in question
    unseen = await director.htmx.post("/settings/modules/catalog/off")
    assert unseen.status_code == 409
    seen = await director.htmx.post("/settings/modules/catalog/off", data={"confirmed": FORCED})
    assert seen.status_code == 204
    async with clinic.ctx_as("director") as ctx:
        assert {"core", "calendar"} <= ctx.clinic.effective
        assert not {"catalog", "billing"} & ctx.clinic.effective
        written = await ctx.db.scalars(
            select(AuditRecord.sentence).where(AuditRecord.action == "module.switched").order_by(AuditRecord.id)
        )
        also = [f"Модуль «{title}» выключен вместе с «Прайс-лист»" for title in ("Эвотор касса", "Чеки", "Платежи")]
        assert written.all() == [*also, "Модуль «Прайс-лист» выключен"]
    alone = await director.htmx.post("/settings/modules/billing/on")
    assert alone.status_code == 409
    assert "Прайс-лист" in alone.json()["sentence"]


async def test_what_others_lose_is_named(clinic) -> None:
    async with clinic.ctx_as("director") as ctx:
        found = modules.consequences(ctx, "calendar")
    assert [plugin.id for plugin in found.poorer] == ["billing", "telephony"]
    assert [one.plugin.id for one in found.dependants] == [ON_CALENDAR]


@pytest.mark.spec("GEN-06", bites="prikus.access.context:describe:return [")
async def test_the_menu_shows_what_is_bought_enabled_and_permitted(client_as, make_clinic, clinic, bare_plan) -> None:
    assert {"/calendar/", "/catalog/", "/staff/", "/settings/"} <= set(await menu_of(await client_as("director")))
    permitted = await menu_of(await client_as("administrator"))
    assert "/calendar/" in permitted
    assert "/settings/" not in permitted
    async with clinic.ctx_as("director") as ctx:
        await modules.switch(ctx, "calendar", False, confirmed=[ON_CALENDAR])
    enabled = await menu_of(await client_as("administrator"))
    assert "/calendar/" not in enabled
    assert "/patients/" in enabled
    bare = await make_clinic(plan=bare_plan)
    bought = await bare.client_as("director")
    assert "/calendar/" not in await menu_of(bought)
    assert "/catalog/" in await menu_of(bought)
    refused = await bought.get("/calendar/")
    assert refused.status_code == 404
    assert "не входит в тариф «Только прайс»" in refused.text


async def test_what_is_out_of_the_plan_is_shown_and_cannot_be_switched_on(make_clinic) -> None:
    start = await make_clinic(plan="start")
    director = await start.client_as("director")
    page = (await director.get("/settings/modules", params={"show": "out"})).text
    assert "Платежи" in page
    assert "Не входит в тариф" in page
    assert "module-calendar" not in page
    refused = await director.htmx.post("/settings/modules/billing/on")
    assert refused.status_code == 409
    assert "не входит в тариф «Старт»" in refused.json()["sentence"]


async def test_the_page_says_who_switched_and_when(client_as, clinic) -> None:
    director = await client_as("director")
    await director.htmx.post("/settings/modules/calendar/off", data={"confirmed": ON_CALENDAR})
    page = (await director.get("/settings/modules", params={"q": "календарь"})).text
    async with clinic.ctx_as("director") as ctx:
        switched = ctx.clinic.switches["calendar"]
        moment = switched.at.astimezone(ctx.clinic.zone).strftime("%d.%m.%Y, %H:%M")
        assert switched.by_name == ctx.actor.name
    assert f"{moment}, {switched.by_name}" in page


async def test_only_those_with_the_right_look_and_switch(client_as) -> None:
    desk = await client_as("administrator")
    assert (await desk.get("/settings/modules")).status_code == 403
    assert (await desk.htmx.post("/settings/modules/calendar/off")).status_code == 403
    assert (await desk.htmx.post("/settings/modules/calendar/on")).status_code == 403
    assert (await desk.get("/calendar/", follow_redirects=True)).status_code == 200


async def test_every_open_page_of_the_clinic_takes_its_new_menu(page_as) -> None:
    desk = await page_as("administrator")
    director = await page_as("director")
    await desk.goto("/patients/")
    entry = desk.locator("#side a[href='/calendar/']")
    await entry.wait_for()
    await director.goto("/settings/modules")
    await director.get_by_role("switch", name="Модуль «Календарь»").click()
    await director.get_by_role("button", name="Выключить 2 модуля").click()
    await entry.wait_for(state="detached")
    await director.locator("#side a[href='/calendar/']").wait_for(state="detached")
    assert await desk.locator("#side a[aria-current=page]").get_attribute("href") == "/patients/"
