"""Login and password, a permanent key, tokens that expire, accounts that may not."""

from __future__ import annotations

import pytest

from prikus.testing.contract.connections import Linked
from tests.plugins.integrations_diagnocat.conftest import Desk, account

TOKEN = "POST /v2/auth/token"


async def test_one_token_is_enough_for_everything(desk: Desk) -> None:
    before = await desk.fake.last()
    await desk.start(await desk.add())
    assert await desk.work() == ["ready"]
    assert TOKEN not in await desk.requests(before)


async def test_a_token_that_has_expired_is_replaced_once(desk: Desk) -> None:
    await desk.press("expire")
    before = await desk.fake.last()
    await desk.start(await desk.add())
    assert await desk.work() == ["ready"]
    assert (await desk.requests(before)).count(TOKEN) == 1


async def test_a_password_that_was_changed_there_rests_the_connection(desk: Desk) -> None:
    await desk.press("expire")
    await desk.fake.misbehave("password", 99)
    await desk.start(await desk.add())
    await desk.clinic.drain()
    assert await desk.linked.state() == (
        "failing",
        "Diagnocat не принимает логин и пароль. Введите те, с которыми вы входите на его сайт.",
    )
    await desk.fake.misbehave("password", 0)
    assert await desk.work() == ["ready"]


async def test_connecting_tries_the_password_although_a_token_is_kept(desk: Desk) -> None:
    await desk.fake.misbehave("password")
    refused = await desk.linked.connect()
    assert refused.status_code == 422
    assert "Diagnocat не принимает логин и пароль" in refused.text


@pytest.mark.parametrize("right", [True, False])
async def test_a_permanent_key_takes_the_place_of_login_and_password(linked: Linked, right: bool) -> None:
    fields = account()
    key = fields["login"].replace("clinic-", "key-" if right else "strange-", 1)
    answer = await linked.connect(**{**fields, "login": "", "password": key})
    assert answer.status_code == (204 if right else 422), answer.text
    if right:
        desk = Desk(linked)
        await desk.start(await desk.add())
        assert await desk.work() == ["ready"]
    else:
        assert "Diagnocat не узнаёт этот ключ" in answer.text


async def test_an_account_without_the_api_is_told_whom_to_ask(desk: Desk) -> None:
    await desk.fake.misbehave("refused")
    answer = await desk.linked.connect()
    assert answer.status_code == 409
    assert "Попросите support@diagnocat.com включить доступ к API." in answer.text


async def test_where_there_is_no_list_of_participants_patients_are_asked_for(desk: Desk) -> None:
    await desk.fake.misbehave("old")
    before = await desk.fake.last()
    assert (await desk.linked.connect()).status_code == 204
    assert await desk.requests(before) == [TOKEN, "GET /v2/participants", "GET /v2/patients"]


async def test_the_other_region_is_another_host(linked: Linked) -> None:
    assert (await linked.connect(**{**account(), "region": "eu"})).status_code == 204
    desk = Desk(linked)
    assert await desk.clinic.rows("select distinct host from core.send_record") == [("eu.diagnocat.com",)]


async def test_what_is_to_be_paid_is_said_as_the_service_says_it(desk: Desk) -> None:
    await desk.fake.misbehave("money", 99)
    await desk.start(await desk.add())
    await desk.clinic.drain()
    assert await desk.linked.state() == ("failing", "Diagnocat просит оплату: анализы закончились.")


async def test_names_of_signs_that_cannot_be_read_are_refused_beside_their_field(linked: Linked) -> None:
    refused = await linked.connect(**{**account(), "signs": "1044=Кариес; всё подряд"})
    assert refused.status_code == 422
    assert "Не понимаем «всё подряд»" in refused.text
