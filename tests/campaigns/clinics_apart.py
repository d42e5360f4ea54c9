"""Clinics with everything in them, for campaigns about isolation."""

from __future__ import annotations

from sqlalchemy import select, text

from prikus.connections.models import ClinicKey, Connection, ConnectionSecret, SendRecord, WebhookDelivery
from prikus.patients.models import PatientErasure
from prikus.patients.services.merging import merge_patients
from prikus.testing.clinics import TestClinic
from prikus.testing.contract.isolation import IsolationContract
from prikus.testing.contract.samples import Sample
from prikus_imaging.models import AnalysisQueue
from prikus_integrations_beeline.models import Abonent, Subscription
from prikus_messaging.models import MessageChannel, OutboundMessage
from prikus_telephony.models import CallLeg, PhoneCall
from tests.contract import (
    test_billing,
    test_calendar,
    test_catalog,
    test_core,
    test_crm,
    test_fiscal,
    test_imaging,
    test_messaging,
    test_online_booking,
    test_telephony,
)
from tests.contract.samples import inserted, new_patient

CONTRACTS: tuple[IsolationContract, ...] = (
    test_catalog.TestCatalog(),
    test_calendar.TestCalendar(),
    test_billing.TestBilling(),
    test_telephony.TestTelephony(),
    test_messaging.TestMessaging(),
    test_imaging.TestImaging(),
    test_online_booking.TestOnlineBooking(),
    test_crm.TestCrm(),
    test_fiscal.TestFiscal(),
    test_core.TestCore(),
)


async def all_samples(clinic: TestClinic, marker: str) -> list[Sample]:
    """Samples of the core and of every plugin; those that end the session come last."""
    return [sample for contract in CONTRACTS for sample in await contract.samples(clinic, marker)]


async def lived_in(clinic: TestClinic, marker: str) -> None:
    """Do everything in it once, so that every table of a clinic has rows."""
    director = (await clinic.client_as("director")).htmx
    for sample in await all_samples(clinic, marker):
        answer = await sample.sent(director)
        assert answer.status_code < 400, f"{sample}: {answer.status_code}"
    gone, kept = await new_patient(clinic, marker), await new_patient(clinic, marker)
    async with clinic.ctx_as("director") as ctx:
        await merge_patients(ctx, int(gone), int(kept))
    await inserted(clinic, PatientErasure, patient_id=int(kept), reason=marker, rows={})
    await _connected(clinic, marker)
    async with clinic.ctx_as("director") as ctx:
        call = await ctx.db.scalar(select(PhoneCall.id).limit(1))
        connection = await ctx.db.scalar(select(OutboundMessage.connection_id).limit(1))
    await inserted(clinic, CallLeg, call_id=call, leg_id=marker, started_at=text("now()"))
    await inserted(clinic, MessageChannel, connection_id=connection)
    await inserted(clinic, AnalysisQueue, connection_id=connection)
    await clinic.drain()


async def _connected(clinic: TestClinic, marker: str) -> None:
    """What a connection of some plugin leaves behind."""
    made = await inserted(clinic, Connection, plugin_id="nobody", kind="nothing", title=marker)
    at = {"connection_id": int(made)}
    await inserted(clinic, ClinicKey, master=marker, wrapped=b"x")
    await inserted(clinic, ConnectionSecret, **at, field="token", sealed=b"x")
    asked = {"method": "POST", "path": "/", "query": "", "headers": {}, "body": b"x"}
    await inserted(clinic, WebhookDelivery, **at, external_id=marker, **asked)
    sent = {"method": "GET", "host": "post.example", "path": "/", "milliseconds": 1, "sent": 0, "received": 0}
    await inserted(clinic, SendRecord, **at, **sent)
    await inserted(clinic, Abonent, **at, user_id=marker)
    await inserted(clinic, Subscription, **at, state="asked", asked_at=text("now()"))
