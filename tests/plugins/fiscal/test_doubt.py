"""What nobody answered about may be registered, whatever is answered to its repetitions."""

from __future__ import annotations

import datetime as dt

import msgspec
from sqlalchemy import update

from prikus_fiscal.models import FiscalReceipt
from prikus_fiscal.schemas import Outcome
from prikus_fiscal.services.outcomes import settle
from tests.plugins.fiscal.conftest import Front

NOW = dt.datetime(2026, 3, 14, 12, 0, tzinfo=dt.UTC)
SILENCE = Outcome(state="unknown", trouble="register", sentence="Касса не ответила.")
BUSY = Outcome(state="refused", trouble="busy", sentence="Касса занята.")
WRONG = Outcome(state="refused", trouble="data", sentence="Касса не приняла данные чека.")


async def test_it_goes_to_no_other_register(front: Front) -> None:
    other = front.till.another()
    assert (await other.connect(title="Касса у кабинета")).status_code == 204
    [_, (second,)] = await front.of_registers("id")
    await front.till.fake.misbehave("lost")
    await front.pay(cash="9100")
    await front.clinic.drain()
    assert await front.states() == ["unknown"]
    assert len(await front.till.registered()) == 1
    await front.till.fake.misbehave("limit")
    await front.work(1)
    [(id, state)] = await front.rows("id, state")
    assert state == "queued"
    address = f"/fiscal/receipts/{id}"
    assert f"{address}/register" not in (await front.till.director.get(address)).text
    moved = await front.till.director.post(f"{address}/register", data={"register_id": second})
    assert moved.status_code == 409
    await front.work(2)
    assert await front.states() == ["done"]
    assert (len(await front.till.registered()), await other.registered()) == (1, [])


def test_after_a_day_of_refusals_it_is_not_called_unregistered() -> None:
    row = FiscalReceipt(state="sending", external_id="a", begun_at=NOW, tries=0)
    settle(row, SILENCE, NOW)
    for hours in (12, 25):
        row.state = "sending"
        settle(row, BUSY, NOW + dt.timedelta(hours=hours))
    assert (row.state, row.next_at, row.is_movable) == ("unknown", None, False)


async def test_who_was_unknown_before_this_was_noted_is_doubtful_too(front: Front) -> None:
    await front.till.fake.misbehave("lost")
    await front.pay(cash="9100")
    await front.clinic.drain()
    async with front.clinic.ctx_as("system") as ctx:
        await ctx.db.execute(update(FiscalReceipt).values(is_doubtful=False))
    await front.till.fake.misbehave("limit")
    await front.work(1)
    assert await front.rows("state, is_doubtful") == [("queued", True)]


def test_a_refusal_that_never_left_the_house_leaves_the_doubt() -> None:
    row = FiscalReceipt(state="sending", external_id="a", begun_at=NOW, tries=0)
    settle(row, SILENCE, NOW)
    row.state = "sending"
    settle(row, WRONG, NOW, was_asked=False)
    assert (row.state, row.next_at, row.is_movable, row.error) == ("unknown", None, False, WRONG.sentence)


def test_a_refusal_with_a_number_leaves_nothing_to_ask_for() -> None:
    row = FiscalReceipt(state="sending", external_id="a", begun_at=NOW, tries=0)
    settle(row, msgspec.structs.replace(BUSY, uuid="u"), NOW)
    assert (row.state, row.provider_uuid) == ("queued", None)


def test_what_the_register_found_wrong_was_never_registered() -> None:
    row = FiscalReceipt(state="sending", external_id="a", begun_at=NOW, tries=0)
    settle(row, SILENCE, NOW)
    row.state = "sending"
    settle(row, WRONG, NOW)
    assert (row.state, row.is_movable) == ("failed", True)
