"""A clinic with a price list and a patient, and short ways to invoice and to pay."""

import datetime as dt
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from decimal import Decimal
from functools import partial
from typing import Any, cast
from uuid import uuid4
from zoneinfo import ZoneInfo

import msgspec
import pytest
import pytest_asyncio
from sqlalchemy import insert, text

from prikus.patients.models import Patient
from prikus.testing.clinics import Client
from prikus.toolkit import Context
from prikus_billing.schemas.money import (
    Cancellation,
    DepositMoved,
    Issued,
    NewInvoice,
    NewLine,
    NewPayment,
    NewRefund,
    Paid,
    Prepayment,
    RefundLine,
    Reversed,
    Settlement,
    Withdrawal,
)
from prikus_billing.services.check import check_ledger
from prikus_billing.services.deposits import deposit_of, top_up, withdraw
from prikus_billing.services.invoices import issue_invoice
from prikus_billing.services.payments import pay
from prikus_billing.services.reversing import cancel_invoice, refund, returnable_lines
from prikus_billing.services.settling import settlement_of
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

    async def pay(
        self, invoice_id: int, cash: str = "0", cashless: str = "0", key: str | None = None, **more: Any
    ) -> Paid:
        payment = NewPayment(invoice_id=invoice_id, cash=Decimal(cash), cashless=Decimal(cashless), **more)
        async with self.units("administrator") as ctx:
            return await pay(ctx, payment, key or str(uuid4()))

    async def top_up(self, amount: str, kind: Any = "cash", key: str | None = None) -> DepositMoved:
        wish = Prepayment(patient_id=self.patient_id, kind=kind, amount=Decimal(amount))
        async with self.units("administrator") as ctx:
            return await top_up(ctx, wish, key or str(uuid4()))

    async def withdraw(self, amount: str, kind: Any = "cash", key: str | None = None) -> DepositMoved:
        wish = Withdrawal(patient_id=self.patient_id, kind=kind, amount=Decimal(amount))
        async with self.units("director") as ctx:
            return await withdraw(ctx, wish, key or str(uuid4()))

    async def cancel(self, invoice_id: int, reason: str = "Ошибка в счёте", key: str | None = None) -> Reversed:
        async with self.units("administrator") as ctx:
            return await cancel_invoice(ctx, Cancellation(invoice_id=invoice_id, reason=reason), key or str(uuid4()))

    async def refund(
        self, invoice_id: int, *quantities: int, way: Any = "cash", reason: str = "Жалоба", key: str | None = None
    ) -> Reversed:
        """Return so many of each line of the invoice, in their order."""
        async with self.units("director") as ctx:
            known = await returnable_lines(ctx, invoice_id)
            lines = tuple(
                RefundLine(line.position, quantity) for line, quantity in zip(known, quantities, strict=False)
            )
            wish = NewRefund(invoice_id=invoice_id, lines=lines, way=way, reason=reason)
            return await refund(ctx, wish, key or str(uuid4()))

    async def deposit(self) -> Decimal:
        async with self.units("administrator") as ctx:
            return await deposit_of(ctx, self.patient_id)

    async def told(self) -> Settlement:
        """The last movement of the clinic."""
        async with self.units("system") as ctx:
            last = await ctx.db.scalar(text("select max(id) from billing.ledger_transaction"))
            return await settlement_of(ctx, cast(int, last))

    async def mistakes(self) -> list[str]:
        """What the nightly check of the books would say."""
        async with self.units("system") as ctx:
            return await check_ledger(ctx.db)

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
    return await furnish(partial(ctx_as, patiently=True))


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock goes on from noon: no day ends between two looks."""
    began = dt.datetime.now(ZoneInfo("Asia/Yekaterinburg"))
    ahead = began.replace(hour=12) - began
    monkeypatch.setattr(Context, "now", lambda _: dt.datetime.now(dt.UTC) + ahead)
    monkeypatch.setattr(Context, "today", lambda ctx, branch=None: ctx.now().astimezone(ctx.zone(branch)).date())


@pytest.fixture
def key() -> str:
    return str(uuid4())


async def sent(client: Client, path: str, **fields: Any) -> Any:
    """A form that is pressed once."""
    return await client.htmx.post(path, data={"idempotency_key": str(uuid4()), **fields})
