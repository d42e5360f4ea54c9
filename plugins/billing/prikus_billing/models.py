"""Invoices, payments, the double-entry ledger beneath them, and the shifts of the cash desk."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import BigInteger, CheckConstraint, Date, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from prikus.toolkit import (
    PERSONAL,
    Instant,
    Money,
    Noted,
    TenantModel,
    append_only,
    index,
    one_of,
    ref,
    soft_ref,
    unique,
    with_sql,
)

ACCOUNTS = ("receivable", "deposit", "revenue", "cash", "cashless")
MOVEMENTS = ("invoice", "payment", "top_up", "withdrawal", "refund", "cancellation")
STATUSES = ("issued", "partly_paid", "paid", "partly_refunded", "refunded", "cancelled")
STATUS_OF_PAID = (
    "status = 'cancelled' or status = case "
    "when refunded > 0 and refunded = total then 'refunded' when refunded > 0 then 'partly_refunded' "
    "when paid = total then 'paid' when paid = 0 then 'issued' else 'partly_paid' end"
)

MUST_BALANCE = """
    create function billing.must_balance() returns trigger language plpgsql set search_path = pg_catalog as $$
    begin
      if (select sum(amount) from billing.ledger_entry
          where clinic_id = new.clinic_id and transaction_id = new.transaction_id) <> 0 then
        raise exception 'ledger transaction % does not balance', new.transaction_id
          using errcode = 'integrity_constraint_violation';
      end if;
      return null;
    end $$
"""
BALANCED = (
    "create constraint trigger balanced after insert on billing.ledger_entry "
    "deferrable initially deferred for each row execute function billing.must_balance()"
)


class Invoice(TenantModel, Noted):
    """What a patient is asked to pay. `number` is gapless in (legal entity, series).

    `paid`, `refunded` and `status` are set under the row's lock together with the ledger, which `check_ledger` derives
    them from. A refund lowers neither `total` nor `paid`: it is told apart. `business_date` is the local day of the
    branch.
    """

    __table_args__ = (
        one_of("status", *STATUSES),
        unique("legal_entity_id", "series", "number"),
        index("patient_id", "issued_at", "id"),
        index("business_date"),
        index("changed_xid", "id"),
        CheckConstraint("paid between 0 and total", name="paid_within_total"),
        CheckConstraint("refunded between 0 and paid", name="refunded_within_paid"),
        CheckConstraint(STATUS_OF_PAID, name="status_of_paid"),
    )
    patient_id: Mapped[int] = ref("core.patient")
    legal_entity_id: Mapped[int] = ref("core.legal_entity")
    branch_id: Mapped[int] = ref("core.branch")
    series: Mapped[str] = mapped_column(Text, server_default="")
    number: Mapped[int] = mapped_column(BigInteger)
    issued_at: Mapped[dt.datetime] = mapped_column(Instant)
    business_date: Mapped[dt.date] = mapped_column(Date)
    status: Mapped[str] = mapped_column(Text)
    total: Mapped[Decimal] = mapped_column(Money)
    paid: Mapped[Decimal] = mapped_column(Money, server_default="0")
    refunded: Mapped[Decimal] = mapped_column(Money, server_default="0")
    note: Mapped[str | None] = mapped_column(Text, comment=PERSONAL)


class InvoiceLine(TenantModel):
    """A service of an invoice, with code, name and price as they were. `teeth` are FDI numbers, «1.4, 2.6»."""

    __table_args__ = (
        unique("invoice_id", "position"),
        index("service_id"),
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("price >= 0 and net_amount between 0 and price * quantity", name="amounts_agree"),
    )
    invoice_id: Mapped[int] = ref("billing.invoice")
    position: Mapped[int] = mapped_column(Integer)
    service_id: Mapped[int] = ref("catalog.service")
    service_code: Mapped[str | None] = mapped_column(Text)
    service_name: Mapped[str] = mapped_column(Text)
    teeth: Mapped[str | None] = mapped_column(Text)
    quantity: Mapped[int] = mapped_column(Integer)
    price: Mapped[Decimal] = mapped_column(Money)
    net_amount: Mapped[Decimal] = mapped_column(Money)
    doctor_id: Mapped[int | None] = ref("core.staff_member", optional=True)
    appointment_id: Mapped[int | None] = soft_ref("calendar.appointment")


class PaymentMethod(TenantModel):
    """A way of paying; its kind is the ledger's account."""

    __table_args__ = (one_of("kind", "cash", "cashless"), unique("kind"))
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)


@append_only()
class LedgerTransaction(TenantModel):
    """One movement of money; its entries sum to zero at the commit. Append-only.

    `key` is the idempotency key of the form that made it, unique for ever (reliability 13). `shift_id` is the cash
    desk's shift that was open at the branch; a movement without one belongs to no shift.
    """

    __table_args__ = (one_of("kind", *MOVEMENTS), unique("key"), index("shift_id"), index("business_date"))
    kind: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    legal_entity_id: Mapped[int] = ref("core.legal_entity")
    branch_id: Mapped[int] = ref("core.branch")
    happened_at: Mapped[dt.datetime] = mapped_column(Instant)
    business_date: Mapped[dt.date] = mapped_column(Date)
    shift_id: Mapped[int | None] = ref("billing.cash_shift", optional=True)


@append_only("patient_id")
class Payment(TenantModel):
    """Money that moved in one way, negative when it was given back. Two ways of one form are two rows. Append-only."""

    __table_args__ = (
        unique("transaction_id", "method_id"),
        index("patient_id", "paid_at", "id"),
        index("business_date"),
        index("changed_xid", "id"),
        CheckConstraint("amount <> 0", name="amount_moves"),
    )
    transaction_id: Mapped[int] = ref("billing.ledger_transaction")
    patient_id: Mapped[int] = ref("core.patient")
    legal_entity_id: Mapped[int] = ref("core.legal_entity")
    branch_id: Mapped[int] = ref("core.branch")
    method_id: Mapped[int] = ref("billing.payment_method")
    amount: Mapped[Decimal] = mapped_column(Money)
    paid_at: Mapped[dt.datetime] = mapped_column(Instant)
    business_date: Mapped[dt.date] = mapped_column(Date)


@append_only("patient_id")
@with_sql(MUST_BALANCE, BALANCED)
class LedgerEntry(TenantModel):
    """One side of a movement. Append-only. Debit is positive (the patient owes, money in the till), credit negative.

    A patient's debt is the sum of `receivable`, the deposit that of `deposit` with the sign turned. An entry with a
    payment says which invoice the payment went to.
    """

    __table_args__ = (
        one_of("account", *ACCOUNTS),
        index("transaction_id"),
        index("invoice_id", "account"),
        index("business_date", "account"),
        Index(
            "ledger_entry_patient_id_account_idx",
            "clinic_id",
            "patient_id",
            "account",
            postgresql_include=["amount"],
        ),
        CheckConstraint("amount <> 0", name="amount_moves"),
    )
    transaction_id: Mapped[int] = ref("billing.ledger_transaction")
    account: Mapped[str] = mapped_column(Text)
    patient_id: Mapped[int] = ref("core.patient")
    legal_entity_id: Mapped[int] = ref("core.legal_entity")
    invoice_id: Mapped[int | None] = ref("billing.invoice", optional=True)
    payment_id: Mapped[int | None] = ref("billing.payment", optional=True)
    amount: Mapped[Decimal] = mapped_column(Money)
    business_date: Mapped[dt.date] = mapped_column(Date)


@append_only("patient_id", "reason")
class Reversal(TenantModel):
    """Why an invoice was cancelled or its services refunded, and by which movement. Append-only.

    `reverses_id` is the last payment of the invoice: where the money that goes back came from.
    """

    __table_args__ = (one_of("kind", "refund", "cancellation"), unique("transaction_id"), index("invoice_id"))
    transaction_id: Mapped[int] = ref("billing.ledger_transaction")
    kind: Mapped[str] = mapped_column(Text)
    patient_id: Mapped[int] = ref("core.patient")
    invoice_id: Mapped[int] = ref("billing.invoice")
    reverses_id: Mapped[int | None] = ref("billing.ledger_transaction", optional=True)
    reason: Mapped[str | None] = mapped_column(Text, comment=PERSONAL)


@append_only()
class RefundedLine(TenantModel):
    """How much of an invoice's line a refund gave back. Append-only."""

    __table_args__ = (
        unique("reversal_id", "line_id"),
        index("line_id"),
        CheckConstraint("quantity > 0 and amount >= 0", name="something_returned"),
    )
    reversal_id: Mapped[int] = ref("billing.reversal")
    line_id: Mapped[int] = ref("billing.invoice_line")
    quantity: Mapped[int] = mapped_column(Integer)
    amount: Mapped[Decimal] = mapped_column(Money)


class CashShift(TenantModel):
    """A shift of the cash desk of a branch and legal entity, from count to count (BILL-01); one may be open.

    `keeper_id` answers for the drawer now. Cash that must lie in it: `opening`, the cash of the movements stamped with
    the shift, and its `CashMovement`s. `expected`, `counted`, `reason` (of a difference) are written at the close.
    """

    __table_args__ = (
        unique("branch_id", "legal_entity_id", where="closed_at is null"),
        unique("legal_entity_id", "number"),
        index("branch_id", "id"),
        CheckConstraint("opening >= 0 and counted >= 0", name="counts_not_negative"),
        CheckConstraint(
            "(closed_at is null) = (counted is null) and (closed_at is null) = (expected is null)", name="closed_whole"
        ),
        CheckConstraint("counted = expected or reason is not null", name="difference_explained"),
    )
    branch_id: Mapped[int] = ref("core.branch")
    legal_entity_id: Mapped[int] = ref("core.legal_entity")
    number: Mapped[int] = mapped_column(BigInteger)
    opened_at: Mapped[dt.datetime] = mapped_column(Instant)
    business_date: Mapped[dt.date] = mapped_column(Date)
    opening: Mapped[Decimal] = mapped_column(Money)
    keeper_id: Mapped[int | None] = ref("core.staff_member", optional=True)
    closed_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    closed_by_id: Mapped[int | None] = ref("core.staff_member", optional=True)
    expected: Mapped[Decimal | None] = mapped_column(Money)
    counted: Mapped[Decimal | None] = mapped_column(Money)
    reason: Mapped[str | None] = mapped_column(Text)


@append_only()
class CashMovement(TenantModel):
    """Cash that no patient moved: put in, taken out, or counted at a handover. Append-only.

    `amount` is signed, as the drawer changes; at a handover it is the difference that the count showed.
    """

    __table_args__ = (
        one_of("kind", "put_in", "take_out", "handover"),
        unique("key"),
        index("shift_id", "id"),
        CheckConstraint(
            "case kind when 'put_in' then amount > 0 when 'take_out' then amount < 0 else counted is not null end",
            name="amount_of_kind",
        ),
        CheckConstraint("amount = 0 or reason is not null", name="reason_given"),
    )
    shift_id: Mapped[int] = ref("billing.cash_shift")
    kind: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    amount: Mapped[Decimal] = mapped_column(Money)
    counted: Mapped[Decimal | None] = mapped_column(Money)
    to_staff_id: Mapped[int | None] = ref("core.staff_member", optional=True)
    reason: Mapped[str | None] = mapped_column(Text)
    happened_at: Mapped[dt.datetime] = mapped_column(Instant)
