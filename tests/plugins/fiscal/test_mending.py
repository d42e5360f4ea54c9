"""What people do: a contact, another register, a correction; refunds through the register that took the money."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from prikus_billing.schemas.money import NewRefund, RefundLine
from prikus_billing.services.reversing import refund
from tests.plugins.fiscal.conftest import Front
from tests.plugins.integrations_evotor.conftest import Till

NO_CONTACT = "update core.patient set phone = '', phone_digits = '', email = null"


async def press(front: Front, address: str, **form: Any) -> int:
    return (await front.till.director.post(f"/fiscal/{address}", data=form)).status_code


@pytest.mark.spec("INT-05", part="e-mail or phone")
async def test_without_a_contact_a_receipt_waits_for_one(front: Front) -> None:
    async with front.clinic.ctx_as("director") as ctx:
        await ctx.db.execute(text(NO_CONTACT))
    await front.pay(cash="9100")
    await front.work()
    [(id, state)] = await front.rows("id, state")
    assert (state, await front.till.registered()) == ("needs_contact", [])
    assert await press(front, f"receipts/{id}/retry") == 409
    assert await press(front, f"receipts/{id}/contact", contact="abc") == 422
    assert await press(front, f"receipts/{id}/contact", contact="8 912 345-67-89") == 204
    await front.work(1)
    assert await front.rows("state, buyer->>'phone'") == [("done", "+79123456789")]


async def test_the_clinics_own_address_gets_receipts_of_people_without_a_contact(front: Front) -> None:
    [(register,)] = await front.of_registers("id")
    words = {"naming": "generic", "generic_name": "Услуга", "advance_name": "Аванс", "debt_name": "Долг"}
    form = {**words, "is_active": "1", "fallback_email": "checks@clinic.example"}
    assert await press(front, f"registers/{register}", **{**form, "fallback_email": "checks"}) == 422
    assert await press(front, f"registers/{register}", **form) == 204
    async with front.clinic.ctx_as("director") as ctx:
        await ctx.db.execute(text(NO_CONTACT))
    await front.pay(cash="9100")
    await front.work(1)
    assert await front.rows("state, buyer->>'email'") == [("done", "checks@clinic.example")]
    [(content,)] = await front.rows("content")
    assert {item["name"] for item in content["items"]} == {"Услуга"}


async def test_a_clinic_without_registers_has_no_receipts(front: Front) -> None:
    async with front.clinic.ctx_as("director") as ctx:
        await ctx.db.execute(text("delete from fiscal.cash_register"))
    await front.pay(cash="9100")
    await front.work()
    assert await front.rows("id") == []
    assert "Касса не подключена" in (await front.till.director.get("/fiscal/receipts")).text


async def test_without_an_active_register_nothing_is_lost(front: Front) -> None:
    [(register,)] = await front.of_registers("id")
    words = {"naming": "generic", "generic_name": "Услуга", "advance_name": "Аванс", "debt_name": "Долг"}
    assert await press(front, f"registers/{register}", **words) == 204
    await front.pay(cash="9100")
    await front.work()
    [(id, state)] = await front.rows("id, state")
    assert state == "draft"
    assert await press(front, f"receipts/{id}/retry") == 409
    assert await press(front, f"receipts/{id}/register", register_id=register) == 204
    await front.work(1)
    assert await front.states() == ["done"]
    assert await press(front, f"receipts/{id}/register", register_id=register) == 409


@pytest.mark.spec("INT-05", part="several registers")
async def test_money_goes_back_through_the_register_that_took_it(front: Front) -> None:
    invoice = await front.pay(cash="9100")
    await front.work(1)
    [(sale, first)] = await front.rows("id, register_id")
    other = front.till.another()
    assert (await other.connect(title="Касса у кабинета")).status_code == 204
    [_, (second,)] = await front.of_registers("id")
    words = {"naming": "price_list", "generic_name": "Услуга", "advance_name": "Аванс", "debt_name": "Долг"}
    assert await press(front, f"registers/{second}", is_active="1", **words) == 409, "two active ones"
    assert await press(front, f"registers/{first}", **words) == 204
    assert await press(front, f"registers/{second}", is_active="1", **words) == 204
    back = NewRefund(invoice_id=invoice, lines=(RefundLine(2, 1),), way="cash", reason="Не понадобилась")
    async with front.clinic.ctx_as("director") as ctx:
        await refund(ctx, back, str(uuid4()))
    await front.clinic.drain()
    assert await front.rows("register_id, base_id", "kind = 'sell_refund'") == [(first, sale)]
    await front.pay(cash="9100")
    await front.work(3)
    assert [row[0] for row in await front.rows("register_id")] == [first, first, second]
    assert await front.states() == ["done"] * 3
    assert [one["kind"] for one in await front.till.registered()] == ["sell", "sell_refund"]
    assert [one["kind"] for one in await other.registered()] == ["sell"]


async def test_a_wrong_receipt_is_taken_back_and_given_anew_by_right_and_with_a_reason(
    till: Till, front: Front
) -> None:
    assert (await till.connect(corrections="yes")).status_code == 204
    await front.pay(cash="9100")
    await front.work(1)
    [(id,)] = await front.rows("id")
    form = {"reason": "own", "day": "2026-03-01", "number": "7", "idempotency_key": str(uuid4())}
    assert await press(front, f"receipts/{id}/correct", **form) == 422
    for _ in range(2):
        assert await press(front, f"receipts/{id}/correct", **form, note="Неверная ставка") == 204
    await front.work(3)
    assert await front.rows("kind, state") == [
        ("sell", "done"),
        ("sell_refund_correction", "done"),
        ("sell_correction", "done"),
    ]
    assert [one["kind"] for one in await till.registered()] == ["sell", "sell_refund_correction", "sell_correction"]


async def test_a_register_that_takes_no_corrections_offers_none(front: Front) -> None:
    await front.pay(cash="9100")
    await front.work(1)
    [(id,)] = await front.rows("id")
    assert "Чек коррекции" not in (await front.till.director.get(f"/fiscal/receipts/{id}")).text
    form = {"reason": "own", "day": "2026-03-01", "number": "7", "note": "Ошибка", "idempotency_key": str(uuid4())}
    assert await press(front, f"receipts/{id}/correct", **form) == 409


async def test_a_receipt_shows_its_fiscal_data_and_stands_beside_its_payment(front: Front) -> None:
    invoice = await front.pay(cash="9100")
    await front.work(1)
    [(id, transaction, fiscal)] = await front.rows("id, transaction_id, fiscal")
    shown = (await front.till.director.get(f"/fiscal/receipts/{id}")).text
    moment = fiscal["at"].replace("-", "").replace(":", "")[:13]
    code = f"t={moment}&amp;s=9100.00&amp;fn={fiscal['fn']}&amp;i={fiscal['document']}&amp;fp={fiscal['sign']}&amp;n=1"
    assert code in shown
    assert f'href="https://ofd.example/r/{fiscal["document"]}"' in shown
    printed = (await front.till.director.get(f"/fiscal/receipts/{id}/print")).text
    assert "Кассовый чек" in printed
    beside = f"/fiscal/movements/{transaction}/state"
    assert beside in (await front.till.director.get(f"/billing/invoices/{invoice}")).text
    assert re.search(r"Чек: пробит", (await front.till.director.get(beside)).text)


async def test_a_receipt_without_the_operators_page_has_a_built_address(front: Front) -> None:
    await front.till.fake.misbehave("nolink")
    await front.pay(cash="9100")
    await front.work(1)
    [(id, fiscal)] = await front.rows("id, fiscal")
    shown = (await front.till.director.get(f"/fiscal/receipts/{id}")).text
    assert f"https://lk.platformaofd.ru/web/noauth/cheque/search?fn={fiscal['fn']}&amp;fp={fiscal['sign']}" in shown
