"""Reading invoices, payments and debts: columns into structs, a fixed number of statements."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, and_, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from prikus.toolkit import (
    Branch,
    Context,
    LegalEntity,
    NotFound,
    Patient,
    StaffMember,
    full_name,
    prepared_sql,
    read_page,
    short_name,
)
from prikus_billing.models import Invoice, InvoiceLine, LedgerEntry, LedgerTransaction
from prikus_billing.schemas.money import InvoiceCard, InvoicePage, InvoiceRow, LineRow, PaymentRow, ReversalRow

PAGE = 20
NOBODY = "—"
TAKEN_BACK = ("partly_refunded", "refunded", "cancelled")
_REVERSALS = prepared_sql(
    """
    select r.kind, t.happened_at, r.reason, array(
        select l.service_name || case when f.quantity > 1 then ' × ' || f.quantity else '' end
        from billing.refunded_line f join billing.invoice_line l on l.clinic_id = f.clinic_id and l.id = f.line_id
        where f.clinic_id = r.clinic_id and f.reversal_id = r.id order by l.position),
      s.last_name, s.first_name, s.patronymic
    from billing.reversal r
    join billing.ledger_transaction t on t.clinic_id = r.clinic_id and t.id = r.transaction_id
    left join core.staff_member s
      on s.clinic_id = t.clinic_id and s.id = t.created_by_id and t.created_by_kind = 'staff'
    where r.invoice_id = :invoice order by r.id
    """,
    invoice=BigInteger,
)


async def invoices_of(
    ctx: Context, patient_id: int, *, after: str | None = None, before: str | None = None
) -> InvoicePage:
    """Invoices of a patient, newest first, 20 to a page. `after` and `before` are cursors of this function's making."""
    ctx.require("billing.invoice.view")
    names = (
        select(func.array_agg(aggregate_order_by(InvoiceLine.service_name, InvoiceLine.position)))
        .where(InvoiceLine.clinic_id == Invoice.clinic_id, InvoiceLine.invoice_id == Invoice.id)
        .scalar_subquery()
    )
    query = ctx.visible(
        Invoice,
        Invoice.id,
        Invoice.series,
        Invoice.number,
        Invoice.issued_at,
        Invoice.business_date,
        Invoice.status,
        Invoice.total,
        Invoice.paid,
        names.label("services"),
    ).where(Invoice.patient_id == patient_id)
    by = Invoice.issued_at, Invoice.id
    return InvoicePage(*await read_page(ctx.db, query, by, _row, after=after, before=before, size=PAGE))


def _row(row: Any) -> InvoiceRow:
    return InvoiceRow(
        row.id,
        f"{row.series}{row.number}",
        row.issued_at,
        row.business_date,
        row.status,
        row.total,
        row.paid,
        row.services or [],
    )


async def invoice_card(ctx: Context, invoice_id: int) -> InvoiceCard:
    """One invoice with lines and payments, three statements, a fourth if it was taken back. Raises `NotFound`."""
    ctx.require("billing.invoice.view")
    row = (await ctx.db.execute(_head().where(Invoice.id == invoice_id))).one_or_none()
    if row is None:
        raise NotFound()
    return InvoiceCard(
        id=row.id,
        patient_id=row.patient_id,
        patient=full_name(row.last_name, row.first_name, row.patronymic),
        card_number=row.card_number,
        birth_date=row.birth_date,
        number=f"{row.series}{row.number}",
        issued_at=row.issued_at,
        time_zone=str(ctx.zone(row.branch_id)),
        status=row.status,
        total=row.total,
        paid=row.paid,
        note=row.note,
        branch=row.branch,
        branch_address=row.branch_address,
        legal_entity=row.short_name,
        legal_entity_full=row.full_name,
        inn=row.inn,
        kpp=row.kpp,
        address=row.address,
        phone=row.phone,
        licence=row.licence,
        issued_by=_name(row.staff_last, row.staff_first, row.staff_patronymic),
        lines=await _lines(ctx, invoice_id),
        payments=await _payments(ctx, invoice_id),
        reversals=await _reversals(ctx, invoice_id) if row.status in TAKEN_BACK else [],
    )


def _head() -> Any:
    return (
        select(
            Invoice.id,
            Invoice.patient_id,
            Invoice.branch_id,
            Invoice.series,
            Invoice.number,
            Invoice.issued_at,
            Invoice.status,
            Invoice.total,
            Invoice.paid,
            Invoice.note,
            Patient.last_name,
            Patient.first_name,
            Patient.patronymic,
            Patient.card_number,
            Patient.birth_date,
            Branch.name.label("branch"),
            Branch.address.label("branch_address"),
            LegalEntity.short_name,
            LegalEntity.full_name,
            LegalEntity.inn,
            LegalEntity.kpp,
            LegalEntity.address,
            LegalEntity.phone,
            LegalEntity.licence,
            StaffMember.last_name.label("staff_last"),
            StaffMember.first_name.label("staff_first"),
            StaffMember.patronymic.label("staff_patronymic"),
        )
        .join(Patient, _same(Patient, Invoice.patient_id))
        .join(Branch, _same(Branch, Invoice.branch_id))
        .join(LegalEntity, _same(LegalEntity, Invoice.legal_entity_id))
        .outerjoin(
            StaffMember,
            and_(
                StaffMember.clinic_id == Invoice.clinic_id,
                StaffMember.id == Invoice.created_by_id,
                Invoice.created_by_kind == "staff",
            ),
        )
    )


def _same(model: Any, column: Any) -> Any:
    return and_(model.clinic_id == column.class_.clinic_id, model.id == column)


def _name(last: str | None, first: str | None, patronymic: str | None) -> str:
    return short_name(last, first or "", patronymic) if last else NOBODY


async def _lines(ctx: Context, invoice_id: int) -> list[LineRow]:
    rows = await ctx.db.execute(
        select(
            InvoiceLine.service_name,
            InvoiceLine.service_code,
            InvoiceLine.teeth,
            InvoiceLine.quantity,
            InvoiceLine.price,
            InvoiceLine.net_amount,
            StaffMember.last_name,
            StaffMember.first_name,
            StaffMember.patronymic,
        )
        .outerjoin(StaffMember, _same(StaffMember, InvoiceLine.doctor_id))
        .where(InvoiceLine.invoice_id == invoice_id)
        .order_by(InvoiceLine.position)
    )
    return [LineRow(*row[:6], _name(*row[6:])) for row in rows]


async def _payments(ctx: Context, invoice_id: int) -> list[PaymentRow]:
    rows = await ctx.db.execute(
        select(
            LedgerTransaction.id,
            LedgerTransaction.kind,
            LedgerTransaction.happened_at,
            LedgerEntry.account,
            LedgerEntry.amount,
            StaffMember.last_name,
            StaffMember.first_name,
            StaffMember.patronymic,
        )
        .select_from(LedgerEntry)
        .join(LedgerTransaction, _same(LedgerTransaction, LedgerEntry.transaction_id))
        .outerjoin(
            StaffMember,
            and_(
                StaffMember.clinic_id == LedgerTransaction.clinic_id,
                StaffMember.id == LedgerTransaction.created_by_id,
                LedgerTransaction.created_by_kind == "staff",
            ),
        )
        .where(LedgerEntry.invoice_id == invoice_id, LedgerEntry.account.in_(("cash", "cashless", "deposit")))
        .order_by(LedgerTransaction.id, LedgerEntry.id)
    )
    return [PaymentRow(*row[:5], _name(*row[5:])) for row in rows]


async def _reversals(ctx: Context, invoice_id: int) -> list[ReversalRow]:
    rows = await _REVERSALS.rows(ctx.db, invoice=invoice_id)
    return [ReversalRow(*row[:4], by=_name(*row[4:])) for row in rows]


async def debts(ctx: Context, patient_ids: Collection[int]) -> dict[int, Decimal]:
    """What each of the patients owes, one statement; those without any movement owe 0."""
    ctx.require("billing.invoice.view")
    found = await ctx.db.execute(
        select(LedgerEntry.patient_id, func.sum(LedgerEntry.amount).label("debt"))
        .where(LedgerEntry.patient_id.in_(patient_ids), LedgerEntry.account == "receivable")
        .group_by(LedgerEntry.patient_id)
    )
    owed = {row.patient_id: row.debt for row in found}
    return {patient_id: owed.get(patient_id, Decimal("0.00")) for patient_id in patient_ids}


async def debt_of(ctx: Context, patient_id: int) -> Decimal:
    """What a patient owes: the sum of the receivable account. Raises `NotFound` for a foreign or missing patient."""
    ctx.require("billing.invoice.view")
    owed = and_(
        LedgerEntry.clinic_id == Patient.clinic_id,
        LedgerEntry.patient_id == Patient.id,
        LedgerEntry.account == "receivable",
    )
    debt = await ctx.db.scalar(
        select(func.coalesce(func.sum(LedgerEntry.amount), Decimal("0.00")))
        .select_from(Patient)
        .outerjoin(LedgerEntry, owed)
        .where(Patient.id == patient_id)
        .group_by(Patient.id)
    )
    if debt is None:
        raise NotFound()
    return debt


async def patient_name(ctx: Context, patient_id: int) -> str:
    """Full name of a patient who is there, for those who may see invoices. Raises `NotFound`."""
    ctx.require("billing.invoice.view")
    columns = (Patient.last_name, Patient.first_name, Patient.patronymic)
    row = (await ctx.db.execute(ctx.visible(Patient, *columns).where(Patient.id == patient_id))).one_or_none()
    if row is None:
        raise NotFound()
    return full_name(*row)


async def doctors(ctx: Context) -> list[tuple[int, str]]:
    """Doctors who work here, for the choice in a line."""
    ctx.require("billing.invoice.issue")
    rows = await ctx.db.execute(
        ctx.visible(StaffMember, StaffMember.id, StaffMember.last_name, StaffMember.first_name, StaffMember.patronymic)
        .where(StaffMember.kind == "doctor")
        .order_by(StaffMember.sort_name)
    )
    return [(row.id, _name(row.last_name, row.first_name, row.patronymic)) for row in rows]
