"""From the payment to the fiscal document, over the fake provider with its faults: nothing lost, nothing doubled."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from sqlalchemy import text

from prikus.testing.clinics import Client
from prikus_billing.public import settlement_of
from prikus_fiscal.services import sending
from prikus_fiscal.services.making import make_receipt
from tests.plugins.fiscal.conftest import Front


@pytest.mark.spec("INT-05", part="result")
async def test_a_payment_becomes_a_fiscal_document_once(front: Front) -> None:
    await front.pay(cash="3000", cashless="6100")
    await front.clinic.drain()
    assert await front.states() == ["accepted"]
    await front.work()
    assert await front.states() == ["done"]
    [kept] = await front.till.registered()
    [(number, fiscal)] = await front.rows("external_id, fiscal")
    assert (kept["external_id"], kept["payload"]["total"], kept["status"]) == (number, 9100, "done")
    assert (fiscal["fn"], fiscal["document"]) == ("9999078900000001", str(kept["payload"]["fiscal_document_number"]))


FAULTS = {
    "down": ["unknown", "accepted", "done"],
    "broken": ["unknown", "accepted", "done"],
    "cut": ["unknown", "accepted", "done"],
    "limit": ["queued", "accepted", "done"],
    "lost": ["unknown", "accepted", "done"],
    "expired": ["accepted", "done", "done"],
    "wait": ["accepted", "accepted", "done"],
    "nolink": ["accepted", "done", "done"],
    "paper": ["accepted", "queued", "accepted"],
    "queue": ["accepted", "queued", "accepted"],
}


@pytest.mark.spec("INT-05", part="queue")
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_loses_nothing_and_doubles_nothing(front: Front, fault: str) -> None:
    await front.till.fake.misbehave(fault)
    await front.pay(cash="9100")
    seen = []
    for _ in FAULTS[fault]:
        await front.work(len(seen) and 1)
        seen += await front.states()
    assert seen == FAULTS[fault]
    await front.work()
    assert await front.states() == ["done"]
    kept = await front.till.registered()
    assert [one["status"] for one in kept if one["status"] != "fail"] == ["done"]
    [(number, attempt, history)] = await front.rows("external_id, attempt, history")
    assert {one["external_id"] for one in kept} == {number, *(one["external_id"] for one in history)}
    assert (attempt, len(history)) == ((2, 1) if fault in ("paper", "queue") else (1, 0))


async def test_a_repetition_refused_as_known_is_the_same_receipt(front: Front) -> None:
    await front.till.fake.misbehave("lost")
    await front.till.fake.misbehave("duplicate")
    await front.pay(cash="9100")
    await front.work(3)
    assert await front.states() == ["done"]
    assert len(await front.till.registered()) == 1


@pytest.mark.spec("INT-05", part="error and retry")
async def test_what_is_wrong_with_the_receipt_waits_for_a_person(front: Front) -> None:
    await front.till.fake.misbehave("invalid")
    await front.pay(cash="9100")
    await front.work(2)
    [(id, state, error, number)] = await front.rows("id, state, error, external_id")
    assert (state, "unknown domain" in error) == ("failed", True)
    again = await front.till.director.post(f"/fiscal/receipts/{id}/retry")
    assert again.status_code == 204, again.text
    await front.work()
    assert await front.rows("state, external_id") == [("done", number)]
    assert (await front.till.director.post(f"/fiscal/receipts/{id}/retry")).status_code == 409


async def test_refused_credentials_stop_the_register_and_nothing_else(front: Front) -> None:
    await front.till.fake.misbehave("blocked", 2)
    await front.pay(cash="9100")
    await front.pay(cashless="9100")
    await front.work(2)
    assert await front.states() == ["queued", "queued"]
    shown = (await front.till.director.get("/fiscal/registers")).text
    assert "Остановлена" in shown
    assert "заблокирован" in shown
    assert "Не работает" in (await front.till.director.get("/connections/")).text
    await front.till.fake.misbehave("blocked", 0)
    [register] = await front.of_registers("id")
    resumed = await front.till.director.post(f"/fiscal/registers/{register[0]}/resume")
    assert resumed.status_code == 204, resumed.text
    await front.work(2)
    assert await front.states() == ["done", "done"]
    assert "Работает" in (await front.till.director.get("/connections/")).text


async def test_connecting_anew_lets_a_stopped_register_go_on(front: Front) -> None:
    await front.till.fake.misbehave("blocked")
    await front.pay(cash="9100")
    await front.work()
    assert [row[0] is None for row in await front.of_registers("stopped")] == [False]
    assert (await front.till.connect()).status_code == 204
    await front.work(2)
    assert await front.states() == ["done"]


async def test_later_receipts_wait_behind_one_that_cannot_be_sent(front: Front) -> None:
    await front.till.fake.misbehave("down", 2)
    for _ in range(3):
        await front.pay(cash="9100")
    await front.clinic.drain()
    assert await front.states() == ["unknown", "queued", "queued"]
    await front.work(5)
    assert await front.states() == ["done"] * 3
    numbers = [one["external_id"] for one in await front.till.registered()]
    assert numbers == [row[0] for row in await front.rows("external_id")]


async def test_a_callback_lets_the_provider_be_asked_and_is_not_believed(front: Front, stranger: Client) -> None:
    await front.pay(cash="9100")
    await front.clinic.drain()
    [kept] = await front.till.registered()
    address = kept["callback_url"].split("://", 1)[1].partition("/")[2]
    lie = {**kept, "status": "fail", "error": {"code": 1, "text": "Не пробит", "type": "driver"}}
    for _ in range(2):
        assert (await stranger.post(f"/{address}", json=lie)).status_code == 200
    await front.clinic.drain()
    assert await front.states() == ["done"]
    foreign = {**kept, "uuid": "nobody", "external_id": "nobody"}
    assert (await stranger.post(f"/{address}", json=foreign)).status_code == 200
    assert (await stranger.post(f"/{address}", content=b"<xml>")).status_code in (401, 403, 404)
    await front.clinic.drain()


async def test_a_movement_told_twice_has_one_receipt(front: Front) -> None:
    await front.pay(cash="9100")
    await front.clinic.drain()
    [(transaction,)] = await front.rows("transaction_id")
    async with front.clinic.ctx_as("plugin:fiscal") as ctx:
        assert await make_receipt(ctx, await settlement_of(ctx, transaction)) is None
    assert len(await front.rows("id")) == 1


async def test_a_register_in_somebodys_hands_is_left_alone(front: Front) -> None:
    await front.hold("another", "1 minute")
    await front.pay(cash="9100")
    await front.work()
    assert await front.states() == ["queued"]
    assert await front.till.registered() == []
    await front.hold("another", "-1 second")
    await front.work(2)
    assert await front.states() == ["done"]


async def test_what_a_dead_worker_was_sending_goes_again_under_the_same_number(front: Front) -> None:
    await front.hold("dead", "1 minute")
    await front.pay(cash="9100")
    await front.clinic.drain()
    async with front.clinic.ctx_as("system") as ctx:
        await ctx.db.execute(text("update fiscal.fiscal_receipt set state = 'sending'"))
    await front.hold("dead", "-1 second")
    [before] = await front.rows("external_id")
    await front.work(2)
    assert await front.rows("state, external_id") == [("done", *before)]


async def sent_by_four_workers(front: Front) -> tuple[int, int]:
    """Sendings, and receipts at the provider, when four take up a register with three receipts at once."""
    await front.hold("another", "1 minute")
    for _ in range(3):
        await front.pay(cash="9100")
    await front.clinic.drain()
    await front.hold("another", "-1 second")
    [(register,)] = await front.of_registers("id")
    outside = await front.clinic.outside_as("plugin:fiscal")
    await asyncio.gather(*(sending.work(outside, register) for _ in range(4)))
    return len(await front.till.sendings()), len(await front.till.registered())


async def test_four_workers_send_each_receipt_once(front: Front) -> None:
    assert await sent_by_four_workers(front) == (3, 3)
    assert await front.states() == ["accepted"] * 3


async def test_twin_with_a_lease_that_is_over_at_once_they_send_again(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending.ReceiptQueue, "lease", dt.timedelta(seconds=-1))
    sent, receipts = await sent_by_four_workers(front)
    assert sent > receipts


async def test_after_a_day_a_person_is_asked(front: Front) -> None:
    await front.till.fake.misbehave("wait", 50)
    await front.pay(cash="9100")
    await front.clinic.drain()
    async with front.clinic.ctx_as("system") as ctx:
        await ctx.db.execute(text("update fiscal.fiscal_receipt set accepted_at = accepted_at - interval '25 hours'"))
    await front.work()
    [(id, state, next_at)] = await front.rows("id, state, next_at")
    assert (state, next_at) == ("unknown", None)
    listed = (await front.till.director.get("/fiscal/receipts?shown=trouble")).text
    assert "1 чек требует внимания" in listed
    assert "За сутки касса так и не сообщила" in listed
    closed = await front.till.director.post(f"/fiscal/receipts/{id}/resolve", data={"note": "Пробит, ФД № 152"})
    assert closed.status_code == 204, closed.text
    assert await front.rows("state, note") == [("resolved", "Пробит, ФД № 152")]
