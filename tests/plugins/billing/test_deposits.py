"""The deposit: prepayments, paying from it, what is above an invoice, giving it back, two desks at once."""

import asyncio
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import text

from prikus.toolkit import Conflict, Denied, Invalid, NotFound
from prikus_billing.models import Invoice
from prikus_billing.schemas.money import NewPayment, Prepayment, Withdrawal
from prikus_billing.services.deposits import deposit_of, kept_by, moves_of, top_up, withdraw
from prikus_billing.services.ledger import Movement, moment, post
from prikus_billing.services.methods import methods_of
from prikus_billing.services.payments import pay
from tests.plugins.billing.conftest import Desk, furnish
from tests.waiting import PATIENCE

FACTS = "select payload from core.outbox_event where name = '{}' order by id"
FEED = "select title, text from core.patient_event where kind = '{}'"


@pytest.mark.spec(
    "PAT-14", part="services", bites="prikus_billing.services.deposits:add_to_deposit:posted = await post"
)
async def test_a_prepayment_is_kept_in_the_deposit(desk: Desk, drain) -> None:
    assert await desk.deposit() == 0
    await desk.top_up("5000")
    moved = await desk.top_up("1500.50", "cashless")
    assert moved.balance == await desk.deposit() == Decimal("6500.50")
    assert await desk.ledger() == [
        ("cash", "5000.00"),
        ("cashless", "1500.50"),
        ("deposit", "-5000.00"),
        ("deposit", "-1500.50"),
    ]
    told = await desk.told()
    assert (told.kind, told.cashless, told.cash, told.deposit) == ("top_up", Decimal("1500.50"), 0, 0)
    assert (told.invoice_id, told.number, told.lines, told.total, told.due) == (None, None, (), 0, 0)
    await drain()
    feed = await desk.rows(FEED.format("deposit.topped_up"))
    assert ("Пополнен депозит", "1\u00a0500,50\u00a0₽, стало 6\u00a0500,50\u00a0₽") in feed
    assert await desk.mistakes() == []


@pytest.mark.parametrize(("amount", "sentence"), [("0", "больше нуля"), ("-5", "больше нуля"), ("1e11", "велика")])
async def test_a_sum_that_is_none_is_refused(desk: Desk, amount: str, sentence: str) -> None:
    with pytest.raises(Invalid) as refused:
        await desk.top_up(amount)
    assert sentence in refused.value.fields["amount"]
    assert await desk.ledger() == []


async def test_five_clicks_make_one_prepayment(desk: Desk, key: str) -> None:
    await asyncio.gather(*(desk.top_up("1000", key=key) for _ in range(5)))
    assert await desk.deposit() == 1000


@pytest.mark.spec("PAY-05", part="deposit", bites="prikus_billing.services.payments:_pay:posted = await post")
async def test_an_invoice_is_paid_from_the_deposit_and_in_money(desk: Desk) -> None:
    await desk.top_up("5000")
    invoice = (await desk.invoice()).invoice_id
    paid = await desk.pay(invoice, cashless="4000.00", deposit=Decimal("5000.00"))
    assert (paid.amount, paid.due) == (Decimal(9000), Decimal(100))
    assert await desk.deposit() == 0
    assert await desk.rows("select status, paid from billing.invoice") == [("partly_paid", Decimal(9000))]
    told = await desk.told()
    assert (told.kind, told.deposit, told.cashless, told.cash) == ("payment", 5000, 4000, 0)
    [(fact,)] = await desk.rows(FACTS.format("payment.received"))
    assert fact["by_kind"] == {"cashless": "4000.00", "deposit": "5000.00"}
    assert fact["transaction_id"] == told.transaction_id
    assert await desk.mistakes() == []


async def test_more_than_the_deposit_is_refused_beside_its_field(desk: Desk) -> None:
    await desk.top_up("5000")
    invoice = (await desk.invoice()).invoice_id
    with pytest.raises(Invalid) as refused:
        await desk.pay(invoice, deposit=Decimal("5000.01"))
    assert refused.value.fields == {"deposit": "На депозите меньше: 5\u00a0000,00\u00a0₽."}
    with pytest.raises(Invalid) as refused:
        await desk.pay(invoice, cash="1", deposit=Decimal(9101), rest_to_deposit=True)
    assert refused.value.fields == {"deposit": "Больше, чем осталось оплатить: 9\u00a0100,00\u00a0₽."}
    assert await desk.deposit() == 5000


@pytest.mark.spec("PAY-05", part="above the debt", bites="prikus_billing.services.payments:_pay:await add_to_deposit")
async def test_what_is_above_the_invoice_goes_to_the_deposit_as_a_movement_of_its_own(desk: Desk) -> None:
    invoice = (await desk.invoice()).invoice_id
    paid = await desk.pay(invoice, cash="9000.00", cashless="600.00", rest_to_deposit=True)
    assert (paid.amount, paid.due, paid.to_deposit) == (Decimal(9100), 0, Decimal(500))
    assert await desk.deposit() == 500
    told = await desk.told()
    assert (told.kind, told.cashless, told.cash) == ("top_up", 500, 0)
    [(payment,)], [(rest,)] = [await desk.rows(FACTS.format(f)) for f in ("payment.received", "deposit.topped_up")]
    assert payment["by_kind"] == {"cash": "9000.00", "cashless": "100.00"}
    assert rest["by_kind"] == {"cashless": "500.00"}
    assert rest["transaction_id"] == told.transaction_id > payment["transaction_id"]
    assert await desk.mistakes() == []


async def test_two_ways_may_both_be_above(desk: Desk) -> None:
    await desk.top_up("9000")
    invoice = (await desk.invoice()).invoice_id
    await desk.pay(invoice, cash="300", cashless="600", deposit=Decimal(9000), rest_to_deposit=True)
    assert await desk.deposit() == 800
    assert await desk.rows("select status, paid from billing.invoice") == [("paid", Decimal(9100))]
    assert await desk.mistakes() == []


@pytest.mark.spec("PAT-15", part="services", bites="prikus_billing.services.deposits:_give_back:posted = await post")
async def test_the_whole_deposit_is_given_back(desk: Desk, drain) -> None:
    await desk.top_up("5000", "cashless")
    await desk.withdraw("5000", "cashless")
    assert await desk.deposit() == 0
    told = await desk.told()
    assert (told.kind, told.cashless, told.cash, told.deposit) == ("withdrawal", 5000, 0, 0)
    assert await desk.rows("select amount from billing.payment order by id") == [(Decimal(5000),), (Decimal(-5000),)]
    await drain()
    assert await desk.rows(FEED.format("deposit.withdrawn")) == [("Депозит снят", "5\u00a0000,00\u00a0₽")]
    audit = await desk.rows("select sentence from core.audit_record where action = 'billing.deposit_withdrawn'")
    assert audit == [("Депозит снят: 5\u00a0000,00\u00a0₽",)]
    with pytest.raises(Conflict, match="снимать нечего"):
        await desk.withdraw("0")
    assert await desk.mistakes() == []


async def test_a_deposit_that_changed_since_it_was_seen_is_not_given_back(desk: Desk) -> None:
    await desk.top_up("5000")
    with pytest.raises(Conflict, match="теперь на нём"):
        await desk.withdraw("4000")
    assert await desk.deposit() == 5000


async def test_each_right_is_its_own(desk: Desk, key: str) -> None:
    await desk.top_up("100")
    top, back = Prepayment(patient_id=desk.patient_id, kind="cash", amount=Decimal(1)), {"amount": Decimal(100)}
    with pytest.raises(Denied):
        async with desk.units("accountant") as ctx:
            await top_up(ctx, top, key)
    with pytest.raises(Denied):
        async with desk.units("administrator") as ctx:
            await withdraw(ctx, Withdrawal(patient_id=desk.patient_id, kind="cash", **back), key)


async def test_another_clinics_patient_has_no_deposit_here(desk: Desk, make_clinic, key: str) -> None:
    await desk.top_up("100")
    other = await furnish((await make_clinic()).ctx_as)
    wish = Prepayment(patient_id=desk.patient_id, kind="cash", amount=Decimal(1))
    async with other.units("director") as ctx:
        with pytest.raises(NotFound):
            await deposit_of(ctx, desk.patient_id)
        with pytest.raises(NotFound):
            await top_up(ctx, wish, key)
        assert await moves_of(ctx, desk.patient_id) == ([], None)


async def test_the_moves_are_turned_page_by_page(desk: Desk, count_statements) -> None:
    for n in range(25):
        await desk.top_up(str(n + 1))
    async with desk.units("administrator") as ctx:
        with count_statements() as statements:
            first, onward = await moves_of(ctx, desk.patient_id)
        rest, end = await moves_of(ctx, desk.patient_id, onward)
    assert [row.amount for row in (*first, *rest)] == [Decimal(n) for n in range(25, 0, -1)]
    assert (len(first), end, len(statements)) == (20, None, 1)
    assert {row.kind for row in first} == {"top_up"}
    assert first[0].ways == ["cash"]


async def test_each_legal_entity_keeps_its_own(desk: Desk) -> None:
    """What the first one took pays no invoice of a second one, and is given back in its name."""
    await desk.top_up("5000")
    entity = "insert into core.legal_entity (short_name, full_name) values ('ИП Гном', 'ИП Гном') returning id"
    async with desk.units("director") as ctx:
        other = await ctx.db.scalar(text(entity))
        await ctx.db.execute(text("update core.branch set legal_entity_id = :other"), {"other": other})
        await ctx.db.execute(text("select core.bump_state()"))
    invoice = (await desk.invoice()).invoice_id
    with pytest.raises(Invalid):
        await desk.pay(invoice, deposit=Decimal(1))
    await desk.top_up("300")
    await desk.withdraw("5300")
    moved = "select legal_entity_id, amount from billing.payment where amount < 0 order by id"
    assert [amount for _, amount in await desk.rows(moved)] == [Decimal(-5000), Decimal(-300)]
    assert len({entity for entity, _ in await desk.rows(moved)}) == 2
    assert await desk.deposit() == 0
    assert await desk.mistakes() == []


async def test_of_five_desks_that_give_the_deposit_back_one_does(desk: Desk) -> None:
    await desk.top_up("5000")
    answers = await asyncio.gather(*(desk.withdraw("5000") for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(answer, Conflict) for answer in answers) == 4
    assert await desk.deposit() == 0
    assert await desk.mistakes() == []


async def test_a_deposit_pays_once_whoever_comes_first(desk: Desk) -> None:
    await desk.top_up("5000")
    invoice = (await desk.invoice()).invoice_id
    answers = await asyncio.gather(
        *(desk.pay(invoice, deposit=Decimal(4000)) for _ in range(2)),
        *(desk.withdraw("5000") for _ in range(2)),
        return_exceptions=True,
    )
    assert sum(not isinstance(answer, BaseException) for answer in answers) == 1
    assert await desk.deposit() in (0, 1000)
    assert await desk.mistakes() == []


async def test_without_the_patients_lock_more_is_given_back_than_there_is(desk: Desk) -> None:
    """The twin: what each desk read before the others wrote lets all of them pass."""
    await desk.top_up("5000")
    invoice_id = (await desk.invoice()).invoice_id
    everybody_has_read = asyncio.Barrier(2)

    async def take(pays: bool) -> None:
        async with desk.units("administrator") as ctx:
            invoice = await ctx.load(Invoice, invoice_id)
            assert await kept_by(ctx, desk.patient_id, invoice.legal_entity_id) == 5000
            async with asyncio.timeout(PATIENCE):
                await everybody_has_read.wait()
            move = Movement(
                kind="payment" if pays else "withdrawal",
                patient_id=desk.patient_id,
                legal_entity_id=invoice.legal_entity_id,
                branch_id=invoice.branch_id,
                invoice_id=invoice.id if pays else None,
                against="deposit",
                parts={} if pays else {"cash": Decimal(-5000)},
                sides={"deposit": Decimal(5000), "receivable": Decimal(-5000)} if pays else {},
            )
            await post(ctx, move, await methods_of(ctx), str(uuid4()), moment(ctx, invoice.branch_id))

    await asyncio.gather(take(True), take(False))
    assert await desk.deposit() == -5000
    assert any("отрицательный" in sentence for sentence in await desk.mistakes())


async def test_a_plain_payment_costs_as_many_statements_as_ever(desk: Desk, count_statements, key: str) -> None:
    first = (await desk.invoice()).invoice_id
    await desk.pay(first, cash="1")
    payment = NewPayment(invoice_id=first, cash=Decimal(1))
    async with desk.units("administrator") as ctx:
        with count_statements() as statements:
            await pay(ctx, payment, key)
    assert len(statements) <= PLAIN, statements


PLAIN = 8
"""Savepoint and its release, key and its outcome, the locked invoice, the movement, the invoice, the fact."""
