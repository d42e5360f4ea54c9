from decimal import Decimal
from typing import ClassVar
from uuid import uuid4

from sqlalchemy import func, select, text

from prikus.testing.clinics import TestClinic
from prikus.testing.contract import PluginContract
from prikus.testing.contract.samples import Sample
from prikus_billing.schemas.money import NewInvoice, NewLine, NewPayment, Withdrawal
from prikus_billing.services.deposits import deposit_of, withdraw
from prikus_billing.services.invoices import issue_invoice
from prikus_billing.services.payments import pay
from prikus_catalog.models import Service
from tests.contract import samples
from tests.contract.billing_samples import BillingSamples, closed_shift, money


class TestBilling(PluginContract):
    plugin = "billing"
    table = samples.RIGHTS
    lists = (
        "/billing/patients/{patient_id}",
        "/billing/patients/{patient_id}/debt",
        "/billing/patients/{patient_id}/deposit/moves",
        "/billing/desk",
        "/billing/desk/shifts",
        "/billing/desk/day",
        "/api/v1/billing/invoices/changes",
        "/api/v1/billing/payments/changes",
        "/api/v1/billing/patients/{patient_id}/invoices",
    )
    kept: ClassVar = (
        "billing.cash_movement.reason",  # why the drawer changed
        "billing.invoice_line.service_code",  # what was done for the money, not about whom
        "billing.invoice_line.service_name",
        "billing.ledger_transaction.key",  # the page's random one; the samples' own begins with the marker
    )

    async def settle(self, clinic: TestClinic) -> None:
        """Everybody pays what is left and gets the deposit back; the visits that invoices were begun from are over."""
        due = text("select id, total - paid from billing.invoice where total > paid and status <> 'cancelled'")
        async with clinic.ctx_as("director") as ctx:
            await ctx.db.execute(text("update calendar.appointment set occupies = false"))
            for invoice, amount in (await ctx.db.execute(due)).all():
                await pay(ctx, NewPayment(invoice_id=invoice, cash=amount), str(uuid4()))
            for patient in (await ctx.db.scalars(text("select id from core.patient order by id"))).all():
                if kept := await deposit_of(ctx, patient):
                    await withdraw(ctx, Withdrawal(patient_id=patient, kind="cash", amount=kept), str(uuid4()))

    async def samples(self, clinic: TestClinic, marker: str) -> list[Sample]:
        made = await BillingSamples.of(clinic, marker)
        self.asked = {name: int(value) for sample in made for name, value in sample.at.items()}
        return made

    async def add_row(self, clinic: TestClinic, number: int) -> None:
        """An invoice, a payment, a prepayment and moves of the drawer more, of the patient whose lists are asked."""
        patient = self.asked["patient_id"]
        async with clinic.ctx_as("director") as ctx:
            service = await ctx.db.scalar(select(func.min(Service.id)))
            assert service is not None
            wish = NewInvoice(patient_id=patient, lines=(NewLine(service_id=service),))
            issued = await issue_invoice(ctx, wish, f"row {number} {uuid4()}")
            await pay(ctx, NewPayment(invoice_id=issued.invoice_id, cash=Decimal(1)), str(uuid4()))
            await money(ctx, patient)
            await closed_shift(ctx)
