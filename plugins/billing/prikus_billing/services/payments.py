"""Taking money for an invoice (PAY-05)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import cast

import msgspec
from sqlalchemy import ClauseElement, bindparam, select, update
from sqlalchemy.dialects.postgresql import insert

from prikus.toolkit import Aggregate, Conflict, Context, Invalid, NotFound, failpoint, money, once, prepared
from prikus_billing.events import PaymentReceived
from prikus_billing.models import Invoice, PaymentMethod
from prikus_billing.schemas import Kind, NewPayment, Paid, Status
from prikus_billing.services.ledger import TABLE, moment, post_payments, status_of, sum_up

METHODS: dict[Kind, str] = {"cash": "Наличные", "cashless": "Безнал"}


class Unpaid(msgspec.Struct, frozen=True):
    """An invoice as it is when its lock was taken."""

    id: int
    patient_id: int
    legal_entity_id: int
    branch_id: int
    series: str
    number: int
    status: Status
    total: Decimal
    paid: Decimal


async def seed_methods(ctx: Context) -> None:
    """The ways of paying that every clinic has. May run again."""
    rows = [{"kind": kind, "name": name} for kind, name in METHODS.items()]
    await ctx.db.execute(
        insert(PaymentMethod).values(rows).on_conflict_do_nothing(index_elements=["clinic_id", "kind"])
    )


async def pay(ctx: Context, payment: NewPayment, key: str) -> Paid:
    """Take money once for a key, in one or two ways, at most what is left to pay.

    Raises `Invalid` with a sentence beside the sum, `Conflict` for an invoice that cannot be paid.
    """
    ctx.require("billing.invoice.pay")
    return await once(ctx.db, key, payment, Paid, lambda: _pay(ctx, payment, key))


async def _pay(ctx: Context, payment: NewPayment, key: str) -> Paid:
    parts = _parts(payment)
    amount = sum_up(parts.values())
    invoice, methods = await _lock(ctx, payment.invoice_id)
    _may_take(ctx, invoice, parts, amount)
    posted = await post_payments(ctx, invoice, parts, methods, key, moment(ctx, invoice.branch_id))
    failpoint("after_ledger")
    paid = invoice.paid + amount
    version = await _settled().scalar(
        ctx.db, invoice_id=invoice.id, now_paid=paid, now_status=status_of(invoice.total, paid)
    )
    aggregate = Aggregate(TABLE, invoice.id, cast(int, version))
    due = invoice.total - paid
    await ctx.emit(
        PaymentReceived(
            patient_id=invoice.patient_id,
            invoice_id=invoice.id,
            number=f"{invoice.series}{invoice.number}",
            payment_ids=posted.payment_ids,
            amount=amount,
            by_kind=cast(dict[str, Decimal], parts),
            due=due,
            currency=ctx.clinic.currency,
            transaction_id=posted.transaction_id,
        ),
        aggregate,
    )
    tell(ctx, invoice.patient_id, aggregate)
    return Paid(invoice.id, invoice.patient_id, amount, due)


async def _lock(ctx: Context, invoice_id: int) -> tuple[Unpaid, Mapping[Kind, int]]:
    """The invoice, locked until the commit, and the ways of paying by kind. Raises `NotFound`."""
    row = await _locked().row(ctx.db, invoice_id=invoice_id)
    if row is None:
        raise NotFound()
    *columns, cash, cashless = row
    if cash is None or cashless is None:
        await seed_methods(ctx)
        return await _lock(ctx, invoice_id)
    return Unpaid(*columns), {"cash": cash, "cashless": cashless}


@prepared
def _locked() -> ClauseElement:
    columns = [getattr(Invoice, name) for name in Unpaid.__struct_fields__]
    methods = [select(PaymentMethod.id).where(PaymentMethod.kind == kind).scalar_subquery() for kind in METHODS]
    return select(*columns, *methods).where(Invoice.id == bindparam("invoice_id")).with_for_update(of=Invoice)


@prepared
def _settled() -> ClauseElement:
    values = {"paid": bindparam("now_paid"), "status": bindparam("now_status")}
    return update(Invoice).where(Invoice.id == bindparam("invoice_id")).values(values).returning(Invoice.row_version)


def _parts(payment: NewPayment) -> dict[Kind, Decimal]:
    given: dict[Kind, Decimal] = {"cash": payment.cash, "cashless": payment.cashless}
    if below := {kind: "Сумма не может быть отрицательной." for kind, part in given.items() if part < 0}:
        raise Invalid(cast(dict[str, str], below))
    parts: dict[Kind, Decimal] = {kind: part for kind, part in given.items() if part}
    if not parts:
        raise Invalid({"cash": "Укажите сумму оплаты."})
    return parts


def _may_take(ctx: Context, invoice: Unpaid, parts: dict[Kind, Decimal], amount: Decimal) -> None:
    if invoice.status == "cancelled":
        raise Conflict("Счёт отменён: оплатить его нельзя.")
    due = invoice.total - invoice.paid
    if not due:
        raise Conflict("Счёт уже оплачен полностью.")
    if amount > due:
        sentence = f"Больше, чем осталось оплатить: {money(due, ctx.clinic.currency)}."
        raise Invalid({list(parts)[-1]: sentence})


def tell(ctx: Context, patient_id: int, invoice: Aggregate) -> None:
    """Say to open pages that the patient's money has changed."""
    ctx.changed("billing.payments", patient_id, invoice.row_version)
