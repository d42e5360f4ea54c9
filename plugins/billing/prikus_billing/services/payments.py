"""Taking money for an invoice (PAY-05)."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import cast

import msgspec
from sqlalchemy import ClauseElement, bindparam, select, update

from prikus.toolkit import Aggregate, Conflict, Context, Invalid, NotFound, failpoint, money, once, prepared
from prikus_billing.events import PaymentReceived
from prikus_billing.models import Invoice, PaymentMethod
from prikus_billing.schemas.money import Kind, NewPayment, Paid, Status, Way
from prikus_billing.services.deposits import add_to_deposit, lock_deposit
from prikus_billing.services.ledger import TABLE, Movement, desk_branch, moment, post, status_of, sum_up, tell
from prikus_billing.services.limits import wrong_sum
from prikus_billing.services.methods import METHODS, seed_methods


class Locked(msgspec.Struct, frozen=True):
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
    refunded: Decimal

    @property
    def due(self) -> Decimal:
        return self.total - self.paid

    @property
    def label(self) -> str:
        return f"{self.series}{self.number}"


class Share(msgspec.Struct, frozen=True):
    """How a payment is divided: what goes to the invoice, and what above it to the deposit."""

    parts: dict[Kind, Decimal]
    offset: Decimal
    rest: dict[Kind, Decimal]

    @property
    def amount(self) -> Decimal:
        return sum_up(self.parts.values()) + self.offset


async def pay(ctx: Context, payment: NewPayment, key: str) -> Paid:
    """Take money once for a key; what is above the invoice goes to the deposit by a movement of its own.

    Raises `Invalid` with a sentence beside the sum, `Conflict` for an invoice that cannot be paid.
    """
    ctx.require("billing.invoice.pay")
    return await once(ctx.db, key, payment, Paid, lambda: _pay(ctx, payment, key))


async def _pay(ctx: Context, payment: NewPayment, key: str) -> Paid:
    _check_sums(payment)
    invoice, methods = await lock_invoice(ctx, payment.invoice_id)
    share = _shared(ctx, invoice, payment)
    if share.offset:
        await _check_deposit(ctx, invoice, share.offset)
    branch = desk_branch(ctx, invoice.legal_entity_id, invoice.branch_id)
    when = moment(ctx, branch)
    move = Movement(
        kind="payment",
        patient_id=invoice.patient_id,
        legal_entity_id=invoice.legal_entity_id,
        branch_id=branch,
        invoice_id=invoice.id,
        parts=share.parts,
        against="receivable",
        sides={"deposit": share.offset, "receivable": -share.offset},
    )
    posted = await post(ctx, move, methods, key, when)
    failpoint("after_ledger")
    paid = invoice.paid + share.amount
    aggregate = await settle(ctx, invoice, paid=paid, status=status_of(invoice.total, paid))
    by_kind = {**share.parts, **({"deposit": share.offset} if share.offset else {})}
    await ctx.emit(
        PaymentReceived(
            patient_id=invoice.patient_id,
            invoice_id=invoice.id,
            number=invoice.label,
            payment_ids=posted.payment_ids,
            amount=share.amount,
            by_kind=cast(dict[str, Decimal], by_kind),
            due=invoice.total - paid,
            currency=ctx.clinic.currency,
            transaction_id=posted.transaction_id,
        ),
        aggregate,
    )
    if share.rest:
        await add_to_deposit(ctx, msgspec.structs.replace(move, invoice_id=None), share.rest, methods, f"{key}:rest")
    tell(ctx, invoice.patient_id, aggregate)
    rest = sum_up(share.rest.values())
    return Paid(invoice.id, invoice.patient_id, share.amount, invoice.total - paid, rest)


async def lock_invoice(ctx: Context, invoice_id: int) -> tuple[Locked, Mapping[Kind, int]]:
    """The invoice, locked until the commit, and the ways of paying by kind. Raises `NotFound`."""
    row = await _locked().row(ctx.db, invoice_id=invoice_id)
    if row is None:
        raise NotFound()
    *columns, cash, cashless = row
    if cash is None or cashless is None:
        await seed_methods(ctx)
        return await lock_invoice(ctx, invoice_id)
    return Locked(*columns), {"cash": cash, "cashless": cashless}


@prepared
def _locked() -> ClauseElement:
    columns = [getattr(Invoice, name) for name in Locked.__struct_fields__]
    methods = [select(PaymentMethod.id).where(PaymentMethod.kind == kind).scalar_subquery() for kind in METHODS]
    return select(*columns, *methods).where(Invoice.id == bindparam("invoice_id")).with_for_update(of=Invoice)


async def settle(
    ctx: Context, invoice: Locked, *, paid: Decimal | None = None, refunded: Decimal | None = None, status: Status
) -> Aggregate:
    """Write down what the ledger says of the locked invoice."""
    version = await _settled().scalar(
        ctx.db,
        invoice_id=invoice.id,
        now_paid=invoice.paid if paid is None else paid,
        now_refunded=invoice.refunded if refunded is None else refunded,
        now_status=status,
    )
    return Aggregate(TABLE, invoice.id, cast(int, version))


@prepared
def _settled() -> ClauseElement:
    values = {
        "paid": bindparam("now_paid"),
        "refunded": bindparam("now_refunded"),
        "status": bindparam("now_status"),
    }
    return update(Invoice).where(Invoice.id == bindparam("invoice_id")).values(values).returning(Invoice.row_version)


def _check_sums(payment: NewPayment) -> None:
    given: dict[Way, Decimal] = {"cash": payment.cash, "cashless": payment.cashless, "deposit": payment.deposit}
    if wrong := {str(way): sentence for way, part in given.items() if (sentence := wrong_sum(part))}:
        raise Invalid(wrong)
    if not any(given.values()):
        raise Invalid({"cash": "Укажите сумму оплаты."})


def _shared(ctx: Context, invoice: Locked, payment: NewPayment) -> Share:
    """What goes where. The rest is taken from the last part, as the person would give it back."""
    if invoice.status == "cancelled":
        raise Conflict("Счёт отменён: оплатить его нельзя.")
    due = invoice.due
    if not due:
        raise Conflict("Счёт уже оплачен полностью.")
    given: dict[Kind, Decimal] = {"cash": payment.cash, "cashless": payment.cashless}
    parts: dict[Kind, Decimal] = {kind: part for kind, part in given.items() if part}
    above = sum_up(parts.values()) + payment.deposit - due
    if above > 0 and (payment.deposit > due or not payment.rest_to_deposit):
        way = "deposit" if payment.deposit > due or not parts else list(parts)[-1]
        raise Invalid({way: f"Больше, чем осталось оплатить: {money(due, ctx.clinic.currency)}."})
    rest: dict[Kind, Decimal] = {}
    for kind in reversed(list(parts)):
        if above > 0:
            rest[kind] = min(above, parts[kind])
            parts[kind] -= rest[kind]
            above -= rest[kind]
    return Share({kind: part for kind, part in parts.items() if part}, payment.deposit, rest)


async def _check_deposit(ctx: Context, invoice: Locked, offset: Decimal) -> None:
    kept = (await lock_deposit(ctx, invoice.patient_id)).get(invoice.legal_entity_id, Decimal(0))
    if offset > kept:
        raise Invalid({"deposit": f"На депозите меньше: {money(kept, ctx.clinic.currency)}."})
