"""From the queue to the telephone: nothing lost, nothing sent twice, nothing too late."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from prikus.access.leasing import Rest
from prikus.patients.services.erasing import erase_patient
from prikus_messaging.public import Outcome, ask_soon, note_status
from prikus_messaging.services import sending
from tests.plugins.messaging.provider.conftest import NUMBER, Post
from tests.plugins.newborn import connected

ALL = 99
FAULTS = {
    "broken": ["unknown", "unknown", "accepted"],
    "cut": ["unknown", "unknown", "accepted"],
    "limit": ["queued", "accepted", "accepted"],
    "lost": ["unknown", "accepted", "accepted"],
    "money": ["queued", "accepted", "accepted"],
}
"""The state after each look, as if all pauses were over. What is absent at the second question is sent at once."""


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_may_have_left_is_asked_for_and_not_sent_blindly(post: Post, fault: str) -> None:
    await post.fake.misbehave(fault)
    message = await post.write()
    assert [state for _ in FAULTS[fault] for state in await post.work()] == FAULTS[fault]
    assert await post.sent() == [str(message)]


async def test_a_person_decides_where_the_service_says_nothing(post: Post) -> None:
    pigeon = Post(await connected(post.clinic, "pigeon"))
    await post.linked.disconnect()
    await pigeon.fake.misbehave("lost", 2)
    first, second = await pigeon.write(), await pigeon.write()
    assert await pigeon.work(3) == ["unknown", "unknown"]
    listed = (await post.director.get("/messaging/messages?status=unknown")).text
    assert "2 сообщения ждут решения" in listed
    panel = (await post.director.get(f"/messaging/messages/{first}")).text
    assert "Ответ сервиса потерялся" in panel
    for message, state in ((first, "accepted"), (second, "failed")):
        path = f"/messaging/messages/{message}/decide"
        assert (await post.director.post(path, data={"state": state})).status_code == 204
        assert (await post.director.post(path, data={"state": state})).status_code == 409
    assert await pigeon.work(2) == ["accepted", "failed"]
    assert await pigeon.sent() == [str(first), str(second)]
    again = (await post.director.get(f"/messaging/messages/new?again={second}")).text
    assert "ждём вас завтра" in again


async def test_a_service_that_rests_is_not_asked_by_the_others(post: Post) -> None:
    await post.fake.misbehave("limit", ALL)
    for _ in range(3):
        await post.write()
    before = await post.fake.last()
    await post.work()
    assert len(await post.fake.log("in", after=before)) == 1
    assert (await post.linked.state())[0] == "failing"
    await post.fake.misbehave("limit", 0)
    assert await post.work(2) == ["accepted"] * 3
    assert (await post.linked.state())[0] == "on"


async def test_a_service_without_money_goes_on_when_it_is_tried_with_success(post: Post) -> None:
    await post.fake.misbehave("money")
    await post.write()
    await post.work()
    said = "На счету сервиса нет денег. Пополните счёт: сообщения уйдут сами."
    assert await post.rows("state, error") == [("queued", said)]
    assert await post.linked.state() == ("failing", said)
    await post.clinic.run_scheduled("messaging")
    await post.clinic.drain()
    assert await post.sent() == [], "it rests ten minutes"
    assert (await post.linked.connect()).status_code == 204
    await post.clinic.change("update messaging.outbound_message set next_at = now()")
    await post.clinic.run_scheduled("messaging")
    await post.clinic.drain()
    assert await post.rows("state, error") == [("accepted", None)]
    assert await post.linked.state() == ("on", None)


@pytest.mark.parametrize("is_off", [False, True])
async def test_what_is_too_late_is_not_sent_any_more(post: Post, is_off: bool) -> None:
    async with post.clinic.ctx_as("director") as ctx:
        soon = ctx.now() + dt.timedelta(minutes=5)
    await post.write(expires_at=soon)
    await post.clinic.change("update messaging.outbound_message set expires_at = now() - interval '1 minute'")
    if is_off:
        await post.linked.disconnect()
        await post.clinic.run_scheduled("messaging")
    await post.work()
    assert await post.rows("state, next_at, error is not null") == [("failed", None, True)]
    assert await post.sent() == []


async def test_what_a_dead_worker_was_sending_is_asked_for(post: Post) -> None:
    await post.write()
    await post.clinic.change("update messaging.outbound_message set state = 'sending', tried_at = now();")
    hold = (
        "insert into messaging.message_channel (connection_id, lease_token, lease_until) values ({}, 'dead', now() {})"
    )
    await post.clinic.change(hold.format(post.linked.id, "+ interval '1 minute'"))
    assert await post.work() == ["sending"]
    await post.clinic.change("update messaging.message_channel set lease_until = now() - interval '1 second'")
    before = await post.fake.last()
    assert await post.work(2) == ["unknown"]
    asked = [line["text"] for line in await post.fake.log("in", after=before)]
    assert set(asked) == {"GET /messages"}
    assert await post.work(2) == ["accepted"]
    assert len(await post.sent()) == 1


async def test_workers_at_once_send_each_message_once(post: Post) -> None:
    for _ in range(5):
        await post.write()
    outside = await post.clinic.outside_as("plugin:messaging")
    await asyncio.gather(*(sending.work(outside, post.linked.id) for _ in range(4)))
    assert await post.work() == ["accepted"] * 5
    assert len(await post.sent()) == 5


async def test_a_word_may_come_before_the_answer_and_of_strangers_nothing_is_heard(post: Post) -> None:
    message = await post.write()
    delivered = Outcome(state="delivered", external_id="x-1")
    async with post.clinic.ctx_as("plugin:postman") as ctx:
        assert not await note_status(ctx, post.linked.id + 1, delivered, message_id=message)
        assert not await note_status(ctx, post.linked.id, delivered, message_id=10**30)
        assert not await note_status(ctx, post.linked.id, delivered, external_id="x-1")
        assert not await note_status(ctx, post.linked.id, delivered)
    assert await post.rows("state") == [("queued",)]
    async with post.clinic.ctx_as("plugin:postman") as ctx:
        assert await note_status(ctx, post.linked.id, delivered, message_id=message)
        assert await note_status(ctx, post.linked.id, Outcome(state="accepted"), external_id="x-1")
        assert await note_status(ctx, post.linked.id, Outcome(state="failed"), external_id="x-1")
        with pytest.raises(ValueError, match="unknown"):
            await note_status(ctx, post.linked.id, Outcome(state="unknown"), external_id="x-1")
    assert await post.work(2) == ["delivered"]
    assert await post.sent() == []


async def test_a_message_that_waits_can_be_taken_back_and_one_that_left_cannot(post: Post) -> None:
    waiting = await post.write()
    path = f"/messaging/messages/{waiting}/cancel"
    assert (await post.director.post(path)).status_code == 204
    left = await post.write()
    assert await post.work() == ["failed", "accepted"]
    assert (await post.director.post(path)).status_code == 409
    assert (await post.director.post(f"/messaging/messages/{left}/cancel")).status_code == 409
    assert await post.sent() == [str(left)]


async def test_a_patient_who_is_erased_gets_nothing_that_waits(post: Post) -> None:
    patient = await post.clinic.patient(phone=NUMBER)
    left = await post.write(patient_id=patient)
    await post.work()
    await post.write(patient_id=patient)
    async with post.clinic.ctx_as("director") as ctx:
        await erase_patient(ctx, patient, "Заявление")
    await post.work(2)
    assert await post.rows("state, address, text, next_at") == [("accepted", "", "", None), ("failed", "", "", None)]
    assert await post.sent() == [str(left)]


async def test_of_an_erased_patient_nothing_is_asked_and_a_person_decides_what_was_lost(post: Post) -> None:
    patient = await post.clinic.patient(phone=NUMBER)
    left = await post.write(patient_id=patient)
    await post.work()
    await post.fake.misbehave("lost")
    lost = await post.write(patient_id=patient)
    assert await post.work() == ["accepted", "unknown"]
    await post.write(patient_id=patient)
    async with post.clinic.ctx_as("director") as ctx:
        await erase_patient(ctx, patient, "Заявление")
    told = "select payload->>'state' from core.outbox_event where name = 'message.status_changed' order by id desc"
    assert await post.clinic.rows(told) == [("failed",), ("unknown",), ("accepted",)]
    before = await post.fake.last()
    async with post.clinic.ctx_as("plugin:postman") as ctx:
        for message in (left, lost):
            assert await ask_soon(ctx, post.linked.id, message_id=message)
        assert await note_status(ctx, post.linked.id, Outcome(state="accepted"), message_id=left)
    assert await post.work(2) == ["accepted", "unknown", "failed"]
    assert await post.fake.log("in", after=before) == []
    assert "1 сообщение ждёт решения" in (await post.director.get("/messaging/messages")).text
    panel = (await post.director.get(f"/messaging/messages/{lost}")).text
    assert "Ответ сервиса потерялся" in panel
    assert "Не ушло" in panel
    path = f"/messaging/messages/{lost}/decide"
    assert (await post.director.post(path, data={"state": "accepted"})).status_code == 204


async def test_what_is_being_sent_when_the_patient_is_erased_is_not_asked_for(post: Post) -> None:
    patient = await post.clinic.patient(phone=NUMBER)
    sent = await post.write(patient_id=patient)
    await post.clinic.change("update messaging.outbound_message set state = 'sending', tried_at = now()")
    async with post.clinic.ctx_as("director") as ctx:
        await erase_patient(ctx, patient, "Заявление")
    before = await post.fake.last()
    assert await post.work(2) == ["unknown"]
    assert await post.fake.log("in", after=before) == []
    assert "Не ушло" in (await post.director.get(f"/messaging/messages/{sent}")).text


async def test_a_service_that_goes_off_lets_its_queue_go(post: Post) -> None:
    await post.write()
    outside = await post.clinic.outside_as("plugin:messaging")
    async with outside.unit() as own:
        await sending.MessageQueue(post.linked.id).claim(own, "mine")
    await post.linked.disconnect()
    async with outside.unit() as own:
        assert await sending.MessageQueue(post.linked.id).claim(own, "mine") == Rest(None)
    lease = "select lease_token, lease_until from messaging.message_channel"
    assert await post.clinic.rows(lease) == [(None, None)]


async def test_the_feed_tells_of_it_once(post: Post) -> None:
    patient = await post.clinic.patient(phone=NUMBER)
    await post.write(patient_id=patient)
    await post.work()
    await post.linked.fake.press("delivered", account=post.linked.fields["token"])
    await post.clinic.drain()
    assert await post.work() == ["delivered"]
    feed = (await post.director.get(f"/patients/{patient}/feed")).text
    assert feed.count("Отправлено сообщение") == 1
