"""Registers of a demo clinic, with the receipts of its last week."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any, cast
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select, text

from prikus.toolkit import Branch, BranchInfo, Context, Demo, Patient, full_name
from prikus_billing.public import Settlement, settlement_of
from prikus_fiscal.models import CashRegister, FiscalReceipt
from prikus_fiscal.schemas import Buyer, Fiscal
from prikus_fiscal.services.making import NO_CONTACT, phone_of
from prikus_fiscal.services.mapping import KINDS, Style, content_of

DAYS = 7
MOST = 400
FN, REGISTER = "9999078900000002", "0000000001000002"
REFUSED = "Касса не приняла данные чека: client.email: неизвестный домен."
PAID = text("""
    select id from billing.ledger_transaction
    where kind in ('payment', 'top_up') and branch_id = :branch and business_date >= :since
    order by happened_at desc, id desc limit :most
""")


async def furnish(demo: Demo, connections: Mapping[int, int], kind: str, taxation: str) -> None:
    """An active register for each branch, over its connection, and the receipts of what was paid there."""
    for branch in await branches(demo):
        register = {
            "name": f"Касса · {branch.name}",
            "provider": kind,
            "connection_id": connections[branch.id],
            "branch_id": branch.id,
            "legal_entity_id": branch.legal_entity_id,
            "taxation": taxation,
            "is_active": True,
            "can_correct": True,
        }
        [id] = await demo.add(CashRegister, [register])
        await _receipts(demo, branch, id)


async def branches(demo: Demo) -> list[BranchInfo]:
    """Those of now: the clinic's state is older than what the demo has furnished."""
    rows = await demo.db.execute(
        select(Branch.id, Branch.name, Branch.time_zone, Branch.legal_entity_id).order_by(Branch.id)
    )
    return [BranchInfo(id, name, zone or demo.clinic.time_zone, entity) for id, name, zone, entity in rows]


async def _receipts(demo: Demo, branch: BranchInfo, register: int) -> None:
    since = demo.today - dt.timedelta(days=DAYS)
    found = (await demo.db.scalars(PAID, {"branch": branch.id, "since": since, "most": MOST})).all()
    moved = [await settlement_of(cast("Context", demo), id) for id in found]
    moved.sort(key=lambda one: (one.happened_at, one.transaction_id))
    buyers = await _buyers(demo, {one.patient_id for one in moved})
    rows = list(_rows(moved, buyers, register, demo.random(f"fiscal {branch.id}"), ZoneInfo(branch.time_zone)))
    await demo.add(FiscalReceipt, rows, f"чеки, {branch.name}")
    if rows:
        last = {"id": register, "at": moved[-1].happened_at}
        await demo.db.execute(text("update fiscal.cash_register set succeeded_at = :at where id = :id"), last)


async def _buyers(demo: Demo, patients: set[int]) -> dict[int, Buyer]:
    names = (Patient.last_name, Patient.first_name, Patient.patronymic)
    rows = await demo.db.execute(
        select(Patient.id, Patient.email, Patient.phone, *names).where(Patient.id.in_(patients))
    )
    return {row.id: Buyer(email=row.email, phone=phone_of(row.phone or ""), name=full_name(*row[3:])) for row in rows}


def _rows(
    moved: Sequence[Settlement], buyers: Mapping[int, Buyer], register: int, random: Random, zone: ZoneInfo
) -> Iterator[dict[str, Any]]:
    """All are registered but two of the last: one without a contact, one that was refused."""
    for n, one in enumerate(moved, 1):
        content = content_of(one, Style())
        row: dict[str, Any] = {
            "register_id": register,
            "transaction_id": one.transaction_id,
            "kind": KINDS[one.kind],
            "patient_id": one.patient_id,
            "invoice_id": one.invoice_id,
            "legal_entity_id": one.legal_entity_id,
            "branch_id": one.branch_id,
            "happened_at": one.happened_at,
            "business_date": one.business_date,
            "total": content.total,
            "content": msgspec.to_builtins(content),
            "buyer": msgspec.to_builtins(buyers[one.patient_id]),
            "external_id": str(uuid.UUID(int=random.getrandbits(128), version=4)),
            "queued_at": one.happened_at,
            "history": [],
        }
        yield row | _end(one, n, len(moved) - n, buyers[one.patient_id], random, zone)


def _end(one: Settlement, n: int, left: int, buyer: Buyer, random: Random, zone: ZoneInfo) -> dict[str, Any]:
    if left == 2:
        alone = msgspec.to_builtins(Buyer(name=buyer.name))
        return {"state": "needs_contact", "trouble": "data", "error": NO_CONTACT, "buyer": alone}
    if left == 4:
        return {"state": "failed", "trouble": "data", "error": REFUSED}
    at = one.happened_at + dt.timedelta(seconds=random.randint(4, 20))
    fiscal = Fiscal(
        fn=FN,
        document=str(1000 + n),
        sign=str(random.randint(1_000_000_000, 4_294_967_295)),
        register=REGISTER,
        shift=str(200 + (one.business_date.toordinal() % 100)),
        number=str(n),
        at=at.astimezone(zone).replace(tzinfo=None),
    )
    return {"state": "done", "fiscal": msgspec.to_builtins(fiscal), "done_at": at}
