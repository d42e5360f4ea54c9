"""What billing contributes to the patient's card."""

from __future__ import annotations

from sqlalchemy import case, func, select

from prikus.toolkit import (
    CardAction,
    Conflict,
    Context,
    Erasing,
    FeedKind,
    PatientRecords,
    SlotItem,
    Tab,
    hookimpl,
    money,
)
from prikus_billing.models import Invoice, InvoiceLine, LedgerEntry, Payment, PaymentMethod


@hookimpl
def patient_tabs() -> list[Tab]:
    return [Tab("billing", "Платежи", "receipt", "/billing/patients/{patient_id}", 50, "billing.invoice.view")]


@hookimpl
def card_actions() -> list[CardAction]:
    return [
        CardAction(
            "invoice", "Счёт", "receipt", "/billing/patients/{patient_id}/invoices/new", 20, "billing.invoice.issue"
        )
    ]


@hookimpl
def card_figures() -> list[SlotItem]:
    return [SlotItem("debt", "Долг", "wallet", "/billing/patients/{patient_id}/debt", 20, "billing.invoice.view")]


@hookimpl
def feed_kinds() -> list[FeedKind]:
    return [FeedKind("money", "Счета и оплаты", ("invoice", "payment"))]


@hookimpl
def patient_records() -> list[PatientRecords]:
    state = {"issued": "выставлен", "partly_paid": "оплачен частично", "paid": "оплачен", "cancelled": "отменён"}
    invoice = {
        "Номер": Invoice.number,
        "Выставлен": Invoice.issued_at,
        "Сумма": Invoice.total,
        "Оплачено": Invoice.paid,
        "Состояние": case(state, value=Invoice.status),
        "Примечание": Invoice.note,
    }
    of_invoice = (Invoice.clinic_id == InvoiceLine.clinic_id) & (Invoice.id == InvoiceLine.invoice_id)
    line = {
        "Счёт": select(Invoice.number).where(of_invoice).scalar_subquery(),
        "Услуга": InvoiceLine.service_name,
        "Зубы": InvoiceLine.teeth,
        "Количество": InvoiceLine.quantity,
        "Цена": InvoiceLine.price,
        "Сумма": InvoiceLine.net_amount,
    }
    of_method = (PaymentMethod.clinic_id == Payment.clinic_id) & (PaymentMethod.id == Payment.method_id)
    payment = {
        "Когда": Payment.paid_at,
        "Сумма": Payment.amount,
        "Способ": select(PaymentMethod.name).where(of_method).scalar_subquery(),
    }
    whose = select(Invoice.patient_id).where(of_invoice).scalar_subquery()
    return [
        PatientRecords("Счета", Invoice, Invoice.patient_id, invoice, 30),
        PatientRecords("Строки счетов", InvoiceLine, whose, line, 31),
        PatientRecords("Оплаты", Payment, Payment.patient_id, payment, 32),
    ]


@hookimpl
async def patient_erasing(ctx: Context, erasing: Erasing) -> None:
    """A debtor is not forgotten: without a name nobody could ask for the money, or give it back."""
    owed = select(func.coalesce(func.sum(LedgerEntry.amount), 0)).where(
        LedgerEntry.patient_id == erasing.patient_id, LedgerEntry.account.in_(("receivable", "deposit"))
    )
    if balance := await ctx.db.scalar(owed):
        raise Conflict(f"С пациентом не закончены расчёты: {money(balance, ctx.clinic.currency)}. Сначала закройте их.")
