from decimal import Decimal
from typing import ClassVar
from uuid import uuid4

from sqlalchemy import func, select, text

from prikus.testing.clinics import TestClinic
from prikus.testing.contract import PluginContract
from prikus.testing.contract.samples import Sample
from prikus.toolkit import Patient
from prikus_billing.schemas import NewInvoice, NewLine, NewPayment
from prikus_billing.services.invoices import issue_invoice
from prikus_billing.services.payments import pay
from prikus_catalog.models import Service
from prikus_catalog.schemas import CategoryForm, ServiceForm
from prikus_catalog.services import add_category, add_service
from tests.contract import samples
from tests.contract.billing_samples import BillingSamples


class TestBilling(PluginContract):
    plugin = "billing"
    table = samples.RIGHTS
    lists = ("/billing/patients/{patient_id}", "/billing/patients/{patient_id}/debt")
    query: ClassVar = {"/billing/lines/new": "?service={service_id}"}
    kept: ClassVar = (
        "billing.invoice_line.service_code",  # what was done for the money, not about whom
        "billing.invoice_line.service_name",
        "billing.ledger_transaction.key",  # the page's random one; the samples' own begins with the marker
    )

    async def settle(self, clinic: TestClinic) -> None:
        """Everybody pays what is left; the visits that invoices were begun from are over."""
        due = text("select id, total - paid from billing.invoice where total > paid order by id")
        async with clinic.ctx_as("director") as ctx:
            await ctx.db.execute(text("update calendar.appointment set occupies = false"))
            for invoice, amount in (await ctx.db.execute(due)).all():
                await pay(ctx, NewPayment(invoice_id=invoice, cash=amount), str(uuid4()))

    async def samples(self, clinic: TestClinic, marker: str) -> list[Sample]:
        return await BillingSamples.of(clinic, marker)

    async def ids(self, clinic: TestClinic, name: str) -> dict[str, object]:
        async with clinic.ctx_as("director") as ctx:
            patient = await samples.patient(ctx, name)
            category = await add_category(ctx, CategoryForm(name=name))
            form = ServiceForm(category_id=category, name=name, code="X1", price=Decimal("100.00"), is_active=True)
            service = await add_service(ctx, form)
            line = NewLine(service_id=service)
            issued = await issue_invoice(ctx, NewInvoice(patient_id=patient, lines=(line,)), str(uuid4()))
        return {"patient_id": patient, "invoice_id": issued.invoice_id, "service_id": service}

    async def add_row(self, clinic: TestClinic, number: int) -> None:
        async with clinic.ctx_as("director") as ctx:
            patient = await ctx.db.scalar(select(func.min(Patient.id)))
            service = await ctx.db.scalar(select(func.min(Service.id)))
            assert patient is not None
            assert service is not None
            wish = NewInvoice(patient_id=patient, lines=(NewLine(service_id=service),))
            await issue_invoice(ctx, wish, f"row {number} {uuid4()}")
