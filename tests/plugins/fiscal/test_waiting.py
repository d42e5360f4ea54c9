"""A refund waits for its sale's receipt, and goes as soon as that one has ended, at another register too."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from prikus_billing.schemas.money import NewRefund, RefundLine
from prikus_billing.services.reversing import refund
from prikus_fiscal.jobs import RegisterRef, work_register
from prikus_fiscal.services import sending
from tests.plugins.fiscal.conftest import Front
from tests.plugins.fiscal.test_money import do

SOON = "update fiscal.fiscal_receipt set next_at = now() where id = :id"
WAITS = "Ждёт чека прихода"


@pytest.fixture
async def apart(front: Front) -> Any:
    """A sale that failed at the first register; its refund was given to the second, and waits there."""
    other = front.till.another()
    assert (await front.till.connect(corrections="yes")).status_code == 204
    assert (await other.connect(title="Касса у кабинета")).status_code == 204
    await front.till.fake.misbehave("invalid")
    invoice = await front.pay(cash="9100")
    await front.clinic.drain()
    back = NewRefund(invoice_id=invoice, lines=(RefundLine(2, 1),), way="cash", reason="Не понадобилась")
    await do(front, refund, back)
    await front.clinic.drain()
    [_, (second,)] = await front.of_registers("id")
    [(sale, _), (returned, state)] = await front.rows("id, state")
    assert state == "queued"
    await press(front, f"{returned}/register", register_id=second)
    await front.clinic.drain()
    assert await front.states() == ["failed", "queued"]
    return sale, returned, other


async def press(front: Front, address: str, **form: Any) -> None:
    answer = await front.till.director.post(f"/fiscal/receipts/{address}", data=form)
    assert answer.status_code == 204, answer.text


async def test_it_goes_at_another_register_as_soon_as_its_sale_is_registered(front: Front, apart: Any) -> None:
    sale, _, other = apart
    await press(front, f"{sale}/retry")
    await front.clinic.drain()
    assert await front.states() == ["accepted", "queued"]
    async with front.clinic.ctx_as("system") as ctx:
        await ctx.db.execute(text(SOON), {"id": sale})
        register = await ctx.db.scalar(
            text("select register_id from fiscal.fiscal_receipt where id = :id"), {"id": sale}
        )
        await ctx.enqueue(work_register, RegisterRef(register))
    await front.clinic.drain()
    assert await front.states() == ["done", "accepted"]
    assert [one["kind"] for one in await other.registered()] == ["sell_refund"]


async def test_it_goes_when_a_person_closes_its_sale(front: Front, apart: Any) -> None:
    sale, _, _ = apart
    await press(front, f"{sale}/resolve", note="Пробит на кассе, ФД № 152")
    await front.clinic.drain()
    assert await front.states() == ["resolved", "accepted"]


async def test_it_goes_when_its_sale_is_given_as_a_correction(front: Front, apart: Any) -> None:
    sale, returned, _ = apart
    why = {"reason": "own", "day": "2026-03-01", "number": "7", "note": "Не пробит", "idempotency_key": str(uuid4())}
    await press(front, f"{sale}/correct", **why)
    await front.clinic.drain()
    assert await front.rows("state", f"id = {returned}") == [("accepted",)]


async def test_it_says_what_it_waits_for_and_wakes_nobody(front: Front, apart: Any) -> None:
    sale, returned, _ = apart
    director = front.till.director
    [(moved,)] = await front.rows("transaction_id", f"id = {returned}")
    for address in (f"receipts/{returned}", "receipts", f"movements/{moved}/state"):
        assert WAITS.lower() in (await director.get(f"/fiscal/{address}")).text.lower(), address
    async with front.clinic.ctx_as("system") as ctx:
        assert await sending.due_registers(ctx) == []
    await press(front, f"{sale}/resolve", note="Пробит на кассе, ФД № 152")
    assert WAITS not in (await director.get(f"/fiscal/receipts/{returned}")).text
    async with front.clinic.ctx_as("system") as ctx:
        assert len(await sending.due_registers(ctx)) == 1
