"""Receipts as they are shown: the list, one of them, the state beside a movement of money."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import msgspec
from sqlalchemy import Text, and_, cast, func, select

from prikus.toolkit import Branch, Context, LegalEntity, NotFound, Patient, full_name, read_page
from prikus_fiscal.models import STUCK, WAITING, WAITS_FOR_SALE, CashRegister, FiscalReceipt
from prikus_fiscal.schemas import Buyer, Content, Fiscal, Kind, Past, ReceiptCard, ReceiptPage, ReceiptRow, State
from prikus_fiscal.services import registers

PAGE = 30
SIGNS = {"sell": 1, "sell_refund": 2, "sell_correction": 1, "sell_refund_correction": 2}
LINK = "https://lk.platformaofd.ru/web/noauth/cheque/search?fn={fn}&fp={fp}&i={i}"
"""The page of the operator through which Evotor sends; others tell their own address."""


class Filters(msgspec.Struct, frozen=True):
    """What the list is narrowed to; days are local ones of the branch, both included."""

    date_from: dt.date | None = None
    date_to: dt.date | None = None
    shown: Literal["", "trouble", "waiting", "done"] = ""
    register_id: int | None = None


async def receipts(
    ctx: Context, filters: Filters, *, after: str | None = None, before: str | None = None
) -> ReceiptPage:
    """Newest first, 30 to a page. `after` and `before` are cursors of its making."""
    ctx.require("fiscal.receipt.view")
    query, by = _narrowed(_rows(), filters), (FiscalReceipt.happened_at, FiscalReceipt.id)
    return ReceiptPage(*await read_page(ctx.db, query, by, _row, after=after, before=before, size=PAGE))


async def count_stuck(ctx: Context) -> int:
    """Receipts that need a person."""
    ctx.require("fiscal.receipt.view")
    return await ctx.db.scalar(select(func.count()).select_from(FiscalReceipt).where(STUCK)) or 0


async def of_movement(ctx: Context, transaction_id: int) -> list[ReceiptRow]:
    """The receipts of one movement of money, for the place beside it."""
    ctx.require("fiscal.receipt.view")
    query = _rows().where(FiscalReceipt.transaction_id == transaction_id).order_by(FiscalReceipt.id)
    return [_row(row) for row in await ctx.db.execute(query)]


def _narrowed(query: Any, filters: Filters) -> Any:
    if filters.date_from:
        query = query.where(FiscalReceipt.business_date >= filters.date_from)
    if filters.date_to:
        query = query.where(FiscalReceipt.business_date <= filters.date_to)
    if filters.register_id is not None:
        query = query.where(FiscalReceipt.register_id == filters.register_id)
    if filters.shown == "trouble":
        return query.where(STUCK)
    if filters.shown == "waiting":
        return query.where(WAITING)
    return query.where(FiscalReceipt.state.in_(("done", "resolved"))) if filters.shown == "done" else query


def _rows() -> Any:
    patient = and_(Patient.clinic_id == FiscalReceipt.clinic_id, Patient.id == FiscalReceipt.patient_id)
    register = and_(CashRegister.clinic_id == FiscalReceipt.clinic_id, CashRegister.id == FiscalReceipt.register_id)
    return (
        select(
            FiscalReceipt.id,
            FiscalReceipt.kind,
            FiscalReceipt.state,
            FiscalReceipt.happened_at,
            FiscalReceipt.branch_id,
            FiscalReceipt.total,
            FiscalReceipt.patient_id,
            FiscalReceipt.error,
            cast(FiscalReceipt.fiscal["document"].astext, Text).label("document"),
            CashRegister.name.label("register"),
            Patient.last_name,
            Patient.first_name,
            Patient.patronymic,
            STUCK.label("is_stuck"),
            WAITS_FOR_SALE.label("waits_for_sale"),
        )
        .join(Patient, patient)
        .outerjoin(CashRegister, register)
    )


def _row(row: Any) -> ReceiptRow:
    return ReceiptRow(
        id=row.id,
        kind=msgspec.convert(row.kind, Kind),
        state=msgspec.convert(row.state, State),
        happened_at=row.happened_at,
        branch_id=row.branch_id,
        total=row.total,
        patient_id=row.patient_id,
        patient=full_name(row.last_name, row.first_name, row.patronymic),
        register=row.register,
        document=row.document,
        error=row.error,
        is_stuck=row.is_stuck,
        waits_for_sale=row.waits_for_sale,
    )


async def card(ctx: Context, receipt_id: int) -> ReceiptCard:
    """Raises `NotFound`."""
    ctx.require("fiscal.receipt.view")
    query = (
        select(FiscalReceipt, CashRegister, LegalEntity, Branch, Patient, STUCK, WAITS_FOR_SALE)
        .join(Patient, and_(Patient.clinic_id == FiscalReceipt.clinic_id, Patient.id == FiscalReceipt.patient_id))
        .join(
            LegalEntity,
            and_(LegalEntity.clinic_id == FiscalReceipt.clinic_id, LegalEntity.id == FiscalReceipt.legal_entity_id),
        )
        .join(Branch, and_(Branch.clinic_id == FiscalReceipt.clinic_id, Branch.id == FiscalReceipt.branch_id))
        .outerjoin(
            CashRegister,
            and_(CashRegister.clinic_id == FiscalReceipt.clinic_id, CashRegister.id == FiscalReceipt.register_id),
        )
        .where(FiscalReceipt.id == receipt_id)
    )
    row = (await ctx.db.execute(query)).one_or_none()
    if row is None:
        raise NotFound()
    receipt, register = row[0], row[1]
    is_closed = register is None or receipt.state in ("done", "resolved")
    return _card(ctx, *row, obstacle=None if is_closed else await registers.obstacle(ctx, register))


def _card(
    ctx: Context,
    one: FiscalReceipt,
    register: CashRegister | None,
    entity: LegalEntity,
    branch: Branch,
    patient: Patient,
    is_stuck: bool,
    waits_for_sale: bool,
    *,
    obstacle: str | None,
) -> ReceiptCard:
    fiscal = msgspec.convert(one.fiscal, Fiscal) if one.fiscal else None
    return ReceiptCard(
        id=one.id,
        kind=msgspec.convert(one.kind, Kind),
        state=msgspec.convert(one.state, State),
        happened_at=one.happened_at,
        time_zone=str(ctx.zone(one.branch_id)),
        total=one.total,
        patient_id=one.patient_id,
        patient=full_name(patient.last_name, patient.first_name, patient.patronymic),
        invoice_id=one.invoice_id,
        register_id=one.register_id,
        register=register.name if register else None,
        can_correct=register is not None and register.can_correct,
        legal_entity=entity.short_name,
        legal_entity_full=entity.full_name,
        inn=entity.inn,
        place=branch.address,
        content=msgspec.convert(one.content, Content),
        buyer=msgspec.convert(one.buyer or {}, Buyer),
        fiscal=fiscal,
        external_id=one.external_id,
        base_id=one.base_id,
        history=msgspec.convert(one.history, tuple[Past, ...]),
        error=one.error,
        trouble=one.trouble,  # type: ignore[arg-type]
        note=one.note,
        next_at=one.next_at,
        is_stuck=is_stuck,
        waits_for_sale=waits_for_sale,
        obstacle=obstacle,
        is_movable=one.is_movable,
        qr=qr_text(one.kind, one.total, fiscal) if fiscal else None,
        link=link(fiscal) if fiscal else None,
    )


def qr_text(kind: str, total: Any, fiscal: Fiscal) -> str:
    """What the code on a paper receipt says."""
    return (
        f"t={fiscal.at:%Y%m%dT%H%M}&s={total:.2f}&fn={fiscal.fn}&i={fiscal.document}&fp={fiscal.sign}&n={SIGNS[kind]}"
    )


def link(fiscal: Fiscal) -> str:
    """Where the buyer can see it."""
    return fiscal.url or LINK.format(fn=fiscal.fn, fp=fiscal.sign, i=fiscal.document)
