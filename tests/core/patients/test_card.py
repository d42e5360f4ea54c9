"""The card: opening, sections, changing, deleting (PAT-04, PAT-07…PAT-09, GEN-04)."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select, text, update

from prikus.access.models import AuditRecord
from prikus.patients.models import Patient
from prikus.patients.schemas import Address
from prikus.patients.services.card import read_card
from prikus.patients.services.filling import values_of_card
from prikus.patients.services.search import find_patients, list_patients
from prikus.testing.clinics import Client, TestClinic

from .conftest import Add

OPENED = select(AuditRecord.object_id, AuditRecord.created_by_id).where(AuditRecord.action == "patient.opened")
HIDDEN = {"snils": "11223344595", "inn": "500100732259", "oms_policy_number": "6600-77", "passport_number": "123456"}


async def form_of(clinic: TestClinic, patient_id: int, **changes: Any) -> dict[str, Any]:
    """What a browser sends when the edit panel was opened now and these fields were changed."""
    async with clinic.ctx_as() as ctx:
        card = await read_card(ctx, patient_id)
    values = {**values_of_card(card), "row_version": card.row_version, **changes}
    shown = {name: "1" if value is True else value for name, value in values.items()}
    return {name: str(value) for name, value in shown.items() if value not in (None, False)}


@pytest.mark.spec("PAT-07", bites="prikus.patients.pages:card:return page")
async def test_the_list_leads_to_the_card_and_the_card_to_its_sections(
    client_as: Callable[..., Awaitable[Client]], add: Add
) -> None:
    anna = await add("Морозова Анна Викторовна")
    client = await client_as("administrator")
    row = (await client.get("/patients/")).text
    (link,) = re.findall(rf'<a class="ui-cell" href="/patients/{anna.id}">(.*?)</a>', row, re.S)
    assert "ui-avatar" in link
    assert "Морозова Анна Викторовна" in link
    card = (await client.get(f"/patients/{anna.id}")).text
    (tabs,) = re.findall(r'aria-label="Разделы карточки">(.*?)</nav>', card, re.S)
    assert re.findall(r'href="(.*?)"\s+(?:aria-current="page")?.*?>(.*?)</a>', tabs) == [
        (f"/patients/{anna.id}", "Основная информация"),
        (f"/patients/{anna.id}?tab=imaging", "Снимки"),
        (f"/patients/{anna.id}?tab=billing", "Платежи"),
    ]
    assert "События пациента" in card
    section = (await client.htmx.get(f"/patients/{anna.id}?tab=billing")).text
    assert f'hx-get="/billing/patients/{anna.id}"' in section
    assert "События пациента" not in section
    assert (await client.htmx.get(f"/billing/patients/{anna.id}")).status_code == 200


async def test_a_section_that_is_not_there_is_not_found(client_as: Callable[..., Awaitable[Client]], add: Add) -> None:
    anna = await add()
    client = await client_as("administrator")
    assert (await client.get(f"/patients/{anna.id}?tab=nothing")).status_code == 404


async def test_sections_of_modules_that_are_off_are_not_there(
    make_clinic: Callable[..., Awaitable[TestClinic]], add: Add
) -> None:
    """Billing is part of «Практика» only."""
    seen = {}
    for plan in ("practice", "start"):
        clinic = await make_clinic(plan=plan)
        anna = await add(where=clinic)
        client = await clinic.client_as("administrator")
        section = await client.get(f"/patients/{anna.id}?tab=billing")
        seen[plan] = ("Платежи" in (await client.get(f"/patients/{anna.id}")).text, section.status_code)
    assert seen == {"practice": (True, 200), "start": (False, 404)}


async def test_opening_a_card_is_written_down(
    clinic: TestClinic, client_as: Callable[..., Awaitable[Client]], add: Add
) -> None:
    anna = await add()
    doctor = await clinic.person("doctor")
    await (await client_as("doctor")).get(f"/patients/{anna.id}")
    async with clinic.ctx_as() as ctx:
        assert [tuple(row) for row in await ctx.db.execute(OPENED)] == [(anna.id, doctor.staff_id)]


PATHS = ("", "/edit", "/head", "/profile", "/feed", "?tab=billing")


@pytest.mark.parametrize("path", PATHS)
async def test_the_card_of_another_clinic_is_not_there(
    make_clinic: Callable[[], Awaitable[TestClinic]], client_as: Callable[..., Awaitable[Client]], add: Add, path: str
) -> None:
    other = await make_clinic()
    anna = await add(where=other)
    assert (await (await other.client_as()).get(f"/patients/{anna.id}{path}")).status_code == 200
    client = await client_as()
    foreign = await client.get(f"/patients/{anna.id}{path}")
    missing = await client.get(f"/patients/{2**62}{path}")
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert "Морозова" not in foreign.text


async def test_changes_to_another_clinics_card_are_refused(
    make_clinic: Callable[[], Awaitable[TestClinic]], client_as: Callable[..., Awaitable[Client]], add: Add
) -> None:
    other = await make_clinic()
    anna = await add(where=other)
    form = await form_of(other, anna.id, first_name="Чужая")
    client = (await client_as()).htmx
    assert (await client.post(f"/patients/{anna.id}/edit", data=form)).status_code == 404
    assert (await client.post(f"/patients/{anna.id}/delete")).status_code == 404
    async with other.ctx_as() as ctx:
        assert (await read_card(ctx, anna.id)).first_name == "Анна"


@pytest.mark.parametrize("number", ["0", "-1", "99999999999999999999", "abc"])
async def test_addresses_that_cannot_be(client_as: Callable[..., Awaitable[Client]], number: str) -> None:
    assert (await (await client_as()).get(f"/patients/{number}")).status_code == 404


async def test_the_card_costs_four_statements(
    clinic: TestClinic, add: Add, client_as: Callable[..., Awaitable[Client]], count_statements: Callable[[], Any]
) -> None:
    anna = await add(registration_city="Екатеринбург", residence_city="Берёзовский", passport_number="123456")
    client = await client_as("administrator")
    await client.get("/patients/")
    with count_statements() as statements:
        await client.get(f"/patients/{anna.id}")
    entering = [statement for statement in statements if "core.enter(" in statement]
    assert len(statements) - len(entering) <= 4, statements


@pytest.mark.spec(
    "PAT-08",
    part="fields of the profile",
    bites="prikus.patients.services.keeping:edit_patient:setattr(patient, name, value)",
)
@pytest.mark.spec(
    "PAT-09",
    part="without the insurer",
    bites="prikus.patients.services.keeping:_save_address:await ctx.db.execute(row.on_conf",
)
async def test_the_card_can_be_changed(
    clinic: TestClinic, client_as: Callable[..., Awaitable[Client]], add: Add
) -> None:
    anna = await add(registration_city="Пермь", residence_city="Омск")
    client = (await client_as("administrator")).htmx
    changes = {"last_name": "Котова", "phone": "8 900 000-00-01", "email": "a@example.com", "is_active": False}
    changes |= {
        "birth_date": "1992-03-12",
        "snils": "11223344595",
        "passport_series": "6504",
        "home_phone": "83432154016",
    }
    changes |= {"registration_city": "Екатеринбург", "same_address": True, "comment": "Новая"}
    answer = await client.post(f"/patients/{anna.id}/edit", data=await form_of(clinic, anna.id, **changes))
    assert answer.status_code == 204
    async with clinic.ctx_as() as ctx:
        card = await read_card(ctx, anna.id)
        assert [match.id for match in await find_patients(ctx, "котова")] == [anna.id]
        assert [match.id for match in await find_patients(ctx, "89000000001")] == [anna.id]
        assert await find_patients(ctx, "морозова") == []
    assert (card.name, card.phone, card.is_active) == ("Котова Анна Викторовна", "+79000000001", False)
    assert (card.registration, card.residence) == (Address(city="Екатеринбург"), None)
    assert card.document is not None
    assert (card.document.series, card.comment) == ("6504", "Новая")


async def test_a_stale_form_shows_both_versions_and_counts_when_saved_again(
    clinic: TestClinic, client_as: Callable[..., Awaitable[Client]], add: Add
) -> None:
    anna = await add()
    client = (await client_as("administrator")).htmx
    first, second = (
        await form_of(clinic, anna.id, registration_city="Омск"),
        await form_of(clinic, anna.id, comment="Поздно"),
    )
    assert (await client.post(f"/patients/{anna.id}/edit", data=first)).status_code == 204
    refused = await client.post(f"/patients/{anna.id}/edit", data=second)
    assert refused.status_code == 409
    said = refused.json()
    assert "коллега сохранил другое" in said["sentence"]
    assert said["fields"] == {"registration_city": "Сейчас: «Омск».", "comment": "Сейчас здесь пусто."}
    async with clinic.ctx_as() as ctx:
        assert (await read_card(ctx, anna.id)).comment is None
    again = {**second, "row_version": said["row_version"]}
    assert (await client.post(f"/patients/{anna.id}/edit", data=again)).status_code == 204
    async with clinic.ctx_as() as ctx:
        assert (await read_card(ctx, anna.id)).comment == "Поздно"


async def test_a_change_in_sql_makes_a_form_stale_too(
    clinic: TestClinic, client_as: Callable[..., Awaitable[Client]], add: Add
) -> None:
    anna = await add()
    form = await form_of(clinic, anna.id, comment="Поздно")
    async with clinic.ctx_as("system") as ctx:
        await ctx.db.execute(update(Patient).where(Patient.id == anna.id).values(comment="Раньше"))
    refused = await (await client_as("administrator")).htmx.post(f"/patients/{anna.id}/edit", data=form)
    assert (refused.status_code, refused.json()["fields"]) == (409, {"comment": "Сейчас: «Раньше»."})


async def test_a_form_without_changes_changes_nothing(
    clinic: TestClinic, client_as: Callable[..., Awaitable[Client]], add: Add
) -> None:
    anna = await add(passport_number="1", registration_city="Омск", comment="Так")
    client = (await client_as("administrator")).htmx
    assert (await client.post(f"/patients/{anna.id}/edit", data=await form_of(clinic, anna.id))).status_code == 204
    async with clinic.ctx_as() as ctx:
        assert (await read_card(ctx, anna.id)).row_version == 1
        assert await ctx.db.scalar(text("select count(*) from core.outbox_event where name = 'patient.updated'")) == 0


@pytest.mark.spec(
    "PAT-04", part="own right to see", bites="prikus.patients.services.card:read_card:own |= dict.fromkeys"
)
async def test_documents_are_seen_and_kept_by_right(
    clinic: TestClinic, client_as: Callable[..., Awaitable[Client]], add: Add
) -> None:
    anna = await add(**HIDDEN)
    doctor = await client_as("doctor")
    seen = (await doctor.get(f"/patients/{anna.id}")).text + (await doctor.get(f"/patients/{anna.id}/edit")).text
    assert not [value for value in (*HIDDEN.values(), "112-233-445 95") if value in seen]
    async with clinic.ctx_as("doctor") as ctx:
        version = (await read_card(ctx, anna.id)).row_version
    fields = {"last_name": "Морозова", "first_name": "Анна", "phone": "89123401289", "row_version": version}
    assert (await doctor.htmx.post(f"/patients/{anna.id}/edit", data=fields)).status_code == 204
    async with clinic.ctx_as("administrator") as ctx:
        card = await read_card(ctx, anna.id)
    assert card.document is not None
    kept = (card.snils, card.inn, card.oms_policy_number, card.document.number)
    assert (kept, card.patronymic) == (tuple(HIDDEN.values()), None)
    page = (await (await client_as("administrator")).get(f"/patients/{anna.id}")).text
    assert "112-233-445 95" in page
    assert "500100732259" in page


@pytest.mark.spec(
    "PAT-04", part="audit of changes", bites="prikus.patients.services.keeping:_audit_hidden:await ctx.audit("
)
async def test_changes_of_documents_are_written_down(
    clinic: TestClinic, client_as: Callable[..., Awaitable[Client]], add: Add
) -> None:
    anna = await add(**HIDDEN)
    client = (await client_as("administrator")).htmx
    form = await form_of(clinic, anna.id, snils="08765430300", passport_number="654321", comment="Не секрет")
    assert (await client.post(f"/patients/{anna.id}/edit", data=form)).status_code == 204
    query = select(AuditRecord.object_id, AuditRecord.before, AuditRecord.after)
    async with clinic.ctx_as() as ctx:
        record = (await ctx.db.execute(query.where(AuditRecord.action == "patient.sensitive_changed"))).one()
    assert (record.object_id, set(record.before), set(record.after)) == (
        anna.id,
        {"snils", "document"},
        {"snils", "document"},
    )
    assert (record.before["snils"], record.after["snils"]) == ("11223344595", "08765430300")
    assert (record.before["document"]["number"], record.after["document"]["number"]) == ("123456", "654321")


async def test_a_deleted_card_waits_in_the_trash_and_comes_back(
    clinic: TestClinic, client_as: Callable[..., Awaitable[Client]], add: Add, drain: Callable[[], Awaitable[int]]
) -> None:
    anna = await add()
    client = await client_as("administrator")
    assert (await (await client_as("doctor")).htmx.post(f"/patients/{anna.id}/delete")).status_code == 403
    assert (await client.htmx.post(f"/patients/{anna.id}/delete")).status_code == 204
    assert (await client.get(f"/patients/{anna.id}")).status_code == 404
    async with clinic.ctx_as() as ctx:
        assert (await list_patients(ctx)).rows == []
    assert "Морозова Анна" in (await client.get("/trash/patients")).text
    assert (await client.htmx.post(f"/trash/patients/{anna.id}/restore")).status_code < 400
    await drain()
    feed = (await client.get(f"/patients/{anna.id}/feed")).text
    assert re.findall(r"Карточка (\w+)", feed) == ["восстановлена", "удалена", "создана"]
