"""What other plugins may import from billing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from prikus_billing.events import (
    DepositToppedUp,
    DepositWithdrawn,
    InvoiceCancelled,
    InvoiceIssued,
    PaymentReceived,
    PaymentRefunded,
    ShiftClosed,
    ShiftOpened,
)
from prikus_billing.hookspecs import DeskSlot, MovementSlot
from prikus_billing.models import Invoice, InvoiceLine, LedgerEntry, LedgerTransaction, Payment, RefundedLine, Reversal
from prikus_billing.schemas.money import SettledLine, Settlement
from prikus_billing.services.check import check_ledger as check
from prikus_billing.services.deposits import deposit_of
from prikus_billing.services.reading import debt_of, debts
from prikus_billing.services.settling import settlement_of

__all__ = [
    "DepositToppedUp",
    "DepositWithdrawn",
    "DeskSlot",
    "InvoiceCancelled",
    "InvoiceIssued",
    "MovementSlot",
    "PaymentReceived",
    "PaymentRefunded",
    "SettledLine",
    "Settlement",
    "ShiftClosed",
    "ShiftOpened",
    "check",
    "debt_of",
    "debts",
    "deposit_moves_v1",
    "deposit_of",
    "invoice_lines_v1",
    "payments_v1",
    "refunded_lines_v1",
    "settlement_of",
]


def invoice_lines_v1() -> Select[*tuple[Any, ...]]:
    """Invoiced services as facts, version 1; lines of cancelled invoices are left out.

    Columns: `clinic_id`, `line_id`, `invoice_id`, `patient_id`, `legal_entity_id`, `branch_id`, `business_date` (local
    day of the branch), `service_id`, `doctor_id`, `appointment_id`, `teeth`, `quantity`, `price`, `net_amount`.
    """
    return (
        select(
            InvoiceLine.clinic_id,
            InvoiceLine.id.label("line_id"),
            InvoiceLine.invoice_id,
            Invoice.patient_id,
            Invoice.legal_entity_id,
            Invoice.branch_id,
            Invoice.business_date,
            InvoiceLine.service_id,
            InvoiceLine.doctor_id,
            InvoiceLine.appointment_id,
            InvoiceLine.teeth,
            InvoiceLine.quantity,
            InvoiceLine.price,
            InvoiceLine.net_amount,
        )
        .join(Invoice, (Invoice.clinic_id == InvoiceLine.clinic_id) & (Invoice.id == InvoiceLine.invoice_id))
        .where(Invoice.status != "cancelled")
    )


def payments_v1() -> Select[*tuple[Any, ...]]:
    """Money that moved, as facts, version 1: one row for each way of each movement, negative when it was given back.

    Columns: `clinic_id`, `payment_id`, `invoice_id` (None for the deposit's own movements), `patient_id`,
    `legal_entity_id`, `branch_id` (where it changed hands), `paid_at` (UTC), `business_date` (local day of the branch),
    `kind` (cash, cashless), `amount`, `transaction_id`, `operation` (payment, top_up, withdrawal, refund).
    """
    return (
        select(
            Payment.clinic_id,
            Payment.id.label("payment_id"),
            LedgerEntry.invoice_id,
            Payment.patient_id,
            Payment.legal_entity_id,
            Payment.branch_id,
            Payment.paid_at,
            Payment.business_date,
            LedgerEntry.account.label("kind"),
            Payment.amount,
            Payment.transaction_id,
            LedgerTransaction.kind.label("operation"),
        )
        .join(LedgerEntry, (LedgerEntry.clinic_id == Payment.clinic_id) & (LedgerEntry.payment_id == Payment.id))
        .join(
            LedgerTransaction,
            (LedgerTransaction.clinic_id == Payment.clinic_id) & (LedgerTransaction.id == Payment.transaction_id),
        )
        .where(LedgerEntry.account.in_(("cash", "cashless")))
    )


def refunded_lines_v1() -> Select[*tuple[Any, ...]]:
    """Services that were paid for and returned, as facts, version 1. `invoice_lines_v1` keeps them as they were sold.

    Columns: `clinic_id`, `refund_id`, `line_id`, `invoice_id`, `patient_id`, `legal_entity_id`, `branch_id`,
    `business_date` (these three of the refund), `service_id`, `doctor_id`, `quantity`, `amount`, `transaction_id`.
    Cancelled invoices are left out, as they are there.
    """
    same, moved = RefundedLine.clinic_id, LedgerTransaction
    return (
        select(
            RefundedLine.clinic_id,
            RefundedLine.id.label("refund_id"),
            RefundedLine.line_id,
            Reversal.invoice_id,
            Reversal.patient_id,
            LedgerTransaction.legal_entity_id,
            LedgerTransaction.branch_id,
            LedgerTransaction.business_date,
            InvoiceLine.service_id,
            InvoiceLine.doctor_id,
            RefundedLine.quantity,
            RefundedLine.amount,
            Reversal.transaction_id,
        )
        .join(Reversal, (Reversal.clinic_id == same) & (Reversal.id == RefundedLine.reversal_id))
        .join(moved, (moved.clinic_id == same) & (moved.id == Reversal.transaction_id))
        .join(InvoiceLine, (InvoiceLine.clinic_id == same) & (InvoiceLine.id == RefundedLine.line_id))
        .join(Invoice, (Invoice.clinic_id == same) & (Invoice.id == Reversal.invoice_id))
        .where(Invoice.status != "cancelled")
    )


def deposit_moves_v1() -> Select[*tuple[Any, ...]]:
    """Movements of patients' deposits, as facts, version 1: the balance is the sum of `amount` up to a day.

    Columns: `clinic_id`, `transaction_id`, `patient_id`, `legal_entity_id` (who keeps it), `invoice_id`,
    `business_date`, `operation` (top_up, payment, withdrawal, refund, cancellation), `amount` (positive when it grew).
    """
    return (
        select(
            LedgerEntry.clinic_id,
            LedgerEntry.transaction_id,
            LedgerEntry.patient_id,
            LedgerEntry.legal_entity_id,
            LedgerEntry.invoice_id,
            LedgerEntry.business_date,
            LedgerTransaction.kind.label("operation"),
            (-LedgerEntry.amount).label("amount"),
        )
        .join(
            LedgerTransaction,
            (LedgerTransaction.clinic_id == LedgerEntry.clinic_id)
            & (LedgerTransaction.id == LedgerEntry.transaction_id),
        )
        .where(LedgerEntry.account == "deposit")
    )
