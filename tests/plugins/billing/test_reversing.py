"""Cancelling an invoice, and refunding services that were paid for."""

import asyncio
from decimal import Decimal
from random import Random
from uuid import uuid4

import pytest

from prikus.toolkit import Conflict, Denied, Invalid, NotFound
from prikus_billing.models import Invoice
from prikus_billing.public import deposit_moves_v1, invoice_lines_v1, payments_v1, refunded_lines_v1
from prikus_billing.schemas.money import Cancellation, NewLine, NewRefund, RefundLine
from prikus_billing.services.ledger import Movement, moment, post
from prikus_billing.services.methods import methods_of
from prikus_billing.services.reversing import cancel_invoice, proposed_way, refund
from tests.plugins.billing.conftest import Desk, furnish
from tests.waiting import PATIENCE

STATE = "select status, paid, refunded from billing.invoice"


async def facts(desk: Desk, select, *columns: str) -> list[tuple]:
    async with desk.units("director") as ctx:
        rows = await ctx.db.execute(select())
        return sorted(tuple(getattr(row, column) for column in columns) for row in rows)


@pytest.mark.spec("PAY-06", part="services", bites="prikus_billing.services.reversing:_cancel:posted = await _move")
async def test_a_cancelled_invoice_stays_with_who_when_why_and_its_money_is_kept(desk: Desk, drain) -> None:
    invoice = (await desk.invoice()).invoice_id
    await desk.pay(invoice, cash="3000", cashless="1100")
    undone = await desk.cancel(invoice, " Не тот пациент ")
    assert undone.amount == await desk.deposit() == Decimal(4100)
    assert await desk.rows(STATE) == [("cancelled", Decimal(4100), Decimal(0))]
    told = await desk.told()
    assert (told.kind, told.deposit, told.cash, told.cashless) == ("refund", 4100, 0, 0)
    assert (told.total, told.paid_before, told.due, len(told.lines)) == (9100, 4100, 0, 2)
    assert told.reverses == undone.transaction_id - 1
    assert await desk.rows("select kind, reason from billing.reversal") == [("cancellation", "Не тот пациент")]
    [(fact,)] = await desk.rows("select payload from core.outbox_event where name = 'invoice.cancelled'")
    assert (fact["to_deposit"], fact["reason"], fact["transaction_id"]) == (
        "4100.00",
        "Не тот пациент",
        undone.transaction_id,
    )
    assert await facts(desk, invoice_lines_v1, "invoice_id") == []
    assert await facts(desk, payments_v1, "operation", "amount") == [("payment", 1100), ("payment", 3000)]
    assert await facts(desk, deposit_moves_v1, "operation", "amount") == [("cancellation", 4100)]
    await drain()
    assert await desk.rows("select title from core.patient_event where kind = 'invoice.cancelled'") == [
        ("Счёт № 1 отменён",)
    ]
    assert await desk.rows("select sentence from core.audit_record where action = 'billing.invoice_cancelled'") == [
        ("Отменён счёт № 1: Не тот пациент",)
    ]
    assert await desk.mistakes() == []


async def test_an_unpaid_invoice_is_cancelled_without_moving_money(desk: Desk) -> None:
    undone = await desk.cancel((await desk.invoice()).invoice_id)
    assert undone.amount == await desk.deposit() == 0
    told = await desk.told()
    assert (told.kind, told.deposit, told.cash, told.cashless, told.reverses) == ("refund", 0, 0, 0, None)
    assert await desk.rows("select sum(amount) from billing.ledger_entry where account = 'receivable'") == [(0,)]
    assert await desk.mistakes() == []


async def test_what_was_paid_for_a_cancelled_invoice_can_be_given_back(desk: Desk) -> None:
    invoice = (await desk.invoice()).invoice_id
    await desk.pay(invoice, cashless="9100")
    await desk.cancel(invoice)
    await desk.withdraw("9100", "cashless")
    assert await facts(desk, payments_v1, "operation", "amount") == [("payment", 9100), ("withdrawal", -9100)]
    assert (
        await desk.rows(
            "select account, sum(amount) from billing.ledger_entry group by account having sum(amount) <> 0"
        )
        == []
    )


@pytest.mark.parametrize(("reason", "sentence"), [("  ", "Укажите причину."), ("x" * 501, "Слишком длинно")])
async def test_a_reason_is_asked_for(desk: Desk, reason: str, sentence: str) -> None:
    invoice = (await desk.invoice()).invoice_id
    with pytest.raises(Invalid) as refused:
        await desk.cancel(invoice, reason)
    assert sentence in refused.value.fields["reason"]
    await desk.pay(invoice, cash="9100")
    with pytest.raises(Invalid) as refused:
        await desk.refund(invoice, 1, reason=reason)
    assert sentence in refused.value.fields["reason"]


async def test_a_cancelled_invoice_is_neither_paid_nor_cancelled_nor_refunded(desk: Desk) -> None:
    invoice = (await desk.invoice()).invoice_id
    await desk.cancel(invoice)
    for again in (desk.cancel(invoice), desk.pay(invoice, cash="1"), desk.refund(invoice, 1)):
        with pytest.raises(Conflict, match="тменён"):
            await again


async def test_five_clicks_cancel_once(desk: Desk, key: str) -> None:
    invoice = (await desk.invoice()).invoice_id
    await desk.pay(invoice, cash="100")
    made = await asyncio.gather(*(desk.cancel(invoice, key=key) for _ in range(5)))
    assert len({undone.transaction_id for undone in made}) == 1
    assert await desk.deposit() == 100


async def test_a_payment_against_a_cancellation_leaves_no_money_on_a_cancelled_invoice(desk: Desk) -> None:
    for _ in range(5):
        invoice = (await desk.invoice()).invoice_id
        paid, undone = await asyncio.gather(
            desk.pay(invoice, cash="9100"), desk.cancel(invoice), return_exceptions=True
        )
        assert isinstance(undone, BaseException) is False
        assert isinstance(paid, Conflict) == (undone.amount == 0)
    assert await desk.mistakes() == []


async def test_without_the_invoices_lock_money_is_left_on_a_cancelled_invoice(desk: Desk) -> None:
    """The twin: both desks read the invoice before the other wrote."""
    made = (await desk.invoice()).invoice_id
    everybody_has_read = asyncio.Barrier(2)

    async def move(kind, parts, sides, against: str) -> None:
        async with desk.units("administrator") as ctx:
            invoice = await ctx.load(Invoice, made)
            assert (invoice.status, invoice.paid) == ("issued", 0)
            async with asyncio.timeout(PATIENCE):
                await everybody_has_read.wait()
            about = Movement(
                kind=kind,
                patient_id=invoice.patient_id,
                legal_entity_id=invoice.legal_entity_id,
                branch_id=invoice.branch_id,
                invoice_id=invoice.id,
                parts=parts,
                sides=sides,
                against=against,
            )
            await post(ctx, about, await methods_of(ctx), str(uuid4()), moment(ctx, invoice.branch_id))

    owed = Decimal(9100)
    await asyncio.gather(
        move("payment", {"cash": owed}, {}, "receivable"),
        move("cancellation", {}, {"revenue": owed, "receivable": -owed}, "revenue"),
    )
    assert await desk.rows("select sum(amount) from billing.ledger_entry where account = 'receivable'") == [(-owed,)]
    assert await desk.mistakes() != []


async def test_chosen_services_are_refunded_in_money(desk: Desk, drain) -> None:
    invoice = (await desk.invoice()).invoice_id
    await desk.pay(invoice, cashless="9100")
    undone = await desk.refund(invoice, 0, 1, way="cashless")
    assert undone.amount == Decimal(600)
    assert await desk.rows(STATE) == [("partly_refunded", Decimal(9100), Decimal(600))]
    told = await desk.told()
    assert (told.kind, told.cashless, told.cash, told.deposit, told.due) == ("refund", 600, 0, 0, 0)
    assert [(line.name, line.quantity, line.net_amount) for line in told.lines] == [
        ("Анестезия инфильтрационная", 1, Decimal(600))
    ]
    assert (told.paid_before, told.reverses) == (Decimal(9100), undone.transaction_id - 1)
    rest = await desk.refund(invoice, 1, 1, way="cash")
    assert rest.amount == Decimal(8500)
    assert await desk.rows(STATE) == [("refunded", Decimal(9100), Decimal(9100))]
    assert await facts(desk, payments_v1, "operation", "kind", "amount") == [
        ("payment", "cashless", 9100),
        ("refund", "cash", -8500),
        ("refund", "cashless", -600),
    ]
    assert await facts(desk, refunded_lines_v1, "quantity", "amount") == [(1, 600), (1, 600), (1, 7900)]
    assert len(await facts(desk, invoice_lines_v1, "line_id")) == 2
    await drain()
    feed = await desk.rows("select title, text from core.patient_event where kind = 'payment.refunded' order by id")
    assert feed[0] == ("Возврат по счёту № 1", "600,00\u00a0₽. Жалоба")
    with pytest.raises(Conflict, match="всё уже возвращено"):
        await desk.refund(invoice, 1)
    assert await desk.mistakes() == []


async def test_a_refund_may_go_to_the_deposit(desk: Desk) -> None:
    invoice = (await desk.invoice()).invoice_id
    await desk.pay(invoice, cash="9100")
    await desk.refund(invoice, 1, way="deposit")
    assert await desk.deposit() == 7900
    told = await desk.told()
    assert (told.kind, told.deposit, told.cash, told.cashless) == ("refund", 7900, 0, 0)
    undone = await desk.cancel(invoice)
    assert (undone.amount, await desk.deposit()) == (1200, 9100)
    assert [(line.name, line.net_amount) for line in (await desk.told()).lines] == [
        ("Анестезия инфильтрационная", Decimal(1200))
    ]
    assert await facts(desk, refunded_lines_v1, "line_id") == []
    assert await desk.mistakes() == []


@pytest.mark.parametrize(
    ("quantities", "field"),
    [((0, 3), "quantity"), ((2,), "quantity"), ((0, -1), "quantity"), ((0, 0), "lines"), ((), "lines")],
)
async def test_no_more_is_refunded_than_was_sold(desk: Desk, quantities: tuple[int, ...], field: str) -> None:
    invoice = (await desk.invoice()).invoice_id
    await desk.pay(invoice, cash="9100")
    with pytest.raises(Invalid) as refused:
        await desk.refund(invoice, *quantities)
    assert [name.partition("-")[0] for name in refused.value.fields] == [field]


async def test_only_what_was_paid_in_full_is_refunded(desk: Desk) -> None:
    invoice = (await desk.invoice()).invoice_id
    await desk.pay(invoice, cash="9099.99")
    with pytest.raises(Conflict, match="оплачен не полностью"):
        await desk.refund(invoice, 1)


async def test_of_five_refunds_at_once_as_many_pass_as_were_sold(desk: Desk) -> None:
    invoice = (await desk.invoice()).invoice_id
    await desk.pay(invoice, cash="9100")
    answers = await asyncio.gather(*(desk.refund(invoice, 0, 1) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(answer, Invalid) for answer in answers) == 3
    assert await desk.rows("select refunded from billing.invoice") == [(Decimal(1200),)]
    assert await desk.mistakes() == []


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_parts_of_any_line_add_up_to_what_was_paid(desk: Desk, seed: int) -> None:
    random = Random(seed)
    price = Decimal(random.randrange(1, 10**6)) / 100
    made = await desk.invoice(NewLine(service_id=desk.filling, quantity=7, price=price), who="director")
    await desk.pay(made.invoice_id, cash=str(made.total))
    left = 7
    while left:
        part = random.randint(1, left)
        await desk.refund(made.invoice_id, part)
        left -= part
    assert await desk.rows("select status, refunded from billing.invoice") == [("refunded", made.total)]
    assert await desk.mistakes() == []


async def test_what_came_by_card_goes_back_by_card(desk: Desk) -> None:
    invoice = (await desk.invoice()).invoice_id
    await desk.pay(invoice, cash="100", cashless="9000")
    async with desk.units("director") as ctx:
        assert await proposed_way(ctx, invoice) == "cashless"


async def test_rights_and_other_clinics(desk: Desk, make_clinic, key: str) -> None:
    invoice = (await desk.invoice()).invoice_id
    await desk.pay(invoice, cash="9100")
    wish = NewRefund(invoice_id=invoice, lines=(RefundLine(1, 1),), way="cash", reason="Жалоба")
    with pytest.raises(Denied):
        async with desk.units("accountant") as ctx:
            await cancel_invoice(ctx, Cancellation(invoice_id=invoice, reason="Ошибка"), key)
    with pytest.raises(Denied):
        async with desk.units("administrator") as ctx:
            await refund(ctx, wish, key)
    other = await furnish((await make_clinic()).ctx_as)
    with pytest.raises(NotFound):
        await other.cancel(invoice)
    with pytest.raises(NotFound):
        await other.refund(invoice)
    foreign = NewRefund(invoice_id=invoice, lines=(RefundLine(10**9, 1),), way="cash", reason="Жалоба")
    with pytest.raises(NotFound):
        async with desk.units("director") as ctx:
            await refund(ctx, foreign, str(uuid4()))
    assert await desk.rows(STATE) == [("paid", Decimal(9100), Decimal(0))]
