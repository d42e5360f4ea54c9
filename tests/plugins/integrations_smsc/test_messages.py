"""What the service answers, and what becomes of messages by it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from prikus.testing.clinics import Client, TestClinic
from prikus.testing.contract.connections import Linked
from prikus_integrations_smsc.fake import HOST
from prikus_integrations_smsc.schemas import StatusSaid
from prikus_integrations_smsc.services.messages import outcome_of
from prikus_messaging.public import NewMessage, send_message
from prikus_messaging.testing import come_due, hurry, states
from tests.plugins.integrations_smsc.conftest import account

NUMBER = "+79161234567"


async def write(center: Linked, words: str = "Ждём вас завтра в 10:00") -> int:
    async with center.clinic.ctx_as("director") as ctx:
        return await send_message(ctx, NewMessage(text=words, phone=NUMBER))


async def work(center: Linked, times: int = 1) -> list[str]:
    for _ in range(times):
        await hurry(center.clinic)
        await center.clinic.drain()
    return await states(center.clinic)


async def rows(center: Linked, what: str) -> list[Any]:
    return await center.clinic.rows(f"select {what} from messaging.outbound_message order by id")


@pytest.mark.spec("INT-07", part="sends and reads statuses")
async def test_a_message_is_sent_paid_and_delivered(center: Linked) -> None:
    message = await write(center, "ж" * 71)
    assert await work(center) == ["accepted"]
    assert await rows(center, "external_id, parts, cost") == [(str(message), 2, Decimal("9.2"))]
    await center.fake.press("delivered", account=center.fields["login"])
    await center.clinic.drain()
    assert await states(center.clinic) == ["delivered"], "the word had the service asked"


async def test_words_are_a_hint_and_of_strangers_nothing(center: Linked, stranger: Client) -> None:
    message = await write(center)
    await work(center)
    place = await center.path()
    for lie in ({"id": message, "status": 1}, {"id": message, "status": 20}, {"id": 10**9, "status": 1}):
        assert (await stranger.get(place, params={**lie, "phone": NUMBER[1:]})).text == "OK"
    for other in ({"phone": NUMBER[1:], "mes": "Приду", "to": "7000"}, {"id": "1" * 5000, "status": 1}):
        assert (await stranger.post(place, data=other)).status_code == 403
    await center.clinic.drain()
    assert await states(center.clinic) == ["accepted"]


async def test_words_of_strangers_fill_no_account(center: Linked, stranger: Client) -> None:
    left = await write(center)
    await work(center)
    await center.fake.misbehave("money")
    await write(center)
    await center.clinic.drain()
    assert (await stranger.get(await center.path(), params={"id": left, "status": 1})).text == "OK"
    await come_due(center.clinic)
    await center.clinic.drain()
    state, error = await center.state()
    assert state == "failing"
    assert error
    assert "Пополните счёт" in error
    assert await states(center.clinic) == ["accepted", "queued"]


async def test_a_word_connects_nothing(clinic: TestClinic, reachable: None, stranger: Client) -> None:
    linked = await Linked.new(clinic, "smsc", HOST)
    await linked.fill(**account())
    assert (await stranger.get(await linked.path(), params={"id": 1, "status": 1})).text == "OK"
    assert await linked.state() == ("new", None)


async def test_a_key_alone_connects_and_sends(center: Linked) -> None:
    key = account()["login"].replace("clinic-", "key-", 1)
    answer = await center.connect(login="", password=key)
    assert answer.status_code == 204, answer.text
    message = await write(center)
    assert await work(center) == ["accepted"]
    assert await rows(center, "external_id") == [(str(message),)]


@pytest.mark.parametrize("fault", ["blocked", "plain"])
async def test_a_closed_door_rests_the_queue_and_is_said(center: Linked, fault: str) -> None:
    await center.fake.misbehave(fault)
    await write(center)
    await center.clinic.drain()
    said = "SMS-Центр на время закрыл доступ из-за частых ошибок. Проверьте логин и пароль."
    assert await rows(center, "state, error") == [("queued", said)]
    assert await center.state() == ("failing", said)
    assert await work(center) == ["accepted"]


async def test_too_often_may_mean_that_it_was_taken(center: Linked) -> None:
    await center.fake.misbehave("often")
    message = await write(center)
    await center.clinic.drain()
    assert await states(center.clinic) == ["unknown"]
    assert await work(center, 3) == ["accepted"]
    sent = [line["text"] for line in await center.fake.log("did")]
    assert sent.count(f"сообщение {message} → {NUMBER}") == 1


@pytest.mark.parametrize(
    ("said", "state", "words"),
    [
        (StatusSaid(-3), "absent", None),
        (StatusSaid(0), "accepted", None),
        (StatusSaid(2), "delivered", None),
        (StatusSaid(20, err=1), "failed", "Не доставлено: абонента с таким номером нет."),
        (StatusSaid(25, err=240), "failed", "Не доставлено: код 240."),
        (StatusSaid(3, status_name="Просрочено"), "failed", "Не доставлено: Просрочено."),
        (StatusSaid(77), "accepted", None),
    ],
)
def test_each_status_has_its_meaning(said: StatusSaid, state: str, words: str | None) -> None:
    found = outcome_of(said)
    assert (found.state, found.sentence) == (state, words)
