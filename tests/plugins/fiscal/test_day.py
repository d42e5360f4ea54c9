"""The day in which a receipt goes by itself: it begins with the first request, and anew where a person began anew."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import text

from prikus_billing.schemas.money import NewRefund, RefundLine
from prikus_billing.services.reversing import refund
from prikus_fiscal.models import FiscalReceipt
from prikus_fiscal.schemas import Outcome
from prikus_fiscal.services.outcomes import settle
from tests.plugins.fiscal.conftest import Front
from tests.plugins.fiscal.test_money import do

MOMENTS = ("queued_at", "begun_at", "accepted_at")
NOW = dt.datetime(2026, 3, 14, 12, 0, tzinfo=dt.UTC)
BUSY = Outcome(state="refused", trouble="busy", sentence="Касса занята.")
WAIT = Outcome(state="wait", uuid="u")


async def age(front: Front, hours: int) -> None:
    """All receipts and their requests are this much older."""
    async with front.clinic.ctx_as("system") as ctx:
        moments = ", ".join(f"{name} = {name} - interval '{hours} hours'" for name in MOMENTS)
        await ctx.db.execute(text(f"update fiscal.fiscal_receipt set {moments}"))


async def test_a_register_stopped_for_two_days_goes_on_for_another_day(front: Front) -> None:
    await front.till.fake.misbehave("down")
    await front.pay(cash="9100")
    await front.clinic.drain()
    await front.till.fake.misbehave("blocked")
    await front.work(1)
    assert await front.rows("state, begun_at is null") == [("queued", False)]
    await age(front, 48)
    [(register,)] = await front.of_registers("id")
    assert (await front.till.director.post(f"/fiscal/registers/{register}/resume")).status_code == 204
    await front.till.fake.misbehave("down")
    await front.clinic.drain()
    assert await front.rows("state, next_at is null") == [("unknown", False)]
    await front.work(2)
    assert await front.states() == ["done"]


async def test_connecting_anew_begins_a_new_day(front: Front) -> None:
    await front.till.fake.misbehave("wait", 20)
    await front.pay(cash="9100")
    await front.clinic.drain()
    assert (await front.till.director.post(f"{front.till.card}/disconnect")).status_code in (200, 204)
    await age(front, 48)
    assert (await front.till.connect()).status_code == 204
    await front.work(1)
    assert await front.rows("state, next_at is null") == [("accepted", False)]


async def test_a_refund_that_waited_for_its_sale_has_a_day_of_its_own(front: Front) -> None:
    await front.till.fake.misbehave("invalid")
    invoice = await front.pay(cash="9100")
    await front.work(1)
    back = NewRefund(invoice_id=invoice, lines=(RefundLine(2, 1),), way="cash", reason="Не понадобилась")
    await do(front, refund, back)
    await front.work(1)
    await age(front, 48)
    [(sale,)] = await front.rows("id", "kind = 'sell'")
    assert (await front.till.director.post(f"/fiscal/receipts/{sale}/retry")).status_code == 204
    await front.clinic.drain()
    await front.till.fake.misbehave("paper")
    await front.work(2)
    assert await front.rows("kind, state, attempt") == [("sell", "done", 1), ("sell_refund", "queued", 2)]


def test_a_day_of_refusals_ends_it_and_what_is_taken_late_is_asked_for_a_day() -> None:
    hours = [NOW + dt.timedelta(hours=after) for after in (0, 23, 46, 48)]
    row = FiscalReceipt(state="queued", queued_at=NOW - dt.timedelta(days=2), begun_at=hours[0], tries=0)
    settle(row, BUSY, hours[1])
    assert row.state == "queued"
    settle(row, WAIT, hours[1])
    settle(row, WAIT, hours[2])
    assert (row.state, row.next_at is None) == ("accepted", False)
    settle(row, WAIT, hours[3])
    assert (row.state, row.next_at) == ("unknown", None)
    row = FiscalReceipt(state="queued", queued_at=NOW, begun_at=hours[0], tries=0)
    settle(row, BUSY, hours[2])
    assert (row.state, row.next_at) == ("failed", None)
