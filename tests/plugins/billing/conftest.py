"""A clinic with a price list and a patient, and short ways to invoice and to pay."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from typing import Any
from uuid import uuid4

import msgspec
import pytest
import pytest_asyncio
from sqlalchemy import insert, text

from prikus.patients.models import Patient
from prikus.toolkit import Context
from prikus_billing.schemas import Issued, NewInvoice, NewLine, NewPayment, Paid
from prikus_billing.services.invoices import issue_invoice
from prikus_billing.services.payments import pay
from prikus_catalog.schemas import CategoryForm, ServiceForm
from prikus_catalog.services import add_category, add_service

Units = Callable[..., AbstractAsyncContextManager[Context]]
LEDGER = text("select account, amount, invoice_id, payment_id from billing.ledger_entry order by account, amount")


async def make_patient(ctx: Context, last_name: str = "Морозова", card_number: int = 1) -> int:
    values = {
        "card_number": card_number,
        "last_name": last_name,
        "first_name": "Анна",
        "patronymic": "Викторовна",
        "sort_name": f"{last_name} анна".lower(),
        "search_name": f"{last_name} анна".lower(),
        "phone": "+79123401289",
        "phone_digits": "79123401289",
    }
    id = await ctx.db.scalar(insert(Patient).values(values).returning(Patient.id))
    assert id is not None
    return id


class Desk(msgspec.Struct, frozen=True):
    """What a front desk has at hand: a patient and two services, at 7 900,00 and 600,00."""

    units: Any
    patient_id: int
    filling: int
    anaesthesia: int

    def wish(self, *lines: NewLine, **fields: Any) -> NewInvoice:
        both = (NewLine(service_id=self.filling), NewLine(service_id=self.anaesthesia, quantity=2))
        return NewInvoice(patient_id=self.patient_id, lines=lines or both, **fields)

    async def invoice(self, *lines: NewLine, key: str | None = None, who: str = "administrator") -> Issued:
        async with self.units(who) as ctx:
            return await issue_invoice(ctx, self.wish(*lines), key or str(uuid4()))

    async def pay(self, invoice_id: int, cash: str = "0", cashless: str = "0", key: str | None = None) -> Paid:
        payment = NewPayment(invoice_id=invoice_id, cash=Decimal(cash), cashless=Decimal(cashless))
        async with self.units("administrator") as ctx:
            return await pay(ctx, payment, key or str(uuid4()))

    async def ledger(self) -> list[tuple[str, str]]:
        async with self.units("director") as ctx:
            return [(row.account, str(row.amount)) for row in await ctx.db.execute(LEDGER)]

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        async with self.units("director") as ctx:
            return [tuple(row) for row in await ctx.db.execute(text(query))]


async def furnish(units: Units) -> Desk:
    async with units("director") as ctx:
        patient = await make_patient(ctx)
        category = await add_category(ctx, CategoryForm(name="Терапия"))
        services = [
            await add_service(
                ctx, ServiceForm(category_id=category, name=name, code=code, price=Decimal(price), is_active=True)
            )
            for code, name, price in (
                ("A16.07.002", "Кариес, реставрация", "7900.00"),
                ("B01.003.004", "Анестезия инфильтрационная", "600.00"),
            )
        ]
    return Desk(units, patient, *services)


@pytest_asyncio.fixture(loop_scope="session")
async def desk(ctx_as: Units) -> Desk:
    return await furnish(ctx_as)


@pytest.fixture
def key() -> str:
    return str(uuid4())
