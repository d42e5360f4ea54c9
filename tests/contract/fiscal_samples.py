"""One request at least for each route of fiscal: receipts of one patient at one register."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import uuid4

import msgspec
from sqlalchemy import text

from prikus.connections.models import Connection
from prikus.testing.clinics import TestClinic
from prikus.testing.contract.samples import Bound, Filter, Id, Sample
from prikus_billing.schemas.money import NewInvoice, NewLine, NewPayment
from prikus_billing.services.invoices import issue_invoice
from prikus_billing.services.payments import pay
from prikus_fiscal.models import CashRegister, FiscalReceipt
from prikus_fiscal.schemas import Content, Fiscal, Item, Paid
from tests.contract.samples import inserted, name_house, new_keys, new_patient, new_service, numbers

RECEIPT = "/fiscal/receipts/{receipt_id:int}"
REGISTER = "/fiscal/registers/{register_id:int}"
PRICE = Decimal("100.00")
CONTENT = Content(
    items=(
        Item(name="Осмотр", price=PRICE, quantity=Decimal(1), total=PRICE, method="full_payment", subject="service"),
    ),
    payments=(Paid("cash", PRICE),),
)
FISCAL = Fiscal(
    fn="9999078900000001",
    document="133",
    sign="1000000133",
    register="0000000001000001",
    shift="23",
    number="6",
    at=dt.datetime(2026, 3, 14, 12, 30),
)


class FiscalSamples:
    @classmethod
    async def of(cls, clinic: TestClinic, marker: str) -> list[Sample]:
        await name_house(clinic, marker)
        self = await cls.begun(clinic, marker)
        at = {"receipt_id": await self.receipt("done", fiscal=msgspec.to_builtins(FISCAL))}
        moved = Filter(await self.movement())
        await self.receipt("failed", transaction_id=moved, error=f"Касса не приняла: {marker}")
        return [
            Sample(method="GET", path="/fiscal/receipts"),
            Sample(method="GET", path="/fiscal/receipts", query={"register": Filter(self.register)}, shows=False),
            Sample(method="GET", path=RECEIPT, at=at),
            Sample(method="GET", path=RECEIPT + "/print", at=at),
            Sample(method="GET", path="/fiscal/movements/{transaction_id:int}/state", at={"transaction_id": moved}),
            Sample(method="GET", path="/fiscal/day-sheet", query=self.day()),
            *await self._mending(),
            *await self._registers(),
        ]

    @classmethod
    async def begun(cls, clinic: TestClinic, marker: str) -> FiscalSamples:
        """A patient, a service, a register."""
        self = cls()
        self.clinic, self.marker, self.keys = clinic, marker, new_keys(clinic)
        self.today = dt.datetime.now(dt.UTC).date()
        self.patient, self.service = await new_patient(clinic, marker), await new_service(clinic, marker)
        async with clinic.ctx_as("director") as ctx:
            self.branch, self.entity = ctx.branch.id, ctx.branch.legal_entity_id
        self.register = await self.new_register()
        return self

    async def new_register(self, **more: Any) -> Id:
        """One that is not active: of these there may be many."""
        title = f"{self.marker} {next(numbers)}"
        values = {"plugin_id": "integrations_evotor", "kind": "evotor", "title": title}
        connection = await inserted(self.clinic, Connection, **values)
        place = {"branch_id": self.branch, "legal_entity_id": self.entity, "connection_id": int(connection)}
        return await inserted(
            self.clinic,
            CashRegister,
            **{
                "name": title,
                "provider": "evotor",
                "taxation": "usn_income",
                "is_active": False,
                "can_correct": True,
                **place,
                **more,
            },
        )

    async def movement(self) -> int:
        """Money taken; the number of its transaction."""
        line = NewLine(service_id=int(self.service))
        async with self.clinic.ctx_as("director") as ctx:
            wish = NewInvoice(patient_id=int(self.patient), lines=(line,))
            issued = await issue_invoice(ctx, wish, f"contract {self.marker} {next(numbers)}")
            await pay(ctx, NewPayment(invoice_id=issued.invoice_id, cash=PRICE), str(uuid4()))
            return (await ctx.db.execute(text("select max(id) from billing.ledger_transaction"))).scalar_one()

    async def receipt(self, state: str, **more: Any) -> Id:
        return await inserted(
            self.clinic,
            FiscalReceipt,
            **{
                "register_id": int(self.register),
                "transaction_id": 10**9 + next(numbers),
                "kind": "sell",
                "patient_id": int(self.patient),
                "legal_entity_id": self.entity,
                "branch_id": self.branch,
                "happened_at": dt.datetime.now(dt.UTC),
                "business_date": self.today,
                "total": PRICE,
                "content": msgspec.to_builtins(CONTENT),
                "buyer": {"name": self.marker, "phone": "+79123401289"},
                "state": state,
                "external_id": str(uuid4()),
                **more,
            },
        )

    def day(self) -> dict[str, Any]:
        place = {"branch_id": Filter(self.branch), "legal_entity_id": Filter(self.entity)}
        return {**place, "day": self.today.isoformat()}

    async def _mending(self) -> list[Sample]:
        corrected = await self.receipt("done", transaction_id=await self.movement(), fiscal=msgspec.to_builtins(FISCAL))
        other = Bound(await self.new_register())
        why = {"reason": "own", "day": "2026-03-01", "number": "7", "note": self.marker}
        panels = [
            Sample(method="GET", path=f"{RECEIPT}/{name}", at={"receipt_id": await self.receipt("failed")})
            for name in ("contact", "register", "resolve", "correct")
        ]
        forms: dict[str, dict[str, Any]] = {
            "retry": {},
            "contact": {"contact": "patient@clinic.example"},
            "resolve": {"note": self.marker},
        }
        moved = {"receipt_id": Bound(await self.receipt("failed"))}
        return [
            *panels,
            Sample(method="POST", path=RECEIPT + "/register", at=moved, form={"register_id": other}),
            *[
                Sample(
                    method="POST", path=f"{RECEIPT}/{name}", at={"receipt_id": await self.receipt("failed")}, form=form
                )
                for name, form in forms.items()
            ],
            Sample(
                method="POST",
                path=RECEIPT + "/correct",
                at={"receipt_id": corrected},
                form={**why, "idempotency_key": next(self.keys)},
            ),
        ]

    async def _registers(self) -> list[Sample]:
        words = {"naming": "generic", "generic_name": "Услуга", "advance_name": "Аванс", "debt_name": "Долг"}
        at = {"register_id": self.register}
        stopped = {"register_id": await self.new_register(stopped="Неверный пароль.")}
        return [
            Sample(method="GET", path="/fiscal/registers"),
            Sample(method="GET", path=REGISTER, at=at),
            Sample(method="POST", path=REGISTER, at=at, form=words),
            Sample(method="POST", path=REGISTER + "/resume", at=stopped),
        ]
