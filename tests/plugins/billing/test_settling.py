"""Movements of money as a cash register must tell them."""

from decimal import Decimal

import pytest
from sqlalchemy import text

from prikus.toolkit import NotFound
from prikus_billing.public import settlement_of
from tests.plugins.billing.conftest import Desk, furnish

LAST = text("select max(id) from billing.ledger_transaction")


async def test_a_payment_in_two_ways_is_told_with_what_was_paid_before_and_is_left(desk: Desk) -> None:
    invoice = (await desk.invoice()).invoice_id
    await desk.pay(invoice, cash="100")
    await desk.pay(invoice, cash="1000", cashless="2000.50")
    moved = await desk.told()
    assert (moved.kind, moved.invoice_id, moved.number, moved.patient_id) == ("payment", invoice, "1", desk.patient_id)
    assert (moved.cash, moved.cashless, moved.deposit) == (Decimal(1000), Decimal("2000.50"), Decimal(0))
    assert (moved.total, moved.paid_before, moved.due) == (Decimal(9100), Decimal(100), Decimal("5999.50"))
    assert [(line.name, line.quantity, line.price, line.net_amount) for line in moved.lines] == [
        ("Кариес, реставрация", 1, Decimal(7900), Decimal(7900)),
        ("Анестезия инфильтрационная", 2, Decimal(600), Decimal(1200)),
    ]
    assert moved.reverses is None
    assert moved.staff_id is not None
    assert moved.cashier


async def test_an_earlier_payment_is_told_as_it_was(desk: Desk) -> None:
    invoice = (await desk.invoice()).invoice_id
    await desk.pay(invoice, cash="100")
    first = (await desk.told()).transaction_id
    await desk.pay(invoice, cashless="9000")
    async with desk.units("system") as ctx:
        moved = await settlement_of(ctx, first)
    assert (moved.paid_before, moved.due) == (Decimal(0), Decimal(9000))


async def test_an_issued_invoice_moved_nobodys_money(desk: Desk) -> None:
    await desk.invoice()
    with pytest.raises(NotFound):
        await desk.told()


async def test_another_clinics_movement_is_not_there(desk: Desk, make_clinic) -> None:
    invoice = (await desk.invoice()).invoice_id
    await desk.pay(invoice, cash="100")
    known = (await desk.told()).transaction_id
    other = await furnish((await make_clinic()).ctx_as)
    async with other.units("system") as ctx:
        with pytest.raises(NotFound):
            await settlement_of(ctx, known)


async def test_telling_takes_two_statements(desk: Desk, count_statements) -> None:
    invoice = (await desk.invoice()).invoice_id
    await desk.pay(invoice, cash="100")
    async with desk.units("system") as ctx:
        last = await ctx.db.scalar(LAST)
        with count_statements() as statements:
            await settlement_of(ctx, last)
    assert len(statements) == 2
