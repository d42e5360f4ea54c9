"""What programs ask of invoices and payments: lists that they follow, words on an invoice (API-01)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import Text, cast

from prikus.toolkit import Changes, Context, Followed, Metadata, NotedWords, follow
from prikus.toolkit import note_metadata as note_words
from prikus.toolkit import read_metadata as read_words
from prikus_billing.models import Invoice, Payment, PaymentMethod
from prikus_billing.schemas.money import Kind, Status


class InvoiceChange(Followed, frozen=True, kw_only=True):
    """An invoice as programs follow it. A refund lowers neither `total` nor `paid`: it is told apart."""

    patient_id: int | None = None
    legal_entity_id: int | None = None
    branch_id: int | None = None
    number: str | None = None
    issued_at: dt.datetime | None = None
    business_date: dt.date | None = None
    status: Status | None = None
    total: Decimal | None = None
    paid: Decimal | None = None
    refunded: Decimal | None = None
    note: str | None = None
    row_version: int | None = None
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    metadata: dict[str, str] | None = None


class PaymentChange(Followed, frozen=True, kw_only=True):
    """Money that moved in one way, negative when it was given back. Payments are never changed."""

    transaction_id: int | None = None
    patient_id: int | None = None
    legal_entity_id: int | None = None
    branch_id: int | None = None
    kind: Kind | None = None
    amount: Decimal | None = None
    paid_at: dt.datetime | None = None
    business_date: dt.date | None = None


async def changed_invoices(ctx: Context, since: str | None, limit: int) -> Changes[InvoiceChange]:
    """Invoices in the order of their last change. Raises `Invalid` for a strange cursor."""
    ctx.require("billing.invoice.view")
    number = Invoice.series + cast(Invoice.number, Text)
    return await follow(ctx, InvoiceChange, Invoice, since, limit, columns={"number": number})


async def changed_payments(ctx: Context, since: str | None, limit: int) -> Changes[PaymentChange]:
    """Payments in the order in which they came. Raises `Invalid` for a strange cursor."""
    ctx.require("billing.invoice.view")
    method = (PaymentMethod.clinic_id == Payment.clinic_id) & (PaymentMethod.id == Payment.method_id)
    return await follow(
        ctx,
        PaymentChange,
        Payment,
        since,
        limit,
        columns={"kind": PaymentMethod.kind},
        narrowed=lambda query: query.join(PaymentMethod, method),
    )


async def read_metadata(ctx: Context, id: int) -> NotedWords:
    """What programs noted on an invoice. Raises `NotFound`."""
    ctx.require("billing.invoice.view")
    return await read_words(ctx, Invoice, id)


async def note_metadata(ctx: Context, id: int, given: Metadata) -> NotedWords:
    """Raises `NotFound`, `Invalid`."""
    ctx.require("billing.invoice.issue")
    return await note_words(ctx, Invoice, id, given)
