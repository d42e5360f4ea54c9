"""What billing contributes to the patient's card."""

from __future__ import annotations

from sqlalchemy import case, func, select

from prikus.toolkit import (
    CardAction,
    Conflict,
    Context,
    Erasing,
    FeedKind,
    MenuItem,
    PatientRecords,
    SlotItem,
    Tab,
    hookimpl,
    money,
)
from prikus_billing.models import Invoice, InvoiceLine, LedgerEntry, Payment, PaymentMethod, Reversal

UNSETTLED = {"receivable": "долг", "deposit": "депозит"}


@hookimpl
def menu_items() -> list[MenuItem]:
    return [MenuItem("Касса", "cash", "/billing/desk", 40, "billing.shift.view")]


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
    at, right = "/billing/patients/{patient_id}", "billing.invoice.view"
    return [
        SlotItem("deposit", "Депозит", "pig-money", f"{at}/deposit/sum", 10, right),
        SlotItem("debt", "Долг", "wallet", f"{at}/debt", 20, right),
    ]


@hookimpl
def card_boxes() -> list[SlotItem]:
    href, right = "/billing/patients/{patient_id}/deposit", "billing.invoice.view"
    return [SlotItem("deposit", "Депозит", "pig-money", href, 60, right)]


@hookimpl
def feed_kinds() -> list[FeedKind]:
    return [FeedKind("money", "Счета и оплаты", ("invoice", "payment", "deposit"))]


@hookimpl
def patient_records() -> list[PatientRecords]:
    state = {
        "issued": "выставлен",
        "partly_paid": "оплачен частично",
        "paid": "оплачен",
        "partly_refunded": "возвращён частично",
        "refunded": "возвращён",
        "cancelled": "отменён",
    }
    invoice = {
        "Номер": Invoice.number,
        "Выставлен": Invoice.issued_at,
        "Сумма": Invoice.total,
        "Оплачено": Invoice.paid,
        "Возвращено": Invoice.refunded,
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
    of_reversal = (Invoice.clinic_id == Reversal.clinic_id) & (Invoice.id == Reversal.invoice_id)
    reversal = {
        "Счёт": select(Invoice.number).where(of_reversal).scalar_subquery(),
        "Когда": Reversal.created_at,
        "Что": case({"refund": "возврат", "cancellation": "отмена счёта"}, value=Reversal.kind),
        "Причина": Reversal.reason,
    }
    whose = select(Invoice.patient_id).where(of_invoice).scalar_subquery()
    return [
        PatientRecords("Счета", Invoice, Invoice.patient_id, invoice, 30),
        PatientRecords("Строки счетов", InvoiceLine, whose, line, 31),
        PatientRecords("Оплаты и возвраты", Payment, Payment.patient_id, payment, 32),
        PatientRecords("Отмены и возвраты", Reversal, Reversal.patient_id, reversal, 33),
    ]


@hookimpl
async def patient_erasing(ctx: Context, erasing: Erasing) -> None:
    """A debtor is not forgotten: without a name nobody could ask for the money, or give it back."""
    query = (
        select(LedgerEntry.account, func.abs(func.sum(LedgerEntry.amount)).label("left"))
        .where(LedgerEntry.patient_id == erasing.patient_id, LedgerEntry.account.in_(UNSETTLED))
        .group_by(LedgerEntry.account)
    )
    left = {row.account: row.left for row in await ctx.db.execute(query)}
    words = [
        f"{word} {money(left[account], ctx.clinic.currency)}"
        for account, word in UNSETTLED.items()
        if left.get(account)
    ]
    if words:
        raise Conflict(f"С пациентом не закончены расчёты: {', '.join(words)}. Сначала закройте их.")
