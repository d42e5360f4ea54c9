"""One request at least for each route of billing."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, text

from prikus.testing.clinics import TestClinic
from prikus.testing.contract.samples import Bound, Filter, Id, Sample
from prikus.toolkit import Context
from prikus_billing.models import CashShift
from prikus_billing.schemas.desk import CashMove, NewShift
from prikus_billing.schemas.money import NewInvoice, NewLine, NewPayment, Prepayment
from prikus_billing.services.deposits import top_up
from prikus_billing.services.desk import shift_now
from prikus_billing.services.invoices import issue_invoice
from prikus_billing.services.payments import pay
from prikus_billing.services.shifts import move_cash, open_shift
from prikus_calendar.schemas import NewAppointment
from prikus_calendar.services.booking import book
from tests.contract.samples import (
    DAY,
    inserted,
    name_house,
    new_branch,
    new_desk,
    new_keys,
    new_patient,
    new_service,
    numbers,
)

API = "/api/v1"
INVOICE = "/billing/invoices/{invoice_id:int}"
PATIENT = "/billing/patients/{patient_id:int}"


async def money(ctx: Context, patient_id: int) -> int:
    """A prepayment and a movement of the drawer more, in the one open shift; its number."""
    open_now = await shift_now(ctx, ctx.branch)
    shift = open_now.id if open_now else (await open_shift(ctx, NewShift(opening=Decimal(0)), str(uuid4()))).shift_id
    await top_up(ctx, Prepayment(patient_id=patient_id, kind="cash", amount=Decimal(10)), str(uuid4()))
    change = CashMove(shift_id=shift, kind="put_in", amount=Decimal(1), reason="Размен")
    await move_cash(ctx, change, str(uuid4()))
    return shift


async def closed_shift(ctx: Context) -> None:
    """A shift more that is over, of the branch where the person works."""
    place = {"branch_id": ctx.branch.id, "legal_entity_id": ctx.branch.legal_entity_id, "number": 1000 + next(numbers)}
    when = {"business_date": ctx.now().date(), "opened_at": ctx.now(), "closed_at": ctx.now()}
    await ctx.db.execute(insert(CashShift).values(**place, **when, opening=0, expected=0, counted=0))


class BillingSamples:
    """Invoices of one patient for one service."""

    @classmethod
    async def of(cls, clinic: TestClinic, marker: str) -> list[Sample]:
        self = cls()
        self.clinic, self.marker, self.keys = clinic, marker, new_keys(clinic)
        await name_house(clinic, marker)
        self.patient, self.service = await new_patient(clinic, marker), await new_service(clinic, marker)
        self.doctor = Id((await clinic.staff("doctor", last_name=marker)).staff_id)
        return [
            *await self._reading(),
            *await self._issuing(),
            *await self._paying(),
            *await self._keeping(),
            *await self._reversing(),
            *await self._desk(),
            *await self._programs(),
        ]

    async def _invoice(self, patient: Id | None = None) -> Id:
        line = NewLine(service_id=int(self.service), doctor_id=int(self.doctor))
        wish = NewInvoice(patient_id=int(patient or self.patient), lines=(line,), note=self.marker)
        async with self.clinic.ctx_as("director") as ctx:
            return Id((await issue_invoice(ctx, wish, f"contract {self.marker} {next(numbers)}")).invoice_id)

    async def _paid(self) -> Id:
        invoice = await self._invoice()
        async with self.clinic.ctx_as("director") as ctx:
            payment = NewPayment(invoice_id=int(invoice), cash=Decimal(100))
            await pay(ctx, payment, f"contract paid {next(numbers)}")
        return invoice

    async def _visit(self) -> Id:
        desk = await new_desk(self.clinic, self.marker)
        hours = {"date": DAY, "starts": dt.time(9), "ends": dt.time(10)}
        named = {"patient_id": int(self.patient), "chair_id": int(desk.chair), "doctor_id": int(desk.doctor)}
        async with self.clinic.ctx_as("director") as ctx:
            return Id((await book(ctx, NewAppointment(**named, **hours), f"contract-visit-{next(numbers)}")).id)

    async def _reading(self) -> list[Sample]:
        invoice = await self._invoice()
        at, patient = {"invoice_id": invoice}, {"patient_id": self.patient}
        return [
            Sample(method="GET", path=INVOICE, at=at),
            Sample(method="GET", path=INVOICE + "/print", at=at),
            Sample(method="GET", path=PATIENT, at=patient),
            Sample(method="GET", path=PATIENT, at=patient, query={"invoice": Bound(invoice)}),
            Sample(method="GET", path=PATIENT + "/debt", at=patient, shows=False),
        ]

    def _line(self, **more: Any) -> dict[str, Any]:
        return {"line": ["a1"], "service_id-a1": self.service, "quantity-a1": 1, **more}

    async def _issuing(self) -> list[Sample]:
        at = {"patient_id": self.patient}
        typed = {"note": self.marker, "idempotency_key": next(self.keys)}
        new = self._line(**{"doctor_id-a1": self.doctor, "appointment_id-a1": await self._visit(), **typed})
        choices = {"doctor": Filter(self.doctor)}
        return [
            Sample(method="GET", path=PATIENT + "/invoices/new", at=at),
            Sample(method="POST", path=PATIENT + "/invoices/new", at=at, form=new),
            Sample(method="GET", path="/billing/lines/new", query={"service": self.service, **choices}),
            Sample(
                method="POST",
                path="/billing/total",
                form={"line": ["a1"], "service_id-a1": Filter(self.service), "quantity-a1": 1},
                changes=False,
            ),
        ]

    async def _paying(self) -> list[Sample]:
        paid = {"cash": "50", "idempotency_key": next(self.keys)}
        return [
            Sample(method="GET", path=INVOICE + "/pay", at={"invoice_id": await self._invoice()}, shows=False),
            Sample(method="POST", path=INVOICE + "/pay", at={"invoice_id": await self._invoice()}, form=paid),
        ]

    async def _keeping(self) -> list[Sample]:
        patient, kept = {"patient_id": self.patient}, {"patient_id": await self._with_deposit()}
        deposit = PATIENT + "/deposit"
        paid = {"kind": "cash", "amount": "50", "idempotency_key": next(self.keys)}
        back = {"kind": "cash", "amount": "70", "idempotency_key": next(self.keys)}
        return [
            Sample(method="GET", path=deposit, at=patient, shows=False),
            Sample(method="GET", path=deposit + "/sum", at=patient, shows=False),
            Sample(method="GET", path=deposit + "/moves", at=kept),
            Sample(method="GET", path=deposit + "/top-up", at=patient),
            Sample(method="POST", path=deposit + "/top-up", at=patient, form=paid),
            Sample(method="GET", path=deposit + "/withdraw", at=kept),
            Sample(method="POST", path=deposit + "/withdraw", at=kept, form=back),
        ]

    async def _with_deposit(self) -> Id:
        patient = await new_patient(self.clinic, self.marker)
        await self._invoice(patient)
        async with self.clinic.ctx_as("director") as ctx:
            wish = Prepayment(patient_id=int(patient), kind="cash", amount=Decimal(70))
            await top_up(ctx, wish, f"contract kept {next(numbers)}")
        return patient

    async def _reversing(self) -> list[Sample]:
        reason, unpaid, paid = {"reason": self.marker}, await self._invoice(), await self._paid()
        back = {"quantity-1": 1, "way": "cash", "idempotency_key": next(self.keys), **reason}
        gone = {"idempotency_key": next(self.keys), **reason}
        return [
            Sample(method="GET", path=INVOICE + "/cancel", at={"invoice_id": unpaid}, shows=False),
            Sample(method="POST", path=INVOICE + "/cancel", at={"invoice_id": await self._invoice()}, form=gone),
            Sample(method="GET", path=INVOICE + "/refund", at={"invoice_id": paid}),
            Sample(method="POST", path=INVOICE + "/refund", at={"invoice_id": paid}, form=back),
        ]

    async def _desk(self) -> list[Sample]:
        await self._close_all()
        clerk = await self.clinic.staff("administrator", last_name=self.marker)
        desk, colleague = "/billing/desk", Id(clerk.staff_id)
        shift, word = desk + "/shifts/{shift_id:int}", {"reason": self.marker}
        first = await self._shift()
        moved, counted = {"amount": "5", **word}, {"counted": "0"}
        posts = {
            "put-in": moved,
            "take-out": moved,
            "hand-over": {"to_staff_id": colleague, **counted},
            "close": counted,
        }
        return [
            Sample(method="GET", path=desk, shows=False),
            Sample(method="POST", path=desk + "/open", form={"opening": "0", "idempotency_key": next(self.keys)}),
            Sample(method="GET", path=desk + "/shifts", shows=False),
            Sample(method="GET", path=shift, at={"shift_id": first}),
            *[Sample(method="GET", path=f"{shift}/{action}", at={"shift_id": first}, shows=False) for action in posts],
            *[
                Sample(
                    method="POST",
                    path=f"{shift}/{action}",
                    at={"shift_id": await self._shift(5 if action == "take-out" else 0)},
                    form={"idempotency_key": next(self.keys), **form},
                )
                for action, form in posts.items()
            ],
            Sample(method="GET", path=desk + "/day"),
        ]

    async def _shift(self, opening: int = 0) -> Id:
        """An open shift of a branch of its own."""
        branch = await new_branch(self.clinic, self.marker)
        async with self.clinic.ctx_as("director") as ctx:
            entity, now = ctx.branch.legal_entity_id, ctx.now()
        place = {"branch_id": int(branch), "legal_entity_id": entity, "business_date": now.date(), "opened_at": now}
        number = 1000 + next(numbers)
        return await inserted(self.clinic, CashShift, number=number, opening=Decimal(opening), **place)

    async def _close_all(self) -> None:
        """The sample that opens the desk needs it closed."""
        query = """update billing.cash_shift set closed_at = now(), expected = 0, counted = 0
            where closed_at is null and branch_id = :branch"""
        async with self.clinic.ctx_as("director") as ctx:
            await ctx.db.execute(text(query), {"branch": ctx.branch.id})

    def _pressed(self, path: str, json: dict[str, Any], **more: Any) -> Sample:
        return Sample(method="POST", path=API + path, json=json, headers={"Idempotency-Key": next(self.keys)}, **more)

    async def _programs(self) -> list[Sample]:
        """Lists that programs follow wait for transactions that are open elsewhere: they need not show the newest."""
        invoice, paid = {"invoice_id": await self._invoice()}, {"invoice_id": await self._paid()}
        patient, kept = {"patient_id": self.patient}, {"patient_id": await self._with_deposit()}
        new = {"patient_id": self.patient, "lines": [{"service_id": int(self.service)}], "note": self.marker}
        reason, words = {"reason": self.marker}, {"metadata": {"crm": self.marker}}
        refund = {"lines": [{"position": 1, "quantity": 1}], "way": "cash", **reason}
        doomed, noted = {"invoice_id": await self._invoice()}, {"invoice_id": await self._invoice()}
        return [
            Sample(method="GET", path=API + "/billing/invoices/changes", shows=False),
            Sample(method="GET", path=API + "/billing/payments/changes", shows=False),
            self._pressed("/billing/invoices", new),
            Sample(method="GET", path=API + INVOICE, at=invoice),
            Sample(method="GET", path=API + INVOICE + "/returnable", at=paid),
            self._pressed(INVOICE + "/pay", {"cash": "50.00"}, at=invoice),
            self._pressed(INVOICE + "/cancel", reason, at=doomed),
            self._pressed(INVOICE + "/refund", refund, at=paid),
            Sample(method="GET", path=API + INVOICE + "/metadata", at=noted, shows=False),
            Sample(method="POST", path=API + INVOICE + "/metadata", at=noted, json=words),
            Sample(method="GET", path=API + PATIENT + "/invoices", at=patient),
            Sample(method="GET", path=API + PATIENT + "/account", at=patient, shows=False),
            Sample(method="GET", path=API + PATIENT + "/deposit/moves", at=kept, shows=False),
            self._pressed(PATIENT + "/deposit/top-up", {"kind": "cash", "amount": "50.00"}, at=patient),
            self._pressed(PATIENT + "/deposit/withdraw", {"kind": "cash", "amount": "70.00"}, at=kept),
        ]
