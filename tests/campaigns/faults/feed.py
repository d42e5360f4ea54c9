"""Facts whose every hearing leaves a line in the feed, so that a lost one and a doubled one can be seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import text

from prikus.patients.events import PatientCreated
from prikus.testing.clinics import TestClinic
from prikus.toolkit import Patient
from tests.plugins.billing.conftest import make_patient

NOBODY = 2**40
"""No patient has this id: a fact about them cannot be written into the feed."""


async def a_patient(clinic: TestClinic) -> int:
    async with clinic.ctx_as("system") as ctx:
        return await make_patient(ctx)


async def tell(clinic: TestClinic, patient_id: int, numbers: Iterable[int], about: int | None = None) -> None:
    """One transaction with a fact for each number."""
    async with clinic.ctx_as("system") as ctx:
        patient = await ctx.load(Patient, patient_id)
        for number in numbers:
            await ctx.emit(PatientCreated(patient_id=about or patient_id, card_number=number), patient)


async def heard(clinic: TestClinic) -> Counter[int]:
    """How often each number stands in the feed."""
    query = text("select (payload->>'card_number')::int from core.patient_event where kind = 'patient.created'")
    async with clinic.ctx_as("system") as ctx:
        return Counter(await ctx.db.scalars(query))


async def heads(clinic: TestClinic) -> Counter[str]:
    """How many pieces of the clinic's work are in each state."""
    query = text("select state from core.work where clinic_id = :id")
    async with clinic.house.runtime.relay.connect() as db:
        return Counter(await db.scalars(query, {"id": clinic.id}))


async def hurry(clinic: TestClinic) -> None:
    """What was put off is due now."""
    query = text("update core.work set due = now() where clinic_id = :id and state = 'due'")
    async with clinic.house.runtime.relay.begin() as db:
        await db.execute(query, {"id": clinic.id})
