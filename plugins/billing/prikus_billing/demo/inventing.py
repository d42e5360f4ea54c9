"""Invented invoices: one for nearly every finished visit, some prepaid, cancelled or refunded.

The generators are pure: the same visits, price list and seed give the same rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from random import Random
from typing import Any, Literal, Protocol

import msgspec

from prikus_billing.schemas.money import Kind
from prikus_billing.services.ledger import sum_up

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


# How often an invoice has more to tell: prepaid a week before, something kept for later, cancelled, refunded.
MORE = {"": 946, "prepaid": 20, "kept": 20, "cancelled": 8, "refunded": 6}
MISTAKES = ("Не тот пациент", "Услуга не оказана", "Ошибка в счёте")
COMPLAINTS = ("Пациент отказался от услуги", "Жалоба на качество", "Услуга не оказана")


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


class DemoMove(msgspec.Struct, frozen=True):
    """Money that moved at one moment, by kind, negative when it was given back.

    `offset` is what a payment took from the deposit, `line` the line of the invoice that a refund returns.
    """

    at: dt.datetime
    business_date: dt.date
    parts: dict[Kind, Decimal]
    kind: Literal["payment", "top_up", "withdrawal", "refund", "cancellation"] = "payment"
    offset: Decimal = Decimal(0)
    line: int | None = None
    reason: str | None = None

    @property
    def amount(self) -> Decimal:
        return sum_up(self.parts.values()) + self.offset


class DemoInvoice(msgspec.Struct, frozen=True):
    """An invoice with its lines and all movements of money about it."""

    visit: Any
    issued_at: dt.datetime
    lines: list[dict[str, Any]]
    moves: list[DemoMove]
    note: str | None

    @property
    def total(self) -> Decimal:
        return sum_up(line["net_amount"] for line in self.lines)

    @property
    def paid(self) -> Decimal:
        return sum_up(move.amount for move in self.moves if move.kind == "payment")

    @property
    def refunded(self) -> Decimal:
        return -sum_up(move.amount for move in self.moves if move.kind == "refund")

    @property
    def is_cancelled(self) -> bool:
        return any(move.kind == "cancellation" for move in self.moves)


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
) -> Iterator[DemoMove]:
    manner = _drawn(random, MANNERS)
    soon = issued_at + dt.timedelta(minutes=random.randint(1, 5))
    if manner == "whole" and total < DEAR:
        yield DemoMove(soon, day, _split(total, random))
        return
    first = (total / 2).quantize(HUNDRED) if manner != "later" and total >= 1000 else Decimal(0)
    if first:
        yield DemoMove(soon, day, _split(first, random))
    wait = random.randint(3, 40)
    if day + dt.timedelta(days=wait) < today and random.random() < 0.94:
        later = soon + dt.timedelta(days=wait)
        yield DemoMove(later, day + dt.timedelta(days=wait), _split(total - first, random))


def _split(amount: Decimal, random: Random) -> dict[Kind, Decimal]:
    way = _drawn(random, WAYS)
    if way == "both" and amount >= 2000:
        cash = (amount * random.randint(2, 8) / 10).quantize(HUNDRED)
        return {"cash": cash, "cashless": amount - cash}
    return {"cash": amount} if way == "cash" else {"cashless": amount}


def _drawn(random: Random, weights: Mapping[str, int]) -> str:
    return random.choices(list(weights), list(weights.values()))[0]


def embellished(made: Iterable[DemoInvoice], today: dt.date, random: Random) -> Iterator[DemoInvoice]:
    """The same invoices, a few of them with more to tell; a patient's deposit is moved by one of them only."""
    used: set[int] = set()
    for invoice in made:
        what = _drawn(random, MORE)
        patient = invoice.visit.patient_id
        if what and invoice.moves and invoice.paid == invoice.total >= 1000 and patient not in used:
            used.add(patient)
            yield msgspec.structs.replace(invoice, moves=TELLERS[what](invoice, today, random))
        else:
            yield invoice


def _prepaid(invoice: DemoInvoice, today: dt.date, random: Random) -> list[DemoMove]:
    week, first = dt.timedelta(days=7), invoice.moves[0]
    before = (invoice.total / 2).quantize(HUNDRED)
    top_up = DemoMove(first.at - week, first.business_date - week, {_way(random): before}, "top_up")
    rest: dict[Kind, Decimal] = {_way(random): invoice.total - before}
    return [top_up, msgspec.structs.replace(first, parts=rest, offset=before)]


def _kept(invoice: DemoInvoice, today: dt.date, random: Random) -> list[DemoMove]:
    last = invoice.moves[-1]
    amount, way = Decimal(random.choice((5000, 10000, 15000))), _way(random)
    kept = [DemoMove(last.at + dt.timedelta(minutes=2), last.business_date, {way: amount}, "top_up")]
    wait = dt.timedelta(days=7 * random.randint(1, 3))
    if random.random() < 0.3 and last.business_date + wait < today:
        back: dict[Kind, Decimal] = {way: -amount}
        kept.append(DemoMove(last.at + wait, last.business_date + wait, back, "withdrawal"))
    return [*invoice.moves, *kept]


def _cancelled(invoice: DemoInvoice, today: dt.date, random: Random) -> list[DemoMove]:
    paid = invoice.moves[:1] if random.random() < 0.6 else []
    at, day = invoice.moves[0].at + dt.timedelta(minutes=random.randint(5, 40)), invoice.moves[0].business_date
    return [*paid, DemoMove(at, day, {}, "cancellation", reason=random.choice(MISTAKES))]


def _refunded(invoice: DemoInvoice, today: dt.date, random: Random) -> list[DemoMove]:
    last, line = invoice.moves[-1], random.randrange(len(invoice.lines))
    wait = dt.timedelta(days=7)
    if last.business_date + wait >= today:
        return invoice.moves
    way = max(last.parts, key=lambda kind: last.parts[kind])
    back: dict[Kind, Decimal] = {way: -invoice.lines[line]["net_amount"]}
    at, day = last.at + wait, last.business_date + wait
    return [*invoice.moves, DemoMove(at, day, back, "refund", line=line, reason=random.choice(COMPLAINTS))]


def _way(random: Random) -> Kind:
    return "cash" if random.random() < 0.3 else "cashless"


TELLERS = {"prepaid": _prepaid, "kept": _kept, "cancelled": _cancelled, "refunded": _refunded}
