"""What billing really does with money, as its receipts tell it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from prikus_billing.schemas.money import Cancellation, NewPayment, NewRefund, Prepayment, RefundLine, Withdrawal
from prikus_billing.services.deposits import top_up, withdraw
from prikus_billing.services.payments import pay
from prikus_billing.services.reversing import cancel_invoice, refund
from prikus_fiscal.schemas import RegisterDay
from prikus_fiscal.services.day import by_register
from tests.plugins.fiscal.conftest import Front

Told = tuple[str, list[tuple[str, str]], dict[str, str]]


async def do(front: Front, work: Any, wish: Any) -> Any:
    async with front.clinic.ctx_as("director") as ctx:
        return await work(ctx, wish, str(uuid4()))


async def told(front: Front) -> list[Told]:
    """Kind, (method, sum) of each line, payments; of each receipt, all of which are done, as the money moved."""
    await front.work(4)
    rows = sorted(await front.rows("transaction_id, kind, content, state"))
    assert [row[-1] for row in rows] == ["done"] * len(rows)
    return [
        (
            kind,
            [(item["method"], item["total"]) for item in content["items"]],
            {paid["by"]: paid["amount"] for paid in content["payments"]},
        )
        for _, kind, content, _ in rows
    ]


@pytest.mark.spec("INT-05", part="sale, advance, return")
async def test_a_prepayment_its_offset_a_refund_and_the_rest_given_back(front: Front) -> None:
    patient = front.desk.patient_id
    await do(front, top_up, Prepayment(patient_id=patient, kind="cash", amount=Decimal(1500)))
    invoice = (await front.desk.invoice()).invoice_id
    paid = NewPayment(invoice_id=invoice, cashless=Decimal(8100), deposit=Decimal(1000))
    await do(front, pay, paid)
    back = NewRefund(invoice_id=invoice, lines=(RefundLine(2, 1),), way="cashless", reason="Не понадобилась")
    await do(front, refund, back)
    await do(front, withdraw, Withdrawal(patient_id=patient, kind="cash", amount=Decimal(500)))
    assert await told(front) == [
        ("sell", [("advance", "1500.00")], {"cash": "1500.00"}),
        (
            "sell",
            [("full_payment", "7900.00"), ("full_payment", "1200.00")],
            {"electronic": "8100.00", "prepaid": "1000.00"},
        ),
        ("sell_refund", [("full_payment", "600.00")], {"electronic": "600.00"}),
        ("sell_refund", [("advance", "500.00")], {"cash": "500.00"}),
    ]
    names = await front.rows("content->'items'->-1->>'name'", "content->'items'->0->>'method' = 'full_payment'")
    assert names == [("Анестезия инфильтрационная",)] * 2
    assert [one["kind"] for one in await front.till.registered()] == ["sell", "sell", "sell_refund", "sell_refund"]


async def test_a_debt_and_its_payment(front: Front) -> None:
    invoice = await front.pay(cash="4000")
    await front.desk.pay(invoice, cash="5100")
    assert await told(front) == [
        (
            "sell",
            [("partial_payment", "7900.00"), ("partial_payment", "1200.00")],
            {"cash": "4000.00", "credit": "5100.00"},
        ),
        ("sell", [("credit_payment", "5100.00")], {"cash": "5100.00"}),
    ]


async def test_a_cancelled_invoice_takes_its_sale_back_to_the_deposit(front: Front) -> None:
    invoice = await front.pay(cash="9100")
    await do(front, cancel_invoice, Cancellation(invoice_id=invoice, reason="Ошибка"))
    _, (kind, lines, paid) = await told(front)
    assert (kind, sum(Decimal(amount) for _, amount in lines)) == ("sell_refund", 9100)
    assert paid == {"prepaid": "9100.00"}


async def test_what_takes_a_sale_back_waits_until_the_sale_is_there(front: Front) -> None:
    await front.till.fake.misbehave("invalid")
    invoice = await front.pay(cash="9100")
    await front.work(2)
    back = NewRefund(invoice_id=invoice, lines=(RefundLine(2, 1),), way="cash", reason="Не понадобилась")
    await do(front, refund, back)
    await front.pay(cash="9100")
    await front.work(2)
    assert [state for _, state in sorted(await front.rows("transaction_id, state"))] == ["failed", "queued", "done"]
    assert [one["kind"] for one in await front.till.registered()] == ["sell"]


async def test_cancelling_what_was_never_paid_gives_no_receipt(front: Front) -> None:
    invoice = (await front.desk.invoice()).invoice_id
    await do(front, cancel_invoice, Cancellation(invoice_id=invoice, reason="Ошибка"))
    assert await told(front) == []


async def test_cancelling_what_costs_nothing_gives_no_receipt(front: Front) -> None:
    async with front.clinic.ctx_as("director") as ctx:
        await ctx.db.execute(text("update catalog.service set price = 0"))
    invoice = (await front.desk.invoice()).invoice_id
    await do(front, cancel_invoice, Cancellation(invoice_id=invoice, reason="Ошибка"))
    assert await told(front) == []


@pytest.mark.spec("BILL-01", part="by register")
async def test_the_day_sheet_tells_what_each_register_printed(front: Front) -> None:
    invoice = await front.pay(cash="4000", cashless="5100")
    back = NewRefund(invoice_id=invoice, lines=(RefundLine(2, 1),), way="cash", reason="Не понадобилась")
    await do(front, refund, back)
    await told(front)
    await front.till.fake.misbehave("invalid")
    await front.pay(cash="9100")
    await front.work(2)
    written, *_ = await front.rows("business_date")
    async with front.clinic.ctx_as("director") as ctx:
        place = ctx.branch.id, ctx.branch.legal_entity_id
        [day] = await by_register(ctx, *place, *written)
    assert day == RegisterDay("Касса у входа", 2, Decimal(3400), Decimal(5100), 1, Decimal(9100))
    sheet = (await front.till.director.get("/billing/desk/day")).text
    assert f"/fiscal/day-sheet?branch_id={place[0]}&amp;legal_entity_id={place[1]}" in sheet
