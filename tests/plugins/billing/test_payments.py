"""Taking money: parts and ways, states, debts, presses of the button, two desks at once."""

import asyncio
from decimal import Decimal
from random import Random
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from prikus.toolkit import Conflict, Denied, Invalid, NotFound, round_money
from prikus_billing.models import Invoice
from prikus_billing.public import debt_of, debts
from prikus_billing.schemas.money import NewLine, NewPayment
from prikus_billing.services.check import check_ledger
from prikus_billing.services.ledger import Movement, moment, post, status_of, sum_up
from prikus_billing.services.payments import pay
from tests.plugins.billing.conftest import Desk, Units, furnish, make_patient
from tests.waiting import PATIENCE

PAYMENTS = """
    select m.kind, p.amount from billing.payment p join billing.payment_method m on m.id = p.method_id
    order by p.id, m.kind
"""
STATE = "select status, paid from billing.invoice"
RECEIVED = (
    "select coalesce(-sum(amount), 0) from billing.ledger_entry where payment_id is not null and account = 'receivable'"
)


async def _debt(desk: Desk) -> Decimal:
    async with desk.units("administrator") as ctx:
        return await debt_of(ctx, desk.patient_id)


@pytest.mark.spec(
    "PAY-05", part="cash, cashless", bites="prikus_billing.services.payments:_pay:aggregate = await settle("
)
async def test_parts_in_both_ways_lead_from_issued_to_paid(desk: Desk) -> None:
    invoice = (await desk.invoice()).invoice_id
    assert await desk.rows(STATE) == [("issued", Decimal(0))]
    assert (await desk.pay(invoice, cash="3500.50", cashless="599.50")).due == Decimal(5000)
    assert await desk.rows(STATE) == [("partly_paid", Decimal(4100))]
    assert await _debt(desk) == Decimal(5000)
    await desk.pay(invoice, cashless="5000")
    assert await desk.rows(STATE) == [("paid", Decimal(9100))]
    assert await _debt(desk) == 0
    kinds = [("cash", Decimal("3500.50")), ("cashless", Decimal("599.50")), ("cashless", Decimal(5000))]
    assert sorted(await desk.rows(PAYMENTS)) == kinds


async def test_every_part_has_two_sides_in_the_ledger(desk: Desk) -> None:
    invoice = (await desk.invoice()).invoice_id
    await desk.pay(invoice, cash="100", cashless="1000")
    assert await desk.ledger() == [
        ("cash", "100.00"),
        ("cashless", "1000.00"),
        ("receivable", "-1000.00"),
        ("receivable", "-100.00"),
        ("receivable", "9100.00"),
        ("revenue", "-9100.00"),
    ]


async def test_a_payment_tells_the_patients_feed(desk: Desk, drain) -> None:
    await desk.pay((await desk.invoice()).invoice_id, cash="9000")
    await drain()
    feed = await desk.rows("select title, text from core.patient_event where kind = 'payment.received'")
    assert feed == [("Оплата по счёту № 1", "9\u00a0000,00\u00a0₽, остаток 100,00\u00a0₽")]


async def test_more_than_is_due_is_refused_beside_the_sum(desk: Desk) -> None:
    invoice = (await desk.invoice()).invoice_id
    with pytest.raises(Invalid) as refused:
        await desk.pay(invoice, cash="9000", cashless="100.01")
    assert refused.value.fields == {"cashless": "Больше, чем осталось оплатить: 9\u00a0100,00\u00a0₽."}
    assert await desk.rows(STATE) == [("issued", Decimal(0))]


@pytest.mark.parametrize(("cash", "cashless"), [("0", "0"), ("-1", "0"), ("10", "-1")])
async def test_sums_that_are_none_are_refused(desk: Desk, cash: str, cashless: str) -> None:
    invoice = (await desk.invoice()).invoice_id
    with pytest.raises(Invalid):
        await desk.pay(invoice, cash, cashless)
    assert await desk.rows(PAYMENTS) == []


async def test_a_rest_too_large_for_a_deposit_is_refused(desk: Desk) -> None:
    invoice = (await desk.invoice()).invoice_id
    with pytest.raises(Invalid) as refused:
        await desk.pay(invoice, cash="100", cashless="1e11", rest_to_deposit=True)
    assert refused.value.fields == {"cashless": "Сумма слишком велика."}
    assert await desk.rows(PAYMENTS) == []


async def test_a_paid_invoice_takes_no_more(desk: Desk) -> None:
    invoice = (await desk.invoice()).invoice_id
    await desk.pay(invoice, cash="9100")
    with pytest.raises(Conflict):
        await desk.pay(invoice, cash="1")


async def test_another_clinics_invoice_is_not_there(desk: Desk, make_clinic) -> None:
    invoice = (await desk.invoice()).invoice_id
    other = await furnish((await make_clinic()).ctx_as)
    with pytest.raises(NotFound):
        await other.pay(invoice, cash="1")
    assert await desk.rows(STATE) == [("issued", Decimal(0))]


async def test_without_the_right_nobody_takes_money(desk: Desk, key: str) -> None:
    invoice = (await desk.invoice()).invoice_id
    with pytest.raises(Denied):
        async with desk.units("accountant") as ctx:
            await pay(ctx, NewPayment(invoice_id=invoice, cash=Decimal(1)), key)


async def test_debts_of_many_patients_are_one_statement(desk: Desk, ctx_as: Units, count_statements) -> None:
    await desk.invoice()
    async with ctx_as("administrator") as ctx:
        other = await make_patient(ctx, "Ларин", 2)
        with count_statements() as statements:
            found = await debts(ctx, (desk.patient_id, other))
    assert found == {desk.patient_id: Decimal("9100.00"), other: Decimal(0)}
    assert len(statements) == 1


async def test_five_clicks_make_one_payment(desk: Desk, key: str) -> None:
    invoice = (await desk.invoice()).invoice_id
    made = await asyncio.gather(*(desk.pay(invoice, cash="1000", key=key) for _ in range(5)))
    assert {paid.due for paid in made} == {Decimal(8100)}
    assert await desk.rows(PAYMENTS) == [("cash", Decimal(1000))]


async def test_five_clicks_with_keys_of_their_own_make_five_payments(desk: Desk) -> None:
    """The twin: the key is what makes one of five."""
    invoice = (await desk.invoice()).invoice_id
    await asyncio.gather(*(desk.pay(invoice, cash="1000") for _ in range(5)))
    assert len(await desk.rows(PAYMENTS)) == 5


async def test_a_key_serves_one_request_only(desk: Desk, key: str) -> None:
    invoice = (await desk.invoice()).invoice_id
    await desk.pay(invoice, cash="1000", key=key)
    with pytest.raises(Invalid):
        await desk.pay(invoice, cash="2000", key=key)
    assert await desk.rows(PAYMENTS) == [("cash", Decimal(1000))]


async def test_a_key_is_kept_for_ever_by_the_ledger(desk: Desk, key: str, ctx_as: Units) -> None:
    invoice = (await desk.invoice()).invoice_id
    await desk.pay(invoice, cash="1000", key=key)
    async with ctx_as("system") as ctx:
        await ctx.db.execute(text("delete from core.idempotency_key"))
    with pytest.raises(Conflict):
        await desk.pay(invoice, cash="1000", key=key)
    assert await desk.rows(PAYMENTS) == [("cash", Decimal(1000))]


async def test_five_desks_at_once_take_no_more_than_is_due(desk: Desk) -> None:
    invoice = (await desk.invoice()).invoice_id
    answers = await asyncio.gather(*(desk.pay(invoice, cash="3000") for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(answer, Invalid) for answer in answers) == 2
    assert await desk.rows(RECEIVED) == [(Decimal(9000),)]


async def test_five_desks_without_the_invoices_lock_take_more_than_is_due(desk: Desk) -> None:
    """The twin: what each desk read before the others wrote lets all of them pass."""
    invoice_id = (await desk.invoice()).invoice_id
    await desk.pay(invoice_id, cash="100")
    methods = dict(await desk.rows("select kind, id from billing.payment_method"))
    everybody_has_read = asyncio.Barrier(5)

    async def take() -> None:
        async with desk.units("administrator") as ctx:
            invoice = await ctx.load(Invoice, invoice_id)
            assert Decimal(3000) <= invoice.total - invoice.paid
            async with asyncio.timeout(PATIENCE):
                await everybody_has_read.wait()
            taken = Movement(
                kind="payment",
                patient_id=invoice.patient_id,
                legal_entity_id=invoice.legal_entity_id,
                branch_id=invoice.branch_id,
                invoice_id=invoice.id,
                parts={"cash": Decimal(3000)},
                against="receivable",
            )
            await post(ctx, taken, methods, str(uuid4()), moment(ctx, invoice.branch_id))

    await asyncio.gather(*(take() for _ in range(5)))
    assert await desk.rows(RECEIVED) == [(Decimal(15100),)]


SUMS = st.decimals(min_value="0.01", max_value="9999999.99", places=2)


@given(st.lists(SUMS, min_size=1, max_size=12))
def test_parts_of_any_size_lead_to_paid_exactly_at_the_last(parts: list[Decimal]) -> None:
    total = sum_up(parts)
    paid = Decimal("0.00")
    states = []
    for part in parts:
        states.append(status_of(total, paid))
        paid += part
    assert states == ["issued", *["partly_paid"] * (len(parts) - 1)]
    assert status_of(total, paid) == "paid"


@given(st.lists(st.tuples(SUMS, st.integers(min_value=1, max_value=999)), max_size=30))
def test_lines_add_up_to_the_kopeck(lines: list[tuple[Decimal, int]]) -> None:
    kopecks = sum(int(price * 100) * quantity for price, quantity in lines)
    assert sum_up(round_money(price * quantity) for price, quantity in lines) * 100 == kopecks


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_any_way_of_splitting_ends_with_no_debt_and_an_even_ledger(desk: Desk, seed: int) -> None:
    random = Random(seed)
    lines = [
        NewLine(service_id=desk.filling, quantity=random.randint(1, 9), price=Decimal(random.randrange(1, 10**6)) / 100)
        for _ in range(random.randint(1, 5))
    ]
    made = await desk.invoice(*lines, who="director")
    due = made.total
    while due:
        part = min(due, Decimal(random.randrange(1, 2 * 10**6)) / 100)
        cash = Decimal(random.randrange(0, int(part * 100) + 1)) / 100
        due = (await desk.pay(made.invoice_id, str(cash), str(part - cash))).due
    assert await _debt(desk) == 0
    async with desk.units("director") as ctx:
        assert await check_ledger(ctx.db) == []
