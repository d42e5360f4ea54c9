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
from prikus_billing.models import Invoice, InvoiceLine, LedgerEntry, Payment, PaymentMethod
from prikus_billing.schemas import SettledLine, Settlement
from prikus_billing.services.check import check_ledger as check
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
    "invoice_lines_v1",
    "payments_v1",
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
    """Money taken, as facts, version 1: one row for each payment and the invoice it went to.

    Columns: `clinic_id`, `payment_id`, `invoice_id`, `patient_id`, `legal_entity_id`, `branch_id`, `paid_at` (UTC),
    `business_date` (local day of the branch), `kind` (cash, cashless), `amount`.
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
            PaymentMethod.kind,
            (-LedgerEntry.amount).label("amount"),
        )
        .join(LedgerEntry, (LedgerEntry.clinic_id == Payment.clinic_id) & (LedgerEntry.payment_id == Payment.id))
        .join(
            PaymentMethod,
            (PaymentMethod.clinic_id == Payment.clinic_id) & (PaymentMethod.id == Payment.method_id),
        )
        .where(LedgerEntry.account == "receivable")
    )
