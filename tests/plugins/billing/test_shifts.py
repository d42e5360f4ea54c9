"""Shifts of the cash desk: counts, cash in and out, handover, close, the day sheet, two desks at once."""

import asyncio
import datetime as dt
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import text

from prikus.toolkit import Conflict, Denied, Invalid, NotFound
from prikus_billing.schemas.desk import CashMove, Handover, NewShift, ShiftCount, ShiftMoved
from prikus_billing.schemas.money import NewLine
from prikus_billing.services import desk as reading
from prikus_billing.services.shifts import close_shift, hand_over, move_cash, open_shift
from tests.plugins.billing.conftest import Desk, Units, furnish


async def opened(desk: Desk, opening: str = "3000", key: str | None = None) -> ShiftMoved:
    async with desk.units("administrator") as ctx:
        return await open_shift(ctx, NewShift(opening=Decimal(opening)), key or str(uuid4()))


async def moved(
    desk: Desk, shift: int, kind, amount: str, reason: str = "Размен", key: str | None = None
) -> ShiftMoved:
    wish = CashMove(shift_id=shift, kind=kind, amount=Decimal(amount), reason=reason)
    async with desk.units("administrator") as ctx:
        return await move_cash(ctx, wish, key or str(uuid4()))


async def closed(desk: Desk, shift: int, counted: str, reason: str = "", key: str | None = None) -> ShiftMoved:
    wish = ShiftCount(shift_id=shift, counted=Decimal(counted), reason=reason)
    async with desk.units("administrator") as ctx:
        return await close_shift(ctx, wish, key or str(uuid4()))


@pytest.mark.spec("BILL-01", part="shift", bites="prikus_billing.services.shifts:_close:shift, expected = await _held")
async def test_a_shift_from_count_to_count(desk: Desk, staff) -> None:
    shift = (await opened(desk)).shift_id
    invoice = (await desk.invoice()).invoice_id
    await desk.pay(invoice, cash="4000", cashless="5100")
    await desk.top_up("1000")
    await desk.withdraw("1000")
    await desk.refund(invoice, 0, 1)
    assert (await moved(desk, shift, "put_in", "500")).expected == Decimal(6900)
    assert (await moved(desk, shift, "take_out", "5000", "Инкассация")).expected == Decimal(1900)
    colleague = await staff("administrator", last_name="Рыбакова")
    async with desk.units("administrator") as ctx:
        wish = Handover(shift_id=shift, to_staff_id=colleague.staff_id, counted=Decimal(1890), reason="Сдача")
        assert (await hand_over(ctx, wish, str(uuid4()))).difference == Decimal(-10)
    done = await closed(desk, shift, "1890")
    assert (done.expected, done.difference) == (Decimal(1890), 0)
    async with desk.units("accountant") as ctx:
        seen = await reading.shift_of(ctx, shift)
        rows, onward = await reading.rows_of(ctx, shift)
    assert (seen.cash_in, seen.cash_out, seen.cashless_in) == (Decimal(5000), Decimal(1600), Decimal(5100))
    assert (seen.put_in, seen.taken_out, seen.found) == (Decimal(500), Decimal(5000), Decimal(-10))
    assert (seen.opening, seen.expected, seen.counted, seen.difference) == (3000, 1890, 1890, 0)
    assert seen.keeper.startswith("Рыбакова")
    assert [row.kind for row in rows] == [
        "handover",
        "take_out",
        "put_in",
        "refund",
        "withdrawal",
        "top_up",
        "payment",
    ]
    assert (rows[0].about[:8], rows[3].about[:8], rows[6].number, onward) == ("Рыбакова", "Морозова", "1", None)
    facts = await desk.rows("select name, payload->>'counted' from core.outbox_event where name like 'cash_shift.%'")
    assert sorted(facts) == [("cash_shift.closed", "1890"), ("cash_shift.opened", None)]
    assert await desk.mistakes() == []


async def test_without_a_shift_money_moves_and_belongs_to_none(desk: Desk) -> None:
    invoice = (await desk.invoice()).invoice_id
    await desk.pay(invoice, cash="100")
    async with desk.units("administrator") as ctx:
        assert not await reading.is_between_shifts(ctx)
    shift = (await opened(desk, "0")).shift_id
    await desk.pay(invoice, cash="10")
    await closed(desk, shift, "10")
    await desk.pay(invoice, cash="1")
    stamps = "select shift_id from billing.ledger_transaction where kind = 'payment' order by id"
    assert await desk.rows(stamps) == [(None,), (shift,), (None,)]
    async with desk.units("administrator") as ctx:
        assert await reading.is_between_shifts(ctx)
        assert await reading.last_count(ctx, ctx.branch) == Decimal(10)
    assert await desk.mistakes() == []


async def test_one_shift_is_open_at_a_desk(desk: Desk) -> None:
    answers = await asyncio.gather(*(opened(desk) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(answer, Conflict) for answer in answers) == 4
    [(number,)] = await desk.rows("select number from billing.cash_shift")
    assert number == 1
    shift = next(answer.shift_id for answer in answers if isinstance(answer, ShiftMoved))
    await closed(desk, shift, "3000")
    assert (await opened(desk)).number == 2


async def test_five_clicks_do_it_once(desk: Desk, key: str) -> None:
    made = await asyncio.gather(*(opened(desk, key=key) for _ in range(5)))
    [shift] = {one.shift_id for one in made}
    again = str(uuid4())
    await asyncio.gather(*(moved(desk, shift, "put_in", "100", key=again) for _ in range(5)))
    last = str(uuid4())
    closings = await asyncio.gather(*(closed(desk, shift, "3100", key=last) for _ in range(5)))
    assert {one.difference for one in closings} == {Decimal(0)}


async def test_a_difference_needs_a_reason(desk: Desk, staff) -> None:
    shift = (await opened(desk)).shift_id
    with pytest.raises(Invalid) as refused:
        await closed(desk, shift, "2999.50")
    assert refused.value.fields == {"reason": "Не хватает 0,50\u00a0₽. Пересчитайте или укажите причину."}
    async with desk.units("administrator") as ctx:
        wish = Handover(shift_id=shift, to_staff_id=10**9, counted=Decimal(3001))
        with pytest.raises(Invalid) as refused:
            await hand_over(ctx, wish, str(uuid4()))
    assert list(refused.value.fields) == ["to_staff_id"]
    done = await closed(desk, shift, "2999.50", "Мелочь")
    assert done.difference == Decimal("-0.50")
    with pytest.raises(Conflict):
        await closed(desk, shift, "2999.50", "Мелочь")
    assert await desk.rows("select expected, counted, reason from billing.cash_shift") == [
        (Decimal(3000), Decimal("2999.50"), "Мелочь")
    ]


async def test_no_more_is_taken_out_than_must_lie_there(desk: Desk) -> None:
    shift = (await opened(desk)).shift_id
    with pytest.raises(Invalid) as refused:
        await moved(desk, shift, "take_out", "3000.01")
    assert refused.value.fields == {"amount": "В кассе меньше: 3\u00a0000,00\u00a0₽."}
    for wrong in ({"amount": "0"}, {"amount": "-1"}):
        with pytest.raises(Invalid):
            await moved(desk, shift, "put_in", **wrong)
    with pytest.raises(Invalid) as refused:
        await moved(desk, shift, "put_in", "1", " ")
    assert list(refused.value.fields) == ["reason"]
    answers = await asyncio.gather(*(moved(desk, shift, "take_out", "2000") for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(answer, Invalid) for answer in answers) == 4


async def test_rights_and_other_clinics(desk: Desk, make_clinic, key: str) -> None:
    shift = (await opened(desk)).shift_id
    async with desk.units("accountant") as ctx:
        with pytest.raises(Denied):
            await close_shift(ctx, ShiftCount(shift_id=shift, counted=Decimal(1)), key)
    async with desk.units("doctor") as ctx:
        with pytest.raises(Denied):
            await reading.shift_of(ctx, shift)
    other = await furnish((await make_clinic()).ctx_as)
    for attempt in (closed(other, shift, "1"), moved(other, shift, "put_in", "1")):
        with pytest.raises(NotFound):
            await attempt
    async with other.units("director") as ctx:
        assert await reading.shift_now(ctx, ctx.branch) is None
        with pytest.raises(NotFound):
            await reading.shift_of(ctx, shift)


async def test_a_close_waits_for_payments_under_way(desk: Desk) -> None:
    """Whoever pays while somebody closes is either in the sum or in no shift."""
    for _ in range(4):
        shift = (await opened(desk, "0")).shift_id
        invoices = [(await desk.invoice()).invoice_id for _ in range(3)]
        await asyncio.gather(
            *(desk.pay(invoice, cash="100") for invoice in invoices), closed(desk, shift, "0", "Проверка")
        )
    assert await desk.mistakes() == []


async def test_a_close_that_does_not_wait_forgets_a_payment(desk: Desk) -> None:
    """The twin: the sum is read without the shift's lock while a payment is under way."""
    shift = (await opened(desk, "0")).shift_id
    invoice = (await desk.invoice()).invoice_id
    async with desk.units("administrator") as ctx:
        expected = await ctx.db.scalar(
            text("select opening from billing.cash_shift where id = :shift"), {"shift": shift}
        )
        await desk.pay(invoice, cash="100")
        await ctx.db.execute(
            text("update billing.cash_shift set closed_at = now(), expected = :sum, counted = :sum where id = :shift"),
            {"sum": expected, "shift": shift},
        )
    assert any("Смена" in sentence for sentence in await desk.mistakes())


@pytest.mark.spec("BILL-01", part="day sheet", bites="prikus_billing.services.desk:day_sheet:received = _by_doctor(")
@pytest.mark.usefixtures("noon")
async def test_the_day_sheet_tells_by_operation_and_doctor_to_the_kopeck(desk: Desk, staff, ctx_as: Units) -> None:
    first, second = await staff("doctor", last_name="Петров"), await staff("doctor", last_name="Соколов")
    lines = (
        NewLine(service_id=desk.filling, doctor_id=first.staff_id),
        NewLine(service_id=desk.anaesthesia, doctor_id=second.staff_id),
        NewLine(service_id=desk.anaesthesia),
    )
    invoice = (await desk.invoice(*lines)).invoice_id
    await desk.top_up("100.01", "cashless")
    await desk.pay(invoice, cash="5000", deposit=Decimal("100.01"))
    other = (await desk.invoice(NewLine(service_id=desk.filling, doctor_id=second.staff_id))).invoice_id
    await desk.pay(other, cashless="7900")
    await desk.refund(other, 1, way="cashless")
    gone = (await desk.invoice(NewLine(service_id=desk.filling, doctor_id=first.staff_id))).invoice_id
    await desk.cancel(gone)
    shift = (await opened(desk, "7")).shift_id
    async with ctx_as("accountant") as ctx:
        sheet = await reading.day_sheet(ctx, ctx.branch, ctx.today(ctx.branch.id))
        empty = await reading.day_sheet(ctx, ctx.branch, dt.date(2020, 1, 1))
    assert {one.kind: (one.count, one.cash, one.cashless, one.deposit) for one in sheet.moves} == {
        "payment": (2, Decimal(5000), Decimal(7900), Decimal("100.01")),
        "top_up": (1, 0, Decimal("100.01"), 0),
        "refund": (1, 0, Decimal(-7900), 0),
    }
    assert [(one.doctor.split("\u00a0")[0].split()[0], one.invoiced) for one in sheet.doctors] == [
        ("Петров", Decimal(7900)),
        ("Соколов", Decimal(8500)),
        ("Без", Decimal(600)),
    ]
    assert sum(one.received for one in sheet.doctors) == Decimal("5100.01")
    assert sheet.doctors[0].received == Decimal("4427.48")
    assert [one.id for one in sheet.shifts] == [shift]
    assert (empty.moves, empty.doctors, empty.shifts) == ([], [], [])


@pytest.mark.usefixtures("noon")
async def test_money_of_a_cancelled_invoice_counts_once(desk: Desk, staff, ctx_as: Units) -> None:
    """What came back as a deposit is received when it pays another invoice, and nothing of it twice."""
    first, second = await staff("doctor", last_name="Петров"), await staff("doctor", last_name="Соколов")
    lines = (
        NewLine(service_id=desk.filling, doctor_id=first.staff_id),
        NewLine(service_id=desk.anaesthesia, doctor_id=second.staff_id),
    )
    wrong = (await desk.invoice(*lines)).invoice_id
    await desk.pay(wrong, cash="8500")
    await desk.refund(wrong, 0, 1)
    await desk.cancel(wrong)
    async with ctx_as("accountant") as ctx:
        assert (await reading.day_sheet(ctx, ctx.branch, ctx.today(ctx.branch.id))).doctors == []
    right = (await desk.invoice(lines[0])).invoice_id
    await desk.pay(right, deposit=Decimal(7900))
    async with ctx_as("accountant") as ctx:
        sheet = await reading.day_sheet(ctx, ctx.branch, ctx.today(ctx.branch.id))
    assert [(one.doctor_id, one.invoiced, one.received) for one in sheet.doctors] == [(first.staff_id, 7900, 7900)]
    assert {one.kind: (one.count, one.cash, one.deposit) for one in sheet.moves} == {
        "payment": (2, Decimal(8500), Decimal(7900)),
        "refund": (1, Decimal(-600), 0),
    }


async def test_the_movements_of_a_shift_are_turned_page_by_page(desk: Desk, count_statements) -> None:
    shift = (await opened(desk)).shift_id
    for n in range(35):
        await moved(desk, shift, "put_in", str(n + 1))
    async with desk.units("administrator") as ctx:
        with count_statements() as statements:
            first, onward = await reading.rows_of(ctx, shift)
        rest, end = await reading.rows_of(ctx, shift, onward)
        zoneless = dt.datetime(2026, 11, 30).isoformat()
        for strange in ("nonsense", f"{zoneless}_0_1", f"{zoneless}Z_{2**31}_1", f"{zoneless}Z_0_{2**63}"):
            with pytest.raises(NotFound):
                await reading.rows_of(ctx, shift, strange)
    assert [row.cash for row in (*first, *rest)] == [Decimal(n) for n in range(35, 0, -1)]
    assert (len(first), end, len(statements)) == (30, None, 1)
