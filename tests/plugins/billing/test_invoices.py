"""Issuing invoices: what a line keeps, who may set a price, numbers, presses of the button."""

import asyncio
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import text

from prikus.toolkit import Conflict, Context, Denied, Invalid, NotFound
from prikus_billing.schemas.money import Issued, NewInvoice, NewLine
from prikus_billing.services.check import check_ledger
from prikus_billing.services.invoices import issue_invoice
from prikus_catalog.schemas import ServiceForm
from prikus_catalog.services import change_service, delete_service
from tests.plugins.billing.conftest import Desk, Units, furnish

LINES = """
    select position, service_code, service_name, teeth, quantity, price, net_amount, doctor_id
    from billing.invoice_line order by invoice_id, position
"""
INVOICES = "select number, status, total, paid from billing.invoice order by number"


@pytest.mark.spec(
    "PAY-01", part="services", bites="prikus_billing.services.invoices:_issue:invoice = await post_invoice("
)
async def test_lines_keep_service_teeth_quantity_price_and_doctor(desk: Desk, staff) -> None:
    doctor = await staff("doctor")
    made = await desk.invoice(
        NewLine(service_id=desk.filling, teeth="14, 24", quantity=2, doctor_id=doctor.staff_id),
        NewLine(service_id=desk.anaesthesia, quantity=3),
    )
    assert await desk.rows(LINES) == [
        (1, "A16.07.002", "Кариес, реставрация", "1.4, 2.4", 2, Decimal(7900), Decimal(15800), doctor.staff_id),
        (2, "B01.003.004", "Анестезия инфильтрационная", None, 3, Decimal(600), Decimal(1800), None),
    ]
    assert made.total == Decimal(17600)


async def test_issuing_gives_number_state_and_postings(desk: Desk) -> None:
    assert [(await desk.invoice()).number for _ in range(2)] == ["1", "2"]
    assert await desk.rows(INVOICES) == [(n, "issued", Decimal(9100), Decimal(0)) for n in (1, 2)]
    assert await desk.ledger() == [("receivable", "9100.00")] * 2 + [("revenue", "-9100.00")] * 2


async def test_an_invoice_tells_the_patients_feed(desk: Desk, drain) -> None:
    await desk.invoice()
    await drain()
    feed = await desk.rows("select title, text from core.patient_event where kind = 'invoice.issued'")
    assert feed == [("Счёт № 1 выставлен", "9\u00a0100,00\u00a0₽")]


async def test_business_date_is_the_day_of_the_branch(desk: Desk) -> None:
    await desk.invoice()
    rows = await desk.rows(
        "select business_date = (issued_at at time zone 'Asia/Yekaterinburg')::date from billing.invoice"
    )
    assert rows == [(True,)]


async def test_a_later_price_leaves_the_invoice_as_it_was(desk: Desk, ctx_as: Units) -> None:
    await desk.invoice()
    async with ctx_as("director") as ctx:
        await _reprice(ctx, desk.filling, "8500.00")
    assert [row[5] for row in await desk.rows(LINES)] == [Decimal(7900), Decimal(600)]
    again = await desk.invoice(NewLine(service_id=desk.filling))
    assert again.total == Decimal(8500)


async def test_a_price_seen_before_it_changed_is_refused_not_replaced(desk: Desk, ctx_as: Units) -> None:
    async with ctx_as("director") as ctx:
        await _reprice(ctx, desk.filling, "8500.00")
    with pytest.raises(Invalid) as refused:
        await desk.invoice(NewLine(service_id=desk.filling, price=Decimal("7900.00")))
    assert refused.value.fields == {"price-0": "Цена изменилась: теперь 8\u00a0500,00\u00a0₽. Добавьте услугу заново."}
    assert await desk.rows(INVOICES) == []


async def test_only_the_right_sets_another_price(desk: Desk) -> None:
    line = NewLine(service_id=desk.filling, price=Decimal("7000.00"))
    with pytest.raises(Invalid):
        await desk.invoice(line)
    made = await desk.invoice(line, who="director")
    assert made.total == Decimal(7000)


async def _reprice(ctx: Context, service_id: int, price: str) -> None:
    row = (
        await ctx.db.execute(
            text("select category_id, code, name, row_version from catalog.service where id = :id"), {"id": service_id}
        )
    ).one()
    form = ServiceForm(
        category_id=row.category_id,
        code=row.code,
        name=row.name,
        price=Decimal(price),
        is_active=True,
        row_version=row.row_version,
    )
    await change_service(ctx, service_id, form)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ({"quantity": 0}, "quantity-0"),
        ({"quantity": 1000}, "quantity-0"),
        ({"teeth": "1.9"}, "teeth-0"),
        ({"teeth": "56"}, "teeth-0"),
        ({"price": Decimal("-1.00")}, "price-0"),
        ({"service_id": 10**9}, "service_id-0"),
        ({"doctor_id": 10**9}, "doctor_id-0"),
    ],
)
async def test_mistakes_stand_beside_their_fields_and_nothing_is_written(desk: Desk, line: dict, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        await desk.invoice(NewLine(**{"service_id": desk.filling, **line}))
    assert list(refused.value.fields) == [field]
    assert await desk.rows(INVOICES) == []
    assert await desk.ledger() == []


async def test_a_front_desk_member_is_no_doctor(desk: Desk, staff) -> None:
    colleague = await staff("administrator")
    with pytest.raises(Invalid):
        await desk.invoice(NewLine(service_id=desk.filling, doctor_id=colleague.staff_id))


async def test_an_empty_invoice_is_refused(desk: Desk, ctx_as: Units, key: str) -> None:
    with pytest.raises(Invalid):
        async with ctx_as("administrator") as ctx:
            await issue_invoice(ctx, NewInvoice(patient_id=desk.patient_id, lines=()), key)


async def test_a_deleted_service_is_not_sold_but_stays_in_the_invoice(desk: Desk, ctx_as: Units) -> None:
    await desk.invoice()
    async with ctx_as("director") as ctx:
        await delete_service(ctx, desk.filling)
    with pytest.raises(Invalid):
        await desk.invoice()
    assert [row[2] for row in await desk.rows(LINES)] == ["Кариес, реставрация", "Анестезия инфильтрационная"]


async def test_what_costs_nothing_is_paid_at_once(desk: Desk) -> None:
    made = await desk.invoice(NewLine(service_id=desk.filling, price=Decimal("0.00")), who="director")
    assert made.total == 0
    assert [row[1] for row in await desk.rows(INVOICES)] == ["paid"]
    assert await desk.ledger() == []


async def test_another_clinics_patient_and_service_are_not_there(desk: Desk, make_clinic) -> None:
    other = await make_clinic()
    stranger = await furnish(other.ctx_as)
    wish = NewInvoice(patient_id=desk.patient_id, lines=(NewLine(service_id=stranger.filling),))
    async with other.ctx_as("administrator") as ctx:
        with pytest.raises(NotFound):
            await issue_invoice(ctx, wish, str(uuid4()))
    with pytest.raises(Invalid):
        await stranger.invoice(NewLine(service_id=desk.filling))


async def test_without_the_right_nobody_issues(desk: Desk) -> None:
    for group in ("accountant", "doctor"):
        with pytest.raises(Denied):
            await desk.invoice(who=group)


async def _press(desk: Desk, key: str) -> Issued:
    return await desk.invoice(key=key)


async def test_five_clicks_make_one_invoice(desk: Desk, key: str) -> None:
    made = await asyncio.gather(*(_press(desk, key) for _ in range(5)))
    assert {issued.invoice_id for issued in made} == {made[0].invoice_id}
    assert len(await desk.rows(INVOICES)) == 1
    assert len(await desk.ledger()) == 2


async def test_five_clicks_with_keys_of_their_own_make_five(desk: Desk) -> None:
    """The twin: the key is what makes one of five."""
    await asyncio.gather(*(_press(desk, str(uuid4())) for _ in range(5)))
    assert len(await desk.rows(INVOICES)) == 5


async def test_a_key_is_kept_for_ever_by_the_ledger(desk: Desk, key: str, ctx_as: Units) -> None:
    await desk.invoice(key=key)
    async with ctx_as("system") as ctx:
        await ctx.db.execute(text("delete from core.idempotency_key"))
    with pytest.raises(Conflict):
        await desk.invoice(key=key)
    assert len(await desk.rows(INVOICES)) == 1


async def test_numbers_have_no_gaps_when_some_of_many_fail(desk: Desk) -> None:
    good, bad = NewLine(service_id=desk.filling), NewLine(service_id=desk.filling, quantity=1)

    async def fail_late() -> None:
        async with desk.units("administrator") as ctx:
            await issue_invoice(ctx, desk.wish(bad), str(uuid4()))
            raise Conflict("изменения отменены")

    tasks = [desk.invoice(good) if n % 2 else fail_late() for n in range(10)]
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert sum(isinstance(answer, Conflict) for answer in answers) == 5
    assert [row[0] for row in await desk.rows(INVOICES)] == [1, 2, 3, 4, 5]
    async with desk.units("director") as ctx:
        assert await check_ledger(ctx.db) == []


async def test_each_clinic_counts_from_one(desk: Desk, make_clinic) -> None:
    other = await furnish((await make_clinic()).ctx_as)
    assert [(await desk.invoice()).number, (await other.invoice()).number] == ["1", "1"]


async def test_issuing_costs_the_same_number_of_statements_for_one_and_for_twenty_lines(
    desk: Desk, count_statements
) -> None:
    await desk.invoice()
    counts = []
    for lines in (1, 20):
        wish = desk.wish(*[NewLine(service_id=desk.filling)] * lines)
        async with desk.units("administrator") as ctx:
            with count_statements() as statements:
                await issue_invoice(ctx, wish, str(uuid4()))
        counts.append(len(statements))
    assert counts == [7, 7], statements
