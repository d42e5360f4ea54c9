"""Invoices, payments, deposits and shifts of a demo clinic, ledger and counters included."""

from __future__ import annotations

from sqlalchemy import select

from prikus.toolkit import Branch, Demo
from prikus_billing.demo.books import Books
from prikus_billing.demo.inventing import embellished, invoices
from prikus_billing.models import PaymentMethod


async def load(demo: Demo) -> None:
    """Invoices and payments for `made["visits"]` of the calendar from `made["services"]` of the price list."""
    visits = demo.made.get("visits", [])
    if "billing" not in demo.clinic.effective:
        return
    entities = {row.id: row.legal_entity_id for row in await demo.db.execute(select(Branch.id, Branch.legal_entity_id))}
    methods = {row.kind: row.id for row in await demo.db.execute(select(PaymentMethod.kind, PaymentMethod.id))}
    plain = invoices(visits, demo.made["services"], demo.today, demo.random("billing"))
    made = list(embellished(plain, demo.today, demo.random("billing-more")))
    await Books(demo, entities, methods).write(made)
