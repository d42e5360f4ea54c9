"""Invoices, payments and deposits for programs: the same services as the pages (API-01)."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from litestar import get, post
from litestar.params import JSONBody
from msgspec.structs import asdict

from prikus.toolkit import (
    Changes,
    Context,
    Cursor,
    Limit,
    Metadata,
    NotedWords,
    OptionalId,
    PressKey,
    RowId,
    checked_body,
)
from prikus_billing.schemas.money import (
    Cancellation,
    DepositMoved,
    DepositRow,
    InvoiceCard,
    InvoicePage,
    Issued,
    NewInvoice,
    NewPayment,
    NewRefund,
    OneWay,
    Paid,
    PaymentSums,
    Prepayment,
    Refund,
    ReturnableLine,
    Reversed,
    Withdrawal,
)
from prikus_billing.services import deposits, invoices, payments, programs, reading, reversing
from prikus_billing.services.programs import InvoiceChange, PaymentChange


class Reason(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    reason: str


class Account(msgspec.Struct, frozen=True):
    """What a patient owes, and what the clinic keeps of the patient's money."""

    debt: Decimal
    deposit: Decimal


class DepositMoves(msgspec.Struct, frozen=True):
    """Movements of the deposit, newest first; `before` is the cursor of older ones."""

    items: list[DepositRow]
    before: int | None


@get("/invoices/changes")
async def get_changed_invoices(
    ctx: Context, changed_since: Cursor = None, limit: Limit = 100
) -> Changes[InvoiceChange]:
    """Счета в порядке изменений. Курсор из ответа продолжает список в любой день."""
    return await programs.changed_invoices(ctx, changed_since, limit)


@get("/payments/changes")
async def get_changed_payments(
    ctx: Context, changed_since: Cursor = None, limit: Limit = 100
) -> Changes[PaymentChange]:
    """Движения денег в том порядке, в котором они записаны; возвраты отрицательны."""
    return await programs.changed_payments(ctx, changed_since, limit)


@post("/invoices")
async def issue_invoice(ctx: Context, data: JSONBody[NewInvoice], idempotency_key: PressKey) -> Issued:
    """Выставить счёт. Без цены берётся цена прайс-листа."""
    return await invoices.issue_invoice(ctx, checked_body(data), idempotency_key)


@get("/invoices/{invoice_id:int}")
async def get_invoice(ctx: Context, invoice_id: RowId) -> InvoiceCard:
    """Счёт со строками, оплатами и возвратами."""
    return await reading.invoice_card(ctx, invoice_id)


@get("/invoices/{invoice_id:int}/returnable")
async def get_returnable(ctx: Context, invoice_id: RowId) -> list[ReturnableLine]:
    """Строки счёта и сколько из них ещё можно вернуть."""
    return await reversing.returnable_lines(ctx, invoice_id)


@post("/invoices/{invoice_id:int}/pay", status_code=200)
async def pay_invoice(ctx: Context, invoice_id: RowId, data: JSONBody[PaymentSums], idempotency_key: PressKey) -> Paid:
    """Принять оплату. 409, если счёт оплачен или отменён."""
    sums = asdict(checked_body(data))
    return await payments.pay(ctx, NewPayment(invoice_id=invoice_id, **sums), idempotency_key)


@post("/invoices/{invoice_id:int}/cancel", status_code=200)
async def cancel_invoice(
    ctx: Context, invoice_id: RowId, data: JSONBody[Reason], idempotency_key: PressKey
) -> Reversed:
    """Отменить счёт: оплаченное уходит на депозит."""
    wish = Cancellation(invoice_id=invoice_id, reason=checked_body(data).reason)
    return await reversing.cancel_invoice(ctx, wish, idempotency_key)


@post("/invoices/{invoice_id:int}/refund", status_code=200)
async def refund_invoice(
    ctx: Context, invoice_id: RowId, data: JSONBody[Refund], idempotency_key: PressKey
) -> Reversed:
    """Вернуть услуги оплаченного счёта и деньги за них."""
    wish = NewRefund(invoice_id=invoice_id, **asdict(checked_body(data)))
    return await reversing.refund(ctx, wish, idempotency_key)


@get("/invoices/{invoice_id:int}/metadata")
async def get_metadata(ctx: Context, invoice_id: RowId) -> NotedWords:
    """Пометки программ на счёте."""
    return await programs.read_metadata(ctx, invoice_id)


@post("/invoices/{invoice_id:int}/metadata", status_code=200)
async def note_metadata(ctx: Context, invoice_id: RowId, data: JSONBody[Metadata]) -> NotedWords:
    """Добавить и убрать пометки; остальные ключи остаются."""
    return await programs.note_metadata(ctx, invoice_id, data)


@get("/patients/{patient_id:int}/invoices")
async def get_invoices(ctx: Context, patient_id: RowId, after: Cursor = None, before: Cursor = None) -> InvoicePage:
    """Счета пациента, новые сверху, по 20; `next` ответа – это `after` следующей страницы."""
    await reading.patient_name(ctx, patient_id)
    return await reading.invoices_of(ctx, patient_id, after=after, before=before)


@get("/patients/{patient_id:int}/account")
async def get_account(ctx: Context, patient_id: RowId) -> Account:
    """Долг и депозит пациента."""
    return Account(await reading.debt_of(ctx, patient_id), await deposits.deposit_of(ctx, patient_id))


@get("/patients/{patient_id:int}/deposit/moves")
async def get_deposit_moves(ctx: Context, patient_id: RowId, before: OptionalId = None) -> DepositMoves:
    """Движения депозита, новые сверху."""
    await reading.patient_name(ctx, patient_id)
    return DepositMoves(*await deposits.moves_of(ctx, patient_id, before))


@post("/patients/{patient_id:int}/deposit/top-up", status_code=200)
async def top_up_deposit(
    ctx: Context, patient_id: RowId, data: JSONBody[OneWay], idempotency_key: PressKey
) -> DepositMoved:
    """Внести на депозит."""
    return await deposits.top_up(ctx, Prepayment(patient_id=patient_id, **asdict(checked_body(data))), idempotency_key)


@post("/patients/{patient_id:int}/deposit/withdraw", status_code=200)
async def withdraw_deposit(
    ctx: Context, patient_id: RowId, data: JSONBody[OneWay], idempotency_key: PressKey
) -> DepositMoved:
    """Снять депозит целиком. 409, если он уже не тот, что назван."""
    wish = Withdrawal(patient_id=patient_id, **asdict(checked_body(data)))
    return await deposits.withdraw(ctx, wish, idempotency_key)


routes = [
    get_changed_invoices,
    get_changed_payments,
    issue_invoice,
    get_invoice,
    get_returnable,
    pay_invoice,
    cancel_invoice,
    refund_invoice,
    get_metadata,
    note_metadata,
    get_invoices,
    get_account,
    get_deposit_moves,
    top_up_deposit,
    withdraw_deposit,
]
