"""Double entry: every movement of money is one transaction whose entries sum to zero (patterns 6, reliability 6–9)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import CTE, BigInteger, Subquery, Text, insert, literal, select, union_all
from sqlalchemy.dialects.postgresql import insert as insert_or_not
from sqlalchemy.types import TypeEngine

from prikus.toolkit import Conflict, Context, Money
from prikus_billing.models import Invoice, LedgerEntry, LedgerTransaction, Payment
from prikus_billing.schemas import Kind, Status

REPEATED = "Эта форма уже отправлена. Обновите страницу: результат в списке счетов."
ENTRY = ("transaction_id", "account", "patient_id", "legal_entity_id", "invoice_id", "payment_id", "amount")


class Moment(msgspec.Struct, frozen=True):
    """When money moves: the instant in UTC and the local day of the branch."""

    at: dt.datetime
    business_date: dt.date


def moment(ctx: Context, branch_id: int) -> Moment:
    now = ctx.now()
    return Moment(now, now.astimezone(ctx.zone(branch_id)).date())


def status_of(total: Decimal, paid: Decimal) -> Status:
    """State of an invoice that is not cancelled. What costs nothing is paid."""
    if paid == total:
        return "paid"
    return "partly_paid" if paid else "issued"


def sum_up(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal("0.00"))


async def post_invoice(ctx: Context, invoice: Invoice, key: str) -> None:
    """The patient owes, the clinic has earned. Raises `Conflict` when the key was used before."""
    when = Moment(invoice.issued_at, invoice.business_date)
    made = _transaction("invoice", key, invoice, when)
    sides = [("receivable", invoice.total), ("revenue", -invoice.total)] if invoice.total else []
    if not sides:
        if await ctx.db.scalar(select(made.c.id)) is None:
            raise Conflict(REPEATED)
        return
    given = _rows({"account": Text(), "amount": Money()}, sides)
    entries = select(
        made.c.id,
        given.c.account,
        literal(invoice.patient_id, BigInteger),
        literal(invoice.legal_entity_id, BigInteger),
        literal(invoice.id, BigInteger),
        literal(None, BigInteger),
        given.c.amount,
        literal(when.business_date),
    ).select_from(given.join(made, literal(True)))
    post = insert(LedgerEntry).from_select([*ENTRY, "business_date"], entries).returning(LedgerEntry.id)
    if len((await ctx.db.execute(post)).all()) != len(sides):
        raise Conflict(REPEATED)


async def post_payments(
    ctx: Context, invoice: Invoice, parts: Mapping[Kind, Decimal], methods: Mapping[Kind, int], key: str, when: Moment
) -> list[int]:
    """Money comes in, the debt goes down: one payment for each part. One statement. Returns the payments' ids.

    Raises `Conflict` when the key was used before.
    """
    made = _transaction("payment", key, invoice, when)
    rows = [(kind, methods[kind], amount) for kind, amount in parts.items()]
    given = _rows({"kind": Text(), "method_id": BigInteger(), "amount": Money()}, rows)
    payments = _payments(invoice, made, given, when)
    sides = []
    for account, sign in ((given.c.kind, 1), (literal("receivable", Text), -1)):
        sides.append(
            select(
                payments.c.transaction_id,
                account,
                literal(invoice.patient_id, BigInteger),
                literal(invoice.legal_entity_id, BigInteger),
                literal(invoice.id, BigInteger),
                payments.c.id,
                payments.c.amount * literal(sign, BigInteger),
                literal(when.business_date),
            ).select_from(payments.join(given, given.c.method_id == payments.c.method_id))
        )
    post = insert(LedgerEntry).from_select([*ENTRY, "business_date"], union_all(*sides))
    ids = set((await ctx.db.scalars(post.returning(LedgerEntry.payment_id))).all())
    if len(ids) != len(rows):
        raise Conflict(REPEATED)
    return sorted(id for id in ids if id is not None)


def _rows(types: Mapping[str, TypeEngine[Any]], rows: Iterable[Sequence[object]]) -> Subquery:
    """Given rows as a table. A `VALUES` construct would be compiled anew at every call."""
    selects = [
        select(*(literal(value, type_).label(name) for (name, type_), value in zip(types.items(), row, strict=True)))
        for row in rows
    ]
    return union_all(*selects).subquery("given")


def _transaction(kind: str, key: str, invoice: Invoice, when: Moment) -> CTE:
    row = insert_or_not(LedgerTransaction).values(
        kind=kind,
        key=key,
        legal_entity_id=invoice.legal_entity_id,
        branch_id=invoice.branch_id,
        happened_at=when.at,
        business_date=when.business_date,
    )
    once = row.on_conflict_do_nothing(index_elements=["clinic_id", "key"])
    return once.returning(LedgerTransaction.id).cte("made")


def _payments(invoice: Invoice, made: CTE, given: Subquery, when: Moment) -> CTE:
    columns = (
        "transaction_id",
        "patient_id",
        "legal_entity_id",
        "branch_id",
        "method_id",
        "amount",
        "paid_at",
        "business_date",
    )
    rows = select(
        made.c.id,
        literal(invoice.patient_id, BigInteger),
        literal(invoice.legal_entity_id, BigInteger),
        literal(invoice.branch_id, BigInteger),
        given.c.method_id,
        given.c.amount,
        literal(when.at, LedgerTransaction.happened_at.type),
        literal(when.business_date),
    ).select_from(given.join(made, literal(True)))
    done = insert(Payment).from_select(columns, rows)
    return done.returning(Payment.id, Payment.transaction_id, Payment.method_id, Payment.amount).cte("payments")
