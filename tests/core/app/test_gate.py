"""What is off is nowhere: every method of every door says so in the same words (contract 3)."""

import pytest
from sqlalchemy import select

from prikus.access.models import AuditRecord
from prikus.settings.services.modules import switch
from prikus_teahouse.models import Tea

DOORS = [
    ("GET", "/teahouse/teas"),
    ("HEAD", "/teahouse/teas"),
    ("POST", "/teahouse/teas/улун/well"),
    ("GET", "/teahouse/pairs"),
    ("GET", "/api/v1/teahouse/teas"),
    ("GET", "/teahouse/nowhere/at/all"),
    ("GET", "/teahouse"),
    ("GET", "/api/v1/teahouse/nowhere"),
    ("DELETE", "/teahouse/teas"),
    ("PUT", "/api/v1/teahouse/teas"),
    ("OPTIONS", "/teahouse/teas"),
]


async def turn(clinic, on: bool) -> None:
    async with clinic.ctx_as("director") as ctx:
        await switch(ctx, "teahouse", on, confirmed=() if on else ("biscuits",))
    if on:
        async with clinic.ctx_as("director") as ctx:
            await switch(ctx, "biscuits", on=True)


async def test_every_door_opens_while_it_is_on(client_as) -> None:
    client = await client_as("director")
    for method, path in DOORS[:5]:
        answer = await client.request(method, path)
        expected = (200, 405, 303) if method in ("HEAD", "POST") else (200,)
        assert answer.status_code in expected, (method, path)


@pytest.mark.parametrize(("method", "path"), DOORS)
async def test_every_door_is_closed_with_the_reason_while_it_is_off(clinic, client_as, method: str, path: str) -> None:
    await turn(clinic, on=False)
    answer = await (await client_as("director")).request(method, path)
    assert answer.status_code == 404
    if method != "HEAD":
        assert "Выключен" in answer.text
        assert "/settings/modules" in answer.text


async def test_somebody_who_cannot_switch_is_told_who_can(clinic, client_as) -> None:
    await turn(clinic, on=False)
    answer = await (await client_as("doctor")).get("/teahouse/teas")
    assert answer.status_code == 404
    assert "Включить его может Руководитель К." in answer.text


async def test_what_the_plan_lacks_says_so(make_clinic) -> None:
    clinic = await make_clinic(plan="start")
    answer = await (await clinic.client_as("director")).get("/teahouse/teas")
    assert answer.status_code == 404
    assert "не входит в тариф «Старт»" in answer.text


async def test_what_requires_something_that_is_off_is_off(clinic, client_as, ctx_as) -> None:
    await turn(clinic, on=False)
    async with ctx_as("director") as ctx:
        assert ctx.clinic.effective == {"core"}
        assert await ctx.ask("may_brew", tea="улун") == []


async def test_a_joining_room_closes_with_either_of_both(clinic, client_as, ctx_as) -> None:
    client = await client_as("director")
    assert (await client.get("/teahouse/pairs")).json() == ["чёрный", "к печенью"]
    async with ctx_as("director") as ctx:
        await switch(ctx, "biscuits", on=False)
    assert (await client.get("/teahouse/pairs")).status_code == 404
    assert (await client.get("/teahouse/teas")).status_code == 200


async def test_switching_shows_at_the_next_request_of_every_session(clinic, client_as) -> None:
    sessions = [await client_as(group) for group in ("director", "administrator", "doctor")]
    for on, status in ((False, 404), (True, 200), (False, 404)):
        await turn(clinic, on)
        for session in sessions:
            assert (await session.get("/teahouse/teas")).status_code == status


async def test_switching_off_and_on_keeps_the_data_and_says_who_did_it(clinic, ctx_as, drain) -> None:
    async with ctx_as("director") as ctx:
        ctx.db.add(Tea(name="сохранённый"))
    await turn(clinic, on=False)
    await drain()
    async with ctx_as("system") as ctx:
        said = list(await ctx.db.scalars(select(AuditRecord.sentence).order_by(AuditRecord.id)))
        assert await ctx.db.scalar(select(Tea.id).where(Tea.name == "сохранённый"))
    assert said == [
        "Модуль «Печенье» выключен вместе с «Чайная»",
        "Модуль «Чайная» выключен",
        "Чайная закрыта",
    ]


async def test_the_menu_forgets_what_is_off(clinic, ctx_as) -> None:
    async with ctx_as("director") as ctx:
        assert "/teahouse/teas" in [item.href for item in ctx.menu]
    await turn(clinic, on=False)
    async with ctx_as("director") as ctx:
        assert "/teahouse/teas" not in [item.href for item in ctx.menu]


async def test_a_stranger_is_sent_to_sign_in_by_every_door(stranger) -> None:
    for path in ("/teahouse/teas", "/api/v1/teahouse/teas", "/teahouse/pairs"):
        answer = await stranger.get(path, headers={"Accept": "text/html"})
        assert answer.status_code in (303, 401), path
        assert "чёрный" not in answer.text


async def test_unknown_addresses_of_a_module_that_is_on_are_plain_404_and_405(client_as) -> None:
    client = await client_as("director")
    assert (await client.get("/teahouse/nowhere")).status_code == 404
    assert (await client.delete("/teahouse/teas")).status_code == 405
    assert "Чайная" not in (await client.get("/nowhere")).text
