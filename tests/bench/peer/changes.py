"""What is changed, each in one transaction."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST

from tests.bench.peer.models import (
    Appointment,
    AppointmentChange,
    Counter,
    Invoice,
    InvoiceLine,
    LedgerEntry,
    LedgerTransaction,
    OutboxEvent,
    Patient,
    Payment,
    Service,
    Work,
)
from tests.bench.peer.settings import HERE
from tests.bench.setting import FIRST_DAY, SLOTS

LONGEST, LINES = dt.timedelta(hours=16), 5
AFTER_THE_BARE = dt.timedelta(days=365 * 20)
PLACE = {"clinic_id": HERE.clinic, "legal_entity_id": HERE.entity}
numbers = itertools.count()


@require_POST
@permission_required("peer.add_appointment", raise_exception=True)
@transaction.atomic
def create(request: HttpRequest) -> HttpResponse:
    n = next(numbers)
    starts = dt.datetime.combine(FIRST_DAY + AFTER_THE_BARE, dt.time(9), dt.UTC)
    starts += dt.timedelta(days=n // SLOTS, minutes=15 * (n % SLOTS))
    ends = starts + dt.timedelta(minutes=15)
    patient = _patient(n)
    at_once = Q(chair_id=HERE.chair) | Q(doctor_id=HERE.doctor) | Q(patient=patient)
    near = Appointment.objects.filter(clinic_id=HERE.clinic, occupies=True, starts_at__gt=starts - LONGEST)
    if near.filter(at_once, starts_at__lt=ends, ends_at__gt=starts).exists():
        return JsonResponse({"error": "taken"}, status=409)
    booked = Appointment.objects.create(
        clinic_id=HERE.clinic,
        patient=patient,
        doctor_id=HERE.doctor,
        chair_id=HERE.chair,
        branch_id=HERE.branch,
        status_id=HERE.status,
        occupies=True,
        starts_at=starts,
        ends_at=ends,
        business_date=starts.date(),
    )
    after = {"chair_id": HERE.chair}
    AppointmentChange.objects.create(clinic_id=HERE.clinic, appointment=booked, what="created", after=after)
    _tell("appointment.created", "calendar.appointment", booked.id)
    return JsonResponse({"id": booked.id})


@require_POST
@permission_required("peer.add_invoice", raise_exception=True)
@transaction.atomic
def issue(request: HttpRequest) -> HttpResponse:
    service = get_object_or_404(Service, clinic_id=HERE.clinic, id=HERE.service)
    series = Counter.objects.filter(**PLACE, series="invoice")
    series.update(value=F("value") + 1)
    now = timezone.now()
    invoice = Invoice.objects.create(
        **PLACE,
        patient_id=_patient(next(numbers)).id,
        branch_id=HERE.branch,
        number=series.get().value,
        issued_at=now,
        business_date=now.date(),
        status="issued",
        total=LINES * service.price,
    )
    InvoiceLine.objects.bulk_create(
        InvoiceLine(
            clinic_id=HERE.clinic,
            invoice=invoice,
            position=n,
            service=service,
            service_name=service.name,
            quantity=1,
            price=service.price,
            net_amount=service.price,
        )
        for n in range(1, LINES + 1)
    )
    _enter(_ledger("invoice", now), invoice, ("receivable", "revenue"), invoice.total)
    _tell("invoice.issued", "billing.invoice", invoice.id)
    return JsonResponse({"id": invoice.id})


@require_POST
@permission_required("peer.add_payment", raise_exception=True)
@transaction.atomic
def pay(request: HttpRequest) -> HttpResponse:
    found = Invoice.objects.select_for_update().filter(clinic_id=HERE.clinic)
    invoice = get_object_or_404(found, id=HERE.invoices[next(numbers) % len(HERE.invoices)])
    invoice.paid += 1
    invoice.status = "partly_paid"
    invoice.save(update_fields=["paid", "status"])
    now = timezone.now()
    made = _ledger("payment", now)
    paid = Payment.objects.create(
        **PLACE,
        transaction=made,
        patient_id=invoice.patient_id,
        branch_id=HERE.branch,
        method_id=HERE.methods[0],
        amount=1,
        paid_at=now,
        business_date=now.date(),
    )
    _enter(made, invoice, ("cash", "receivable"), Decimal(1), payment=paid)
    _tell("payment.received", "billing.invoice", invoice.id)
    return JsonResponse({"id": paid.id})


def _patient(n: int) -> Patient:
    return get_object_or_404(Patient, clinic_id=HERE.clinic, id=HERE.patients[n % len(HERE.patients)])


def _ledger(kind: str, now: dt.datetime) -> LedgerTransaction:
    return LedgerTransaction.objects.create(
        **PLACE, kind=kind, key=str(uuid4()), branch_id=HERE.branch, happened_at=now, business_date=now.date()
    )


def _enter(made: LedgerTransaction, invoice: Invoice, accounts: tuple[str, str], sum: Decimal, **more: Any) -> None:
    """The amount on the first account, taken from the second."""
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            **PLACE,
            transaction=made,
            account=account,
            patient_id=invoice.patient_id,
            invoice=invoice,
            amount=amount,
            business_date=made.business_date,
            **more,
        )
        for account, amount in zip(accounts, (sum, -sum), strict=True)
    )


def _tell(name: str, table: str, id: int) -> None:
    payload = {"patient_id": 1, "number": "1", "total": "100.00", "currency": "RUB"}
    fact = OutboxEvent.objects.create(
        clinic_id=HERE.clinic, name=name, version=1, payload=payload, aggregate=f"{table}:{id}", aggregate_seq=1
    )
    Work.objects.bulk_create(Work(clinic_id=HERE.clinic, kind=kind, ref=fact.id) for kind in HERE.kinds[name])
