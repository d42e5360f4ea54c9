"""Whose a number is, when one patient has it, when a family shares it, and when its owner is in the trash."""

from __future__ import annotations

from prikus.patients.models import Patient
from prikus.patients.services.phones import own_phone, patient_with_phone
from prikus.testing.clinics import TestClinic

PHONE = "+79123401289"


async def test_a_number_belongs_to_its_only_patient(clinic: TestClinic) -> None:
    mother = await clinic.patient(phone=PHONE)
    async with clinic.ctx_as("system") as ctx:
        assert await patient_with_phone(ctx, PHONE) == mother
        assert await own_phone(ctx, mother) == PHONE
        assert await patient_with_phone(ctx, "+79990000000") is None
        assert await patient_with_phone(ctx, None) is None
    child = await clinic.patient(phone=PHONE, first_name="Ольга")
    async with clinic.ctx_as("system") as ctx:
        assert await patient_with_phone(ctx, PHONE) is None
        assert (await own_phone(ctx, mother), await own_phone(ctx, child)) == (None, None)
        ctx.soft_delete(await ctx.load(Patient, child))
    async with clinic.ctx_as("system") as ctx:
        assert await patient_with_phone(ctx, PHONE) == mother
        assert await own_phone(ctx, child) is None
