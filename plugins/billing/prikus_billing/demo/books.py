"""Writes invented invoices and movements of money as the services would, thousands of rows at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import text

from prikus.toolkit import Demo, PastFact, tell_past
from prikus_billing.demo.inventing import DemoInvoice, DemoMove
from prikus_billing.demo.shifts import Shifts
from prikus_billing.events import (
    DepositToppedUp,
    DepositWithdrawn,
    InvoiceCancelled,
    InvoiceIssued,
    PaymentReceived,
    PaymentRefunded,
)
from prikus_billing.models import (
    Invoice,
    InvoiceLine,
    LedgerEntry,
    LedgerTransaction,
    Payment,
    RefundedLine,
    Reversal,
)
from prikus_billing.services.invoices import SERIES
from prikus_billing.services.ledger import status_of, sum_up

AGAINST = {"payment": "receivable", "top_up": "deposit", "withdrawal": "deposit", "refund": "revenue"}
OF_INVOICE = ("payment", "refund", "cancellation")


class Written(msgspec.Struct, frozen=True):
    """A movement with the invoice it belongs to, and the number it got."""

    invoice_id: int
    number: int
    invoice: DemoInvoice
    move: DemoMove
    transaction_id: int = 0


class Books:
    """The books of one clinic."""

    def __init__(self, demo: Demo, entities: Mapping[int, int], methods: Mapping[str, int]) -> None:
        self._demo = demo
        self._entities = entities
        self._methods = methods
        self._clerks: Sequence[int] = demo.made["administrators"] or [demo.made["head"]]
        self._numbers: dict[int, int] = {}

    async def write(self, made: Sequence[DemoInvoice]) -> None:
        rows = [self._invoice(invoice) for invoice in made]
        ids = await self._demo.add(Invoice, rows, "счета")
        lines = [
            {"invoice_id": id, "position": place, **line}
            for id, invoice in zip(ids, made, strict=True)
            for place, line in enumerate(invoice.lines, 1)
        ]
        line_ids = iter(await self._demo.add(InvoiceLine, lines, "строки счетов"))
        lines_of = {id: [next(line_ids) for _ in invoice.lines] for id, invoice in zip(ids, made, strict=True)}
        moves = [
            Written(id, row["number"], invoice, move)
            for id, row, invoice in zip(ids, rows, made, strict=True)
            for move in invoice.moves
        ]
        moves.sort(key=lambda one: (one.move.at, one.invoice_id))
        entries = await self._issued(ids, made)
        moved = await self._moved(moves)
        await self._demo.add(LedgerEntry, [*entries, *await self._entries(moved)], "проводки")
        await self._reverse(moved, lines_of)
        await tell_past(self._demo, [*self._issues(ids, rows, made), *self._facts(moved)], "события оплат")
        await self._count()

    def _invoice(self, invoice: DemoInvoice) -> dict[str, Any]:
        entity = self._entities[invoice.visit.branch_id]
        self._numbers[entity] = self._numbers.get(entity, 0) + 1
        status = status_of(invoice.total, invoice.paid, invoice.refunded)
        return {
            **self._place(invoice),
            "patient_id": invoice.visit.patient_id,
            "number": self._numbers[entity],
            "issued_at": invoice.issued_at,
            "business_date": invoice.visit.business_date,
            "status": "cancelled" if invoice.is_cancelled else status,
            "total": invoice.total,
            "paid": invoice.paid,
            "refunded": invoice.refunded,
            "note": invoice.note,
            **self._clerk(invoice, invoice.issued_at),
        }

    def _place(self, invoice: DemoInvoice) -> dict[str, Any]:
        branch = invoice.visit.branch_id
        return {"legal_entity_id": self._entities[branch], "branch_id": branch}

    def _clerk(self, invoice: DemoInvoice, at: dt.datetime) -> dict[str, Any]:
        clerk = self._clerks[invoice.visit.branch_id % len(self._clerks)]
        return {"created_by_kind": "staff", "created_by_id": clerk, "created_at": at}

    async def _issued(self, ids: Sequence[int], made: Sequence[DemoInvoice]) -> list[dict[str, Any]]:
        rows = [
            {
                **self._place(invoice),
                "kind": "invoice",
                "key": f"demo-invoice-{n}",
                "happened_at": invoice.issued_at,
                "business_date": invoice.visit.business_date,
                **self._clerk(invoice, invoice.issued_at),
            }
            for n, invoice in enumerate(made)
        ]
        return [
            self._entry(transaction, account, amount, invoice, id, None, invoice.visit.business_date)
            for transaction, id, invoice in zip(await self._demo.add(LedgerTransaction, rows), ids, made, strict=True)
            for account, amount in (("receivable", invoice.total), ("revenue", -invoice.total))
        ]

    async def _moved(self, moves: Sequence[Written]) -> list[Written]:
        """The movements with their transactions, each stamped with the shift of its day."""
        shifts = await Shifts(self._demo, self._entities, self._clerks).write(
            [(one.invoice.visit.branch_id, one.move) for one in moves]
        )
        rows = [
            {
                **self._place(one.invoice),
                "kind": one.move.kind,
                "key": f"demo-move-{n}",
                "happened_at": one.move.at,
                "business_date": one.move.business_date,
                "shift_id": shifts[one.invoice.visit.branch_id, one.move.business_date],
                **self._clerk(one.invoice, one.move.at),
            }
            for n, one in enumerate(moves)
        ]
        ids = await self._demo.add(LedgerTransaction, rows)
        return [msgspec.structs.replace(one, transaction_id=id) for one, id in zip(moves, ids, strict=True)]

    async def _entries(self, moved: Sequence[Written]) -> list[dict[str, Any]]:
        parts = [(one, kind, amount) for one in moved for kind, amount in one.move.parts.items()]
        rows = [
            {
                **self._place(one.invoice),
                "transaction_id": one.transaction_id,
                "patient_id": one.invoice.visit.patient_id,
                "method_id": self._methods[kind],
                "amount": amount,
                "paid_at": one.move.at,
                "business_date": one.move.business_date,
                **self._clerk(one.invoice, one.move.at),
            }
            for one, kind, amount in parts
        ]
        paid = zip(await self._demo.add(Payment, rows, "оплаты"), parts, strict=True)
        entries = []
        for payment_id, (one, kind, amount) in paid:
            for account, sum_ in ((kind, amount), (AGAINST[one.move.kind], -amount)):
                entries.append(self._side(one, account, sum_, payment_id))
        for one in moved:
            entries += [self._side(one, account, sum_, None) for account, sum_ in _sides(one).items() if sum_]
        return entries

    def _side(self, one: Written, account: str, amount: Decimal, payment_id: int | None) -> dict[str, Any]:
        invoice_id = one.invoice_id if one.move.kind in OF_INVOICE else None
        day = one.move.business_date
        return self._entry(one.transaction_id, account, amount, one.invoice, invoice_id, payment_id, day)

    def _entry(
        self,
        transaction: int,
        account: str,
        amount: Decimal,
        invoice: DemoInvoice,
        invoice_id: int | None,
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

    async def _reverse(self, moved: Sequence[Written], lines_of: Mapping[int, Sequence[int]]) -> None:
        undone = [one for one in moved if one.move.kind in ("refund", "cancellation")]
        paid_by = {one.invoice_id: one.transaction_id for one in moved if one.move.kind == "payment"}
        rows = [
            {
                "transaction_id": one.transaction_id,
                "kind": one.move.kind,
                "patient_id": one.invoice.visit.patient_id,
                "invoice_id": one.invoice_id,
                "reverses_id": paid_by.get(one.invoice_id),
                "reason": one.move.reason,
                **self._clerk(one.invoice, one.move.at),
            }
            for one in undone
        ]
        lines = [
            {
                "reversal_id": id,
                "line_id": lines_of[one.invoice_id][one.move.line],
                "quantity": one.invoice.lines[one.move.line]["quantity"],
                "amount": -one.move.amount,
            }
            for id, one in zip(await self._demo.add(Reversal, rows, "отмены и возвраты"), undone, strict=True)
            if one.move.line is not None
        ]
        await self._demo.add(RefundedLine, lines)

    def _issues(
        self, ids: Sequence[int], rows: Sequence[dict[str, Any]], made: Sequence[DemoInvoice]
    ) -> Iterator[PastFact]:
        for id, row, invoice in zip(ids, rows, made, strict=True):
            fact = InvoiceIssued(
                patient_id=row["patient_id"],
                invoice_id=id,
                number=str(row["number"]),
                total=invoice.total,
                currency=self._demo.clinic.currency,
            )
            yield PastFact(fact, invoice.issued_at, row["created_by_id"])

    def _facts(self, moved: Sequence[Written]) -> Iterator[PastFact]:
        due: dict[int, Decimal] = {}
        for one in moved:
            clerk = self._clerk(one.invoice, one.move.at)["created_by_id"]
            if one.move.kind == "payment":
                due[one.invoice_id] = due.get(one.invoice_id, one.invoice.total) - one.move.amount
            left = due.get(one.invoice_id, one.invoice.total)
            yield PastFact(_fact(one, left, self._demo.clinic.currency), one.move.at, clerk)

    async def _count(self) -> None:
        """The next invoice that somebody issues follows the last of these."""
        rows = [{"series": SERIES, "entity": entity, "value": value} for entity, value in self._numbers.items()]
        if rows:
            query = "insert into core.counter (series, legal_entity_id, value) values (:series, :entity, :value)"
            await self._demo.db.execute(text(query), rows)


def _sides(one: Written) -> dict[str, Decimal]:
    if one.move.kind == "payment":
        return {"deposit": one.move.offset, "receivable": -one.move.offset}
    if one.move.kind == "cancellation":
        total, paid = one.invoice.total, one.invoice.paid
        return {"revenue": total, "receivable": paid - total, "deposit": -paid}
    return {}


def _fact(one: Written, due: Decimal, currency: str) -> Any:
    about: dict[str, Any] = {
        "patient_id": one.invoice.visit.patient_id,
        "transaction_id": one.transaction_id,
        "currency": currency,
    }
    invoice: dict[str, Any] = {"invoice_id": one.invoice_id, "number": str(one.number)}
    by_kind = {str(kind): abs(part) for kind, part in one.move.parts.items()}
    by_kind |= {"deposit": one.move.offset} if one.move.offset else {}
    moved: dict[str, Any] = {"payment_ids": (), "amount": sum_up(by_kind.values()), "by_kind": by_kind}
    match one.move.kind:
        case "payment":
            return PaymentReceived(**about, **invoice, **moved, due=due)
        case "refund":
            return PaymentRefunded(**about, **invoice, **moved, reason=one.move.reason or "")
        case "cancellation":
            kept: dict[str, Any] = {"total": one.invoice.total, "to_deposit": one.invoice.paid}
            return InvoiceCancelled(**about, **invoice, **kept, reason=one.move.reason or "")
        case "top_up":
            return DepositToppedUp(**about, **moved, balance=moved["amount"])
        case "withdrawal":
            return DepositWithdrawn(**about, **moved)
