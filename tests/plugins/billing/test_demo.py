"""Invented invoices: the same again from the same seed, and as true as those that people issue."""

import datetime as dt
import secrets
from decimal import Decimal
from random import Random

import msgspec
import pytest
from sqlalchemy import select, text

from prikus.access.furnishing import DemoClinic, Size
from prikus.clinics.models import Clinic
from prikus.data.session import Scope
from prikus.operator.demo import load
from prikus.testing.house import House
from prikus_billing.demo.inventing import embellished, invoices
from prikus_billing.services.check import check_ledger
from prikus_catalog.demo import DemoService
from prikus_catalog.price_list import PRICE_LIST

TODAY = dt.date(2026, 11, 24)
SERVICES = [
    DemoService(n, service.code, service.name, service.price, service.per_tooth, category.name)
    for category in PRICE_LIST
    for n, service in enumerate(category.services, 1)
]


class Visit(msgspec.Struct):
    patient_id: int
    doctor_id: int
    branch_id: int
    ends_at: dt.datetime
    business_date: dt.date
    speciality: str


VISITS = [
    Visit(n % 40, n % 7, 1, dt.datetime(2026, 1 + n % 10, 1 + n % 28, 9, n % 60, tzinfo=dt.UTC), TODAY, speciality)
    for n, speciality in enumerate(("Стоматолог-терапевт", "Стоматолог-хирург", "Ортодонт", "Гигиенист") * 100)
]


def test_the_same_seed_gives_the_same_invoices() -> None:
    first, second = (list(invoices(VISITS, SERVICES, TODAY, Random(7))) for _ in range(2))
    assert first == second
    assert first != list(invoices(VISITS, SERVICES, TODAY, Random(8)))


@pytest.mark.parametrize("seed", range(5))
def test_nobody_pays_more_than_is_due_and_time_runs_forward(seed: int) -> None:
    made = list(invoices(VISITS, SERVICES, TODAY, Random(seed)))
    assert all(Decimal(0) <= invoice.paid <= invoice.total for invoice in made)
    assert [invoice.visit.ends_at for invoice in made] == sorted(invoice.visit.ends_at for invoice in made)
    assert all(payment.at > invoice.issued_at for invoice in made for payment in invoice.moves)
    assert {invoice.paid == invoice.total for invoice in made} == {True, False}


def test_a_few_invoices_have_more_to_tell() -> None:
    everybody = [msgspec.structs.replace(visit, patient_id=n) for n, visit in enumerate(VISITS * 10)]
    plain = list(invoices(everybody, SERVICES, TODAY, Random(7)))
    told = list(embellished(plain, TODAY, Random(7)))
    assert told == list(embellished(plain, TODAY, Random(7))) != plain
    moves = [move for invoice in told for move in invoice.moves]
    assert {"payment", "top_up", "cancellation"} <= {move.kind for move in moves}
    assert all(Decimal(0) <= invoice.refunded <= invoice.paid <= invoice.total for invoice in told)


async def test_a_demo_clinics_ledger_is_even_and_its_numbers_go_on(house: House) -> None:
    size = Size(branches=("На Пробной",), chairs=3, doctors=3, staff=1, patients=60, months=3, weeks=1)
    about = DemoClinic(slug=f"demo-{secrets.token_hex(4)}", name="На Пробной", plan="practice", size=size)
    await load(house.runtime, about)
    async with house.runtime.relay.connect() as db:
        clinic = await db.scalar(select(Clinic.id).where(Clinic.slug == about.slug))
    async with house.runtime.session(Scope(clinic)) as db:
        assert await check_ledger(db) == []
        count, last = (await db.execute(text("select count(*), max(number) from billing.invoice"))).one()
        assert count == last > 20
        kinds = set(await db.scalars(text("select distinct kind from billing.ledger_transaction")))
        assert {"invoice", "payment", "top_up"} <= kinds
        shifts = "select count(*), max(number), count(*) filter (where closed_at is null) from billing.cash_shift"
        opened, last, still = (await db.execute(text(shifts))).one()
        assert opened == last > 20
        assert still <= 1
