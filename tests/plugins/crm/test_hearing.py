"""What sources hand over: once, whole, with the patient and the eyes of those who wait for it."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from prikus.patients.schemas import NewPatient
from prikus.patients.services.erasing import erase_patient
from prikus.patients.services.keeping import add_patient
from prikus.testing.clinics import TestClinic
from prikus_crm.models import CrmRequest
from prikus_crm.public import Lead, LeadSource, hear_lead

SITE = LeadSource("site", "Сайт")
PHONE = "+79123401289"


async def heard(clinic: TestClinic, source: LeadSource = SITE, **values: Any) -> int:
    async with clinic.ctx_as("plugin:crm", patiently=True) as ctx:
        return await hear_lead(ctx, source, Lead(**values))


async def row(clinic: TestClinic, id: int) -> CrmRequest:
    async with clinic.ctx_as("director") as ctx:
        return await ctx.load(CrmRequest, id)


async def patient(clinic: TestClinic, last_name: str = "Белова") -> int:
    async with clinic.ctx_as("director") as ctx:
        form = NewPatient(last_name=last_name, first_name="Анна", phone=PHONE, despite_duplicate=True)
        return (await add_patient(ctx, form)).id


async def test_a_lead_said_ten_times_at_once_is_one_request(clinic: TestClinic) -> None:
    ids = await asyncio.gather(*(heard(clinic, external_id="7", name="Анна", phone=PHONE) for _ in range(10)))
    assert len(set(ids)) == 1
    other = await heard(clinic, LeadSource("chat", "Чат"), external_id="7", name="Анна")
    assert other not in ids
    async with clinic.ctx_as("director") as ctx:
        assert len(list(await ctx.db.scalars(select(CrmRequest.id)))) == 2


async def test_a_patient_is_found_by_the_phone_before_and_after(clinic: TestClinic) -> None:
    early = await heard(clinic, external_id="1", phone="8 (912) 340-12-89")
    assert (await row(clinic, early)).patient_id is None
    known = await patient(clinic)
    await clinic.drain()
    assert (await row(clinic, early)).patient_id == known
    assert (await row(clinic, await heard(clinic, external_id="2", phone=PHONE))).patient_id == known


async def test_a_shared_phone_is_nobodys(clinic: TestClinic) -> None:
    await patient(clinic)
    await patient(clinic, "Белов")
    await clinic.drain()
    assert (await row(clinic, await heard(clinic, external_id="1", phone=PHONE))).patient_id is None


@pytest.mark.parametrize(
    ("given", "phone", "words"),
    [
        ({"phone": "позвоните маме", "text": "Больно"}, None, "Телефон: позвоните маме\nБольно"),
        ({"text": "a\0b \ud800"}, None, "ab ?"),
        ({"text": "слово " * 20_000}, None, ("слово " * 20_000).strip()),
    ],
)
async def test_nothing_of_a_strange_lead_is_lost(
    clinic: TestClinic, given: dict[str, str], phone: str | None, words: str
) -> None:
    kept = await row(clinic, await heard(clinic, external_id="1", **given))
    assert (kept.phone, kept.words) == (phone, words)


async def test_what_was_written_before_there_was_a_card_is_erased_with_it(clinic: TestClinic) -> None:
    early = await heard(clinic, external_id="1", phone=PHONE, name="Анна", text="Больно", page="/x", utm={"a": "b"})
    async with clinic.ctx_as("director") as ctx:
        (await ctx.load(CrmRequest, early)).status = "refused"
    known = await patient(clinic)
    await clinic.drain()
    other = await heard(clinic, external_id="2", phone="+79990000000", name="Борис")
    async with clinic.ctx_as("director") as ctx:
        await erase_patient(ctx, known, "просит сам")
    gone = await row(clinic, early)
    assert (gone.name, gone.phone, gone.words, gone.page, gone.utm) == (None,) * 5
    assert (await row(clinic, other)).name == "Борис"
