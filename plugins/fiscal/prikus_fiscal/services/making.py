"""A movement of money becomes a receipt, once."""

from __future__ import annotations

import re
import uuid
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from prikus.toolkit import Context, Patient, full_name
from prikus_billing.public import Settlement
from prikus_fiscal.models import CashRegister, FiscalReceipt
from prikus_fiscal.schemas import Buyer, Content, Kind
from prikus_fiscal.services import registers
from prikus_fiscal.services.mapping import KINDS, content_of

NO_CONTACT = "Нет e-mail или телефона пациента: без него касса чек не примет."
NO_REGISTER = "У филиала нет действующей кассы. Выберите кассу для этого чека."


class Made(msgspec.Struct, frozen=True):
    """A receipt that was written; `register_id` when it may be sent."""

    receipt_id: int
    register_id: int | None


async def make_receipt(ctx: Context, moved: Settlement) -> Made | None:
    """The receipt of a movement. None when it has one, when nothing moved, when the clinic has no register at all."""
    if not moved.cash + moved.cashless + moved.deposit or not await registers.has_registers(ctx):
        return None
    original = await _original(ctx, moved.reverses)
    register = await _register(ctx, moved, original)
    style = await registers.style_of(ctx, register, {line.service_id for line in moved.lines})
    said = msgspec.convert(original.content, Content) if original else None
    return await write(ctx, moved, KINDS[moved.kind], content_of(moved, style, said), register, original)


async def _original(ctx: Context, transaction_id: int | None) -> FiscalReceipt | None:
    """The receipt of the movement that is taken back."""
    if transaction_id is None:
        return None
    query = select(FiscalReceipt).where(FiscalReceipt.transaction_id == transaction_id, FiscalReceipt.kind == "sell")
    return await ctx.db.scalar(query.order_by(FiscalReceipt.part).limit(1))


async def _register(ctx: Context, moved: Settlement, original: FiscalReceipt | None) -> CashRegister | None:
    """Money goes back through the register that took it (BILL-01), while that one is there."""
    if original is not None and original.register_id is not None:
        taken_by = await ctx.load(CashRegister, original.register_id)
        if taken_by.connection_id is not None:
            return taken_by
    return await registers.register_for(ctx, moved.branch_id, moved.legal_entity_id)


async def write(
    ctx: Context,
    moved: Settlement,
    kind: Kind,
    content: Content,
    register: CashRegister | None,
    base: FiscalReceipt | None = None,
    *,
    part: int = 0,
    note: str | None = None,
) -> Made | None:
    """Write it down with the number under which it will be sent; None when the movement has such a receipt."""
    buyer = await _buyer(ctx, moved.patient_id, register)
    state, error = _begins(ctx, content, buyer, register)
    values: dict[str, Any] = {
        "register_id": register.id if register else None,
        "transaction_id": moved.transaction_id,
        "kind": kind,
        "part": part,
        "base_id": base.id if base else None,
        "patient_id": moved.patient_id,
        "invoice_id": moved.invoice_id,
        "legal_entity_id": moved.legal_entity_id,
        "branch_id": moved.branch_id,
        "happened_at": moved.happened_at,
        "business_date": moved.business_date,
        "total": content.total,
        "content": msgspec.to_builtins(content),
        "buyer": msgspec.to_builtins(buyer),
        "state": state,
        "trouble": "data" if error else None,
        "error": error,
        "external_id": str(uuid.uuid4()),
        "next_at": ctx.now() if state == "queued" else None,
        "note": note,
    }
    row = insert(FiscalReceipt).values(**values).on_conflict_do_nothing().returning(FiscalReceipt.id)
    made = await ctx.db.scalar(row)
    if made is None:
        return None
    ctx.changed("fiscal.receipts", moved.transaction_id)
    return Made(made, values["register_id"] if state == "queued" else None)


def _begins(ctx: Context, content: Content, buyer: Buyer, register: CashRegister | None) -> tuple[str, str | None]:
    if register is None:
        return "draft", NO_REGISTER
    if needs_contact(ctx, register, content) and not (buyer.email or buyer.phone):
        return "needs_contact", NO_CONTACT
    return "queued", None


def needs_contact(ctx: Context, register: CashRegister, content: Content) -> bool:
    """A correction goes to the tax service, not to a person."""
    provider = registers.providers(ctx).get(register.provider)
    return content.correction is None and (provider is None or provider.needs_contact)


async def _buyer(ctx: Context, patient_id: int, register: CashRegister | None) -> Buyer:
    columns = (Patient.email, Patient.phone, Patient.last_name, Patient.first_name, Patient.patronymic)
    row = (await ctx.db.execute(select(*columns).where(Patient.id == patient_id))).one()
    email, phone = (row.email or "").strip() or None, phone_of(row.phone or "")
    if not (email or phone) and register is not None:
        email = register.fallback_email
    return Buyer(email=email, phone=phone, name=full_name(*row[2:]))


def phone_of(text: str) -> str | None:
    """«+79991234567»: what registers take of telephones."""
    return text if re.fullmatch(r"\+7[0-9]{10}", text) else None
