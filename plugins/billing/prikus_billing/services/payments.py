"""Taking money for an invoice (PAY-05)."""

from __future__ import annotations

from decimal import Decimal
from typing import cast

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from prikus.toolkit import Conflict, Context, Invalid, failpoint, money, once
from prikus_billing.events import PaymentReceived
from prikus_billing.models import Invoice, PaymentMethod
from prikus_billing.schemas import Kind, NewPayment, Paid
from prikus_billing.services.ledger import moment, post_payments, status_of, sum_up

METHODS: dict[Kind, str] = {"cash": "Наличные", "cashless": "Безнал"}


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
    invoice = await ctx.load(Invoice, payment.invoice_id, lock=True)
    _may_take(ctx, invoice, parts, amount)
    when = moment(ctx, invoice.branch_id)
    ids = await post_payments(ctx, invoice, parts, await _methods(ctx), key, when)
    failpoint("after_ledger")
    invoice.paid += amount
    invoice.status = status_of(invoice.total, invoice.paid)
    due = invoice.total - invoice.paid
    await ctx.emit(
        PaymentReceived(
            patient_id=invoice.patient_id,
            invoice_id=invoice.id,
            number=f"{invoice.series}{invoice.number}",
            payment_ids=tuple(ids),
            amount=amount,
            by_kind=cast(dict[str, Decimal], parts),
            due=due,
            currency=ctx.clinic.currency,
        ),
        aggregate=invoice,
    )
    tell(ctx, invoice)
    return Paid(invoice.id, invoice.patient_id, amount, due)


def _parts(payment: NewPayment) -> dict[Kind, Decimal]:
    given: dict[Kind, Decimal] = {"cash": payment.cash, "cashless": payment.cashless}
    if below := {kind: "Сумма не может быть отрицательной." for kind, part in given.items() if part < 0}:
        raise Invalid(cast(dict[str, str], below))
    parts: dict[Kind, Decimal] = {kind: part for kind, part in given.items() if part}
    if not parts:
        raise Invalid({"cash": "Укажите сумму оплаты."})
    return parts


def _may_take(ctx: Context, invoice: Invoice, parts: dict[Kind, Decimal], amount: Decimal) -> None:
    if invoice.status == "cancelled":
        raise Conflict("Счёт отменён: оплатить его нельзя.")
    due = invoice.total - invoice.paid
    if not due:
        raise Conflict("Счёт уже оплачен полностью.")
    if amount > due:
        sentence = f"Больше, чем осталось оплатить: {money(due, ctx.clinic.currency)}."
        raise Invalid({list(parts)[-1]: sentence})


async def _methods(ctx: Context) -> dict[Kind, int]:
    query = select(PaymentMethod.kind, PaymentMethod.id)
    found = {row.kind: row.id for row in await ctx.db.execute(query)}
    if found.keys() != METHODS.keys():
        await seed_methods(ctx)
        found = {row.kind: row.id for row in await ctx.db.execute(query)}
    return cast(dict[Kind, int], found)


def tell(ctx: Context, invoice: Invoice) -> None:
    """Say to open pages that the patient's money has changed."""
    ctx.changed("billing.payments", invoice.patient_id, invoice.row_version)
