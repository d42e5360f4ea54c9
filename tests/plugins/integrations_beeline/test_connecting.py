"""«Подключить», staying subscribed, «Отключить»."""

from __future__ import annotations

from typing import Any

import pytest

from prikus_integrations_beeline.jobs import learn_people, stay_subscribed
from tests.plugins.integrations_beeline.conftest import Pbx, asked

SUBSCRIPTIONS = "select state, subscription_id from integrations_beeline.subscription order by id"


async def ours(pbx: Pbx) -> list[tuple[Any, ...]]:
    return await pbx.rows(SUBSCRIPTIONS)


async def theirs(pbx: Pbx) -> list[tuple[Any, ...]]:
    """What the exchange has, as we should have it written down."""
    return [("active", one["subscription_id"]) for one in (await pbx.kept())["subscriptions"]]


@pytest.mark.spec("INT-01", part="connecting")
async def test_a_good_token_connects_and_shows_only_its_end(pbx: Pbx) -> None:
    assert (await pbx.connect()).status_code == 204
    listed = (await pbx.director.get("/connections/")).text
    assert "3\xa0сотрудника" in listed
    assert len(await theirs(pbx)) == 1
    assert await ours(pbx) == await theirs(pbx)
    form = (await pbx.director.get(pbx.card)).text
    assert f"…{pbx.token[-4:]}" in form
    assert pbx.token not in form + listed
    assert "/webhooks/" not in form
    telephones = (await pbx.director.get("/telephony/extensions")).text
    assert "Лебедева Марина" in telephones
    assert "не закреплён" in telephones


@pytest.mark.parametrize("token", ["wrong", "wrong-html"])
async def test_a_wrong_token_is_said_whatever_the_body(pbx: Pbx, token: str) -> None:
    refused = await pbx.connect(token=token)
    assert refused.status_code == 409
    assert "Билайн не принимает этот токен" in refused.json()["sentence"]
    assert await ours(pbx) == []
    assert "не принимает этот токен" in (await pbx.director.get("/connections/")).text


async def test_what_does_not_answer_is_said_and_can_be_tried_again(pbx: Pbx) -> None:
    await pbx.faults(status=502, times=9, is_html=True, path="/subscription")
    refused = await pbx.connect()
    assert (refused.status_code, "код 502" in refused.json()["sentence"]) == (502, True)
    assert await ours(pbx) == []
    await pbx.faults(status=500, times=1)
    assert (await pbx.connect()).status_code == 204
    assert await ours(pbx) == await theirs(pbx)


async def test_it_is_renewed_by_what_was_granted_and_the_former_one_goes_last(connected: Pbx) -> None:
    await connected.faults(grant=7200)
    outside = await connected.clinic.outside_as("plugin:integrations_beeline")
    [(_, first)] = await ours(connected)
    await stay_subscribed(outside)
    assert await ours(connected) == [("active", first)]
    await _age(connected, "renew_at = now()")
    await stay_subscribed(outside)
    [(_, second)] = await ours(connected)
    assert second != first
    assert await ours(connected) == await theirs(connected)
    last = asked(await connected.kept(), "")[-3:]
    assert last == ["PUT /subscription", "GET /subscription", "DELETE /subscription"]
    left = "select round(extract(epoch from (expires_at - renew_at)) / 7200, 2) from integrations_beeline.subscription"
    assert [float(part) for [part] in await connected.rows(left)] == [0.2]


async def _age(pbx: Pbx, change: str) -> None:
    async with pbx.clinic.ctx_as("system") as ctx:
        connection = await ctx.db.connection()
        await connection.exec_driver_sql(f"update integrations_beeline.subscription set {change}")


async def test_one_that_the_exchange_has_lost_is_asked_for_again(connected: Pbx) -> None:
    await connected.faults(is_silent=True)
    [(_, first)] = await ours(connected)
    await connected.do("/advance/90000")
    await stay_subscribed(await connected.clinic.outside_as("plugin:integrations_beeline"))
    assert await ours(connected) == await theirs(connected)
    assert await ours(connected) != [("active", first)]


async def test_one_that_ran_out_while_the_module_was_off_is_asked_for_when_it_comes_back(connected: Pbx) -> None:
    module = "/settings/modules/integrations_beeline"
    assert (await connected.director.post(f"{module}/off")).status_code == 204
    await connected.clinic.drain()
    await connected.faults(is_silent=True)
    await connected.do("/advance/90000")
    assert await theirs(connected) == []
    assert (await connected.director.post(f"{module}/on")).status_code == 204
    await connected.clinic.drain()
    assert len(await theirs(connected)) == 1
    assert await ours(connected) == await theirs(connected)


async def test_one_that_is_ended_by_the_exchange_is_asked_for_at_once(connected: Pbx) -> None:
    [(_, first)] = await ours(connected)
    await connected.do("/advance/90000")
    assert await theirs(connected) == []
    await connected.clinic.drain_all()
    assert await ours(connected) == await theirs(connected)
    assert await ours(connected) not in ([], [("active", first)])
    await connected.play("missed")
    assert len(await connected.rows()) == 1


async def test_a_former_one_that_cannot_be_deleted_now_is_deleted_later(connected: Pbx) -> None:
    await _age(connected, "renew_at = now()")
    outside = await connected.clinic.outside_as("plugin:integrations_beeline")
    await connected.faults(status=400, times=1, path="/subscription", method="DELETE")
    await stay_subscribed(outside)
    assert [state for state, _ in await ours(connected)] == ["over", "active"]
    await connected.faults()
    await connected.play("missed")
    assert len(await connected.rows()) == 1
    await stay_subscribed(outside)
    assert await ours(connected) == await theirs(connected)


async def test_disconnecting_leaves_nothing_behind(connected: Pbx) -> None:
    await connected.ring("missed")
    assert (await connected.director.post(f"{connected.card}/disconnect")).status_code == 204
    assert await theirs(connected) == []
    assert await ours(connected) == []
    await connected.clinic.drain_all()
    assert set(await connected.rows("select state from core.webhook_delivery")) == {("ignored",)}
    refused = await connected.director.post(f"{connected.card}/connect")
    assert (refused.status_code, "стёрты при отключении" in refused.json()["sentence"]) == (409, True)


async def test_people_who_join_are_learnt(connected: Pbx) -> None:
    await connected.do("/people", count=5)
    await learn_people(await connected.clinic.outside_as("plugin:integrations_beeline"))
    query = "select number from telephony.extension order by number"
    assert [number for [number] in await connected.rows(query)] == ["101", "102", "103", "104", "105"]
    await connected.do("/people", count=2)
    await learn_people(await connected.clinic.outside_as("plugin:integrations_beeline"))
    assert [number for [number] in await connected.rows(query)] == ["101", "102"]
