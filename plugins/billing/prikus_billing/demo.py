"""Invoices and payments of a demo clinic: one for nearly every finished visit, ledger and counters included.

The generators are pure: the same visits, price list and seed give the same rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from random import Random
from typing import Any, Protocol

import msgspec
from sqlalchemy import select, text

from prikus.toolkit import Branch, Demo, PastFact, tell_past
from prikus_billing.events import InvoiceIssued, PaymentReceived
from prikus_billing.models import Invoice, InvoiceLine, LedgerEntry, LedgerTransaction, Payment, PaymentMethod
from prikus_billing.schemas import Kind
from prikus_billing.services.invoices import SERIES
from prikus_billing.services.ledger import status_of, sum_up

CATEGORIES = {
    "Стоматолог-терапевт": ("Терапия",),
    "Стоматолог-хирург": ("Хирургия", "Хирургия", "Имплантация"),
    "Стоматолог-ортопед": ("Ортопедия",),
    "Ортодонт": ("Ортодонтия",),
    "Гигиенист": ("Пародонтология и гигиена",),
    "Детский стоматолог": ("Детская стоматология",),
}
DIAGNOSTICS = "Диагностика"
INVOICED, DIAGNOSED = 0.9, 0.25
# How an invoice is paid: at once, in two parts, or not yet; and in which way.
MANNERS = {"whole": 86, "parts": 9, "later": 5}
WAYS = {"cashless": 58, "cash": 30, "both": 12}
DEAR = Decimal(40_000)
HUNDRED = Decimal("1E2")
NOTES = ("Оплата по частям, срок месяц.", "Чек отправить на почту.", "Счёт согласован по телефону.")
PLACES = [f"{quadrant}.{place}" for quadrant in range(1, 5) for place in range(1, 8)]


class Visit(Protocol):
    """What the calendar's demo tells of a finished appointment."""

    patient_id: int
    doctor_id: int
    branch_id: int
    ends_at: dt.datetime
    business_date: dt.date
    speciality: str


class Sold(Protocol):
    """What the price list's demo tells of a service."""

    id: int
    code: str
    name: str
    price: Decimal
    per_tooth: bool
    category: str


class DemoPayment(msgspec.Struct, frozen=True):
    """Money taken at one moment, by kind."""

    at: dt.datetime
    business_date: dt.date
    parts: dict[Kind, Decimal]


class DemoInvoice(msgspec.Struct, frozen=True):
    """An invoice with its lines and all that was paid for it."""

    visit: Any
    issued_at: dt.datetime
    lines: list[dict[str, Any]]
    payments: list[DemoPayment]
    note: str | None

    @property
    def total(self) -> Decimal:
        return sum_up(line["net_amount"] for line in self.lines)

    @property
    def paid(self) -> Decimal:
        return sum_up(part for payment in self.payments for part in payment.parts.values())


def invoices(
    visits: Sequence[Visit], services: Sequence[Sold], today: dt.date, random: Random
) -> Iterator[DemoInvoice]:
    """Invoices of the visits in the order of time."""
    by_category: dict[str, list[Sold]] = {}
    for service in services:
        by_category.setdefault(service.category, []).append(service)
    for visit in sorted(visits, key=lambda visit: (visit.ends_at, visit.patient_id, visit.doctor_id)):
        if random.random() < INVOICED:
            lines = [_line(service, visit.doctor_id, random) for service in _chosen(visit, by_category, random)]
            issued_at = visit.ends_at + dt.timedelta(minutes=random.randint(2, 12))
            total = sum_up(line["net_amount"] for line in lines)
            payments = list(_payments(total, issued_at, visit.business_date, today, random))
            note = random.choice(NOTES) if random.random() < 0.04 else None
            yield DemoInvoice(visit, issued_at, lines, payments, note)


def _chosen(visit: Visit, by_category: Mapping[str, list[Sold]], random: Random) -> list[Sold]:
    category = random.choice(CATEGORIES.get(visit.speciality, ("Терапия",)))
    offered = by_category[category]
    count = min(len(offered), random.choice((1, 1, 2, 2, 3)))
    # Dear work is rarer than cheap.
    weights = [1 / (1 + float(service.price) / 8000) for service in offered]
    chosen = dict.fromkeys(random.choices(range(len(offered)), weights, k=count))
    found = [offered[at] for at in chosen]
    if random.random() < DIAGNOSED:
        found.append(random.choice(by_category[DIAGNOSTICS]))
    return found


def _line(service: Sold, doctor_id: int, random: Random) -> dict[str, Any]:
    teeth = sorted(random.sample(PLACES, random.choice((1, 1, 1, 2)))) if service.per_tooth else []
    quantity = len(teeth) or 1
    return {
        "service_id": service.id,
        "service_code": service.code,
        "service_name": service.name,
        "teeth": ", ".join(teeth) or None,
        "quantity": quantity,
        "price": service.price,
        "net_amount": service.price * quantity,
        "doctor_id": doctor_id,
    }


def _payments(
    total: Decimal, issued_at: dt.datetime, day: dt.date, today: dt.date, random: Random
) -> Iterator[DemoPayment]:
    manner = _drawn(random, MANNERS)
    soon = issued_at + dt.timedelta(minutes=random.randint(1, 5))
    if manner == "whole" and total < DEAR:
        yield DemoPayment(soon, day, _split(total, random))
        return
    first = (total / 2).quantize(HUNDRED) if manner != "later" and total >= 1000 else Decimal(0)
    if first:
        yield DemoPayment(soon, day, _split(first, random))
    wait = random.randint(3, 40)
    if day + dt.timedelta(days=wait) < today and random.random() < 0.94:
        later = soon + dt.timedelta(days=wait)
        yield DemoPayment(later, day + dt.timedelta(days=wait), _split(total - first, random))


def _split(amount: Decimal, random: Random) -> dict[Kind, Decimal]:
    way = _drawn(random, WAYS)
    if way == "both" and amount >= 2000:
        cash = (amount * random.randint(2, 8) / 10).quantize(HUNDRED)
        return {"cash": cash, "cashless": amount - cash}
    return {"cash": amount} if way == "cash" else {"cashless": amount}


def _drawn(random: Random, weights: Mapping[str, int]) -> str:
    return random.choices(list(weights), list(weights.values()))[0]


class Books:
    """Writes invoices and payments into the tables as the services would, thousands of rows at a time."""

    def __init__(self, demo: Demo, entities: Mapping[int, int], methods: Mapping[str, int]) -> None:
        self._demo = demo
        self._entities = entities
        self._methods = methods
        self._clerks: Sequence[int] = demo.made["administrators"] or [demo.made["head"]]
        self._numbers: dict[int, int] = {}
        self._given: list[int] = []

    async def write(self, made: Sequence[DemoInvoice]) -> None:
        ids = await self._demo.add(Invoice, [self._invoice(invoice) for invoice in made], "счета")
        lines = [
            {"invoice_id": id, "position": place, **line}
            for id, invoice in zip(ids, made, strict=True)
            for place, line in enumerate(invoice.lines, 1)
        ]
        await self._demo.add(InvoiceLine, lines, "строки счетов")
        moves = [(id, invoice, payment) for id, invoice in zip(ids, made, strict=True) for payment in invoice.payments]
        moves.sort(key=lambda move: (move[2].at, move[0]))
        entries = [*await self._issued(ids, made), *await self._taken(moves)]
        await self._demo.add(LedgerEntry, entries, "проводки")
        await tell_past(self._demo, self._facts(ids, made), "события оплат")
        await self._count()

    def _facts(self, ids: Sequence[int], made: Sequence[DemoInvoice]) -> Iterator[PastFact]:
        for id, invoice, number in zip(ids, made, self._given, strict=True):
            patient_id, clerk = invoice.visit.patient_id, self._clerk(invoice, invoice.issued_at)["created_by_id"]
            about: dict[str, Any] = {"patient_id": patient_id, "invoice_id": id, "number": str(number)}
            currency = self._demo.clinic.currency
            issued = InvoiceIssued(**about, total=invoice.total, currency=currency)
            yield PastFact(issued, invoice.issued_at, clerk)
            due = invoice.total
            for payment in invoice.payments:
                amount = sum_up(payment.parts.values())
                due -= amount
                by_kind = {str(kind): part for kind, part in payment.parts.items()}
                taken: dict[str, Any] = {
                    "payment_ids": (),
                    "amount": amount,
                    "by_kind": by_kind,
                    "due": due,
                    "currency": currency,
                }
                yield PastFact(PaymentReceived(**about, **taken), payment.at, clerk)

    def _invoice(self, invoice: DemoInvoice) -> dict[str, Any]:
        entity = self._entities[invoice.visit.branch_id]
        self._numbers[entity] = self._numbers.get(entity, 0) + 1
        self._given.append(self._numbers[entity])
        return {
            **self._place(invoice),
            "patient_id": invoice.visit.patient_id,
            "number": self._numbers[entity],
            "issued_at": invoice.issued_at,
            "business_date": invoice.visit.business_date,
            "status": status_of(invoice.total, invoice.paid),
            "total": invoice.total,
            "paid": invoice.paid,
            "note": invoice.note,
            **self._clerk(invoice, invoice.issued_at),
        }

    def _place(self, invoice: DemoInvoice) -> dict[str, Any]:
        branch = invoice.visit.branch_id
        return {"legal_entity_id": self._entities[branch], "branch_id": branch}

    def _clerk(self, invoice: DemoInvoice, at: dt.datetime) -> dict[str, Any]:
        clerk = self._clerks[invoice.visit.branch_id % len(self._clerks)]
        return {"created_by_kind": "staff", "created_by_id": clerk, "created_at": at}

    async def _transactions(self, kind: str, moves: Sequence[tuple[DemoInvoice, dt.datetime, dt.date]]) -> list[int]:
        rows = [
            {
                **self._place(invoice),
                "kind": kind,
                "key": f"demo-{kind}-{n}",
                "happened_at": at,
                "business_date": day,
                **self._clerk(invoice, at),
            }
            for n, (invoice, at, day) in enumerate(moves)
        ]
        return await self._demo.add(LedgerTransaction, rows)

    async def _issued(self, ids: Sequence[int], made: Sequence[DemoInvoice]) -> list[dict[str, Any]]:
        moves = [(invoice, invoice.issued_at, invoice.visit.business_date) for invoice in made]
        entries = []
        for transaction, id, invoice in zip(await self._transactions("invoice", moves), ids, made, strict=True):
            day = invoice.visit.business_date
            for account, amount in (("receivable", invoice.total), ("revenue", -invoice.total)):
                entries.append(self._entry(transaction, account, amount, invoice, id, None, day))
        return entries

    async def _taken(self, moves: Sequence[tuple[int, DemoInvoice, DemoPayment]]) -> list[dict[str, Any]]:
        transactions = await self._transactions(
            "payment", [(invoice, payment.at, payment.business_date) for _, invoice, payment in moves]
        )
        parts = [
            (transaction, id, invoice, payment, kind, amount)
            for transaction, (id, invoice, payment) in zip(transactions, moves, strict=True)
            for kind, amount in payment.parts.items()
        ]
        rows = [
            {
                **self._place(invoice),
                "transaction_id": transaction,
                "patient_id": invoice.visit.patient_id,
                "method_id": self._methods[kind],
                "amount": amount,
                "paid_at": payment.at,
                "business_date": payment.business_date,
                **self._clerk(invoice, payment.at),
            }
            for transaction, _, invoice, payment, kind, amount in parts
        ]
        entries = []
        paid = await self._demo.add(Payment, rows, "оплаты")
        for payment_id, (transaction, id, invoice, payment, kind, amount) in zip(paid, parts, strict=True):
            for account, sum_ in ((kind, amount), ("receivable", -amount)):
                entries.append(self._entry(transaction, account, sum_, invoice, id, payment_id, payment.business_date))
        return entries

    def _entry(
        self,
        transaction: int,
        account: str,
        amount: Decimal,
        invoice: DemoInvoice,
        invoice_id: int,
        payment_id: int | None,
        day: dt.date,
    ) -> dict[str, Any]:
        return {
            "transaction_id": transaction,
            "account": account,
            "patient_id": invoice.visit.patient_id,
            "legal_entity_id": self._entities[invoice.visit.branch_id],
            "invoice_id": invoice_id,
            "payment_id": payment_id,
            "amount": amount,
            "business_date": day,
        }

    async def _count(self) -> None:
        """The next invoice that somebody issues follows the last of these."""
        rows = [{"series": SERIES, "entity": entity, "value": value} for entity, value in self._numbers.items()]
        if rows:
            query = "insert into core.counter (series, legal_entity_id, value) values (:series, :entity, :value)"
            await self._demo.db.execute(text(query), rows)


async def load(demo: Demo) -> None:
    """Invoices and payments for `made["visits"]` of the calendar from `made["services"]` of the price list."""
    visits = demo.made.get("visits", [])
    if "billing" not in demo.clinic.effective:
        return
    entities = {row.id: row.legal_entity_id for row in await demo.db.execute(select(Branch.id, Branch.legal_entity_id))}
    methods = {row.kind: row.id for row in await demo.db.execute(select(PaymentMethod.kind, PaymentMethod.id))}
    made = list(invoices(visits, demo.made["services"], demo.today, demo.random("billing")))
    await Books(demo, entities, methods).write(made)
