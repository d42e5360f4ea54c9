"""Adding a patient by the panel (PAT-02…PAT-06)."""

import datetime as dt
import re
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select, text

from prikus.access.context import Context
from prikus.patients.models import Patient
from prikus.patients.schemas import Address, Card, Document
from prikus.patients.services.card import read_card
from prikus.patients.services.search import list_patients
from prikus.references.models import Gender, MarketingChannel, PatientGroup
from prikus.testing.clinics import Client, TestClinic

from .conftest import ANNA, Add

Send = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
async def send(client_as: Callable[..., Awaitable[Client]]) -> Send:
    """Sends the panel as an administrator's browser does."""
    client = (await client_as("administrator")).htmx

    async def post(**fields: Any) -> httpx.Response:
        data = {"idempotency_key": str(uuid.uuid4()), **ANNA, **fields}
        return await client.post(
            "/patients/new", data={name: value for name, value in data.items() if value is not None}
        )

    return post


async def only_card(ctx: Context) -> Card:
    (match,) = (await list_patients(ctx)).rows
    return await read_card(ctx, match.id)


@pytest.mark.spec("PAT-02", part="three blocks", bites="prikus.patients.pages:new:return page")
async def test_the_panel_has_three_blocks(client_as: Callable[..., Awaitable[Client]]) -> None:
    client = await client_as("administrator")
    assert 'hx-get="/patients/new" hx-target="#panel"' in (await client.get("/patients/")).text
    panel = (await client.htmx.get("/patients/new")).text
    blocks = re.findall(r"<legend>(.*?)</legend>", panel)
    assert blocks == ["Основная информация", "Дополнительная информация", "Информация о проживании"]
    assert "<html" not in panel


@pytest.mark.spec("PAT-02", part="number and creator", bites="prikus.patients.services.keeping:_add:patient = Patient(")
async def test_cards_are_numbered_and_remember_who_opened_them(
    clinic: TestClinic, make_clinic: Callable[[], Awaitable[TestClinic]], add: Add, send: Send
) -> None:
    await add("Первая Анна", where=await make_clinic())
    assert [(await add("Первая Анна", phone="+79120000001")).card_number, (await send()).status_code] == [1, 204]
    author = await clinic.person("administrator")
    async with clinic.ctx_as() as ctx:
        query = select(Patient.card_number, Patient.created_by_kind, Patient.created_by_id).order_by(Patient.id)
        assert [tuple(row) for row in await ctx.db.execute(query)] == [
            (1, "staff", author.staff_id),
            (2, "staff", author.staff_id),
        ]


@pytest.mark.spec(
    "PAT-02", part="duplicates", bites="prikus.patients.services.keeping:_add:raise PossibleDuplicate(found)"
)
async def test_a_duplicate_is_a_warning_that_can_be_overruled(clinic: TestClinic, add: Add, send: Send) -> None:
    known = await add("Морозова Анна Викторовна", phone="89123401289")
    key = str(uuid.uuid4())
    warned = await send(last_name="морозова", idempotency_key=key)
    assert warned.status_code == 409
    assert f'href="/patients/{known.id}"' in warned.text
    assert 'name="despite_duplicate" value="1"' in warned.text
    assert warned.headers["HX-Retarget"] == "#patient-duplicates"
    assert (await send(idempotency_key=key, despite_duplicate="1")).status_code == 204
    async with clinic.ctx_as() as ctx:
        assert [match.card_number for match in (await list_patients(ctx)).rows] == [1, 2]


@pytest.mark.parametrize("other", [{"phone": "+7 912 340-12-90"}, {"patronymic": "Ивановна"}])
async def test_the_same_phone_or_the_same_name_alone_is_no_duplicate(
    add: Add, send: Send, other: dict[str, str]
) -> None:
    await add("Морозова Анна Викторовна")
    assert (await send(**other)).status_code == 204


async def test_one_press_makes_one_card(clinic: TestClinic, send: Send) -> None:
    key = str(uuid.uuid4())
    answers = [await send(idempotency_key=key), await send(idempotency_key=key)]
    assert [answer.status_code for answer in answers] == [204, 204]
    assert answers[0].headers["HX-Trigger"] == answers[1].headers["HX-Trigger"]
    async with clinic.ctx_as() as ctx:
        assert (await list_patients(ctx)).total == 1


@pytest.mark.spec("PAT-03", part="fields", bites="prikus.patients.services.entering:columns_of:return")
async def test_the_main_block_is_saved(clinic: TestClinic, send: Send) -> None:
    async with clinic.ctx_as() as ctx:
        gender, channel, group = [
            (await ctx.db.execute(select(book.id, book.name).order_by(book.id.desc()).limit(1))).one()
            for book in (Gender, MarketingChannel, PatientGroup)
        ]
    coordinator = await clinic.staff("coordinator", last_name="Рыбакова", first_name="Юлия", patronymic="Карловна")
    answer = await send(
        phone="8 (912) 340-12-89",
        email="A.Morozova@Example.com",
        birth_date="1992-03-12",
        gender_id=gender.id,
        marketing_channel_id=channel.id,
        patient_group_id=group.id,
        coordinator_id=coordinator.staff_id,
        mailing_enabled="1",
    )
    assert answer.status_code == 204
    async with clinic.ctx_as() as ctx:
        card = await only_card(ctx)
    assert (card.name, card.phone, card.email) == ("Морозова Анна Викторовна", "+79123401289", "a.morozova@example.com")
    assert (card.birth_date, card.mailing_enabled) == (dt.date(1992, 3, 12), True)
    assert (card.gender, card.channel, card.group) == (gender.name, channel.name, group.name)
    assert card.coordinator == "Рыбакова Ю. К."


@pytest.mark.spec(
    "PAT-03",
    part="required fields and mailing",
    bites="prikus.patients.services.entering:_phone:mistakes[name] = str(error)",
)
async def test_only_name_and_phone_are_required_and_mailing_waits_for_consent(clinic: TestClinic, send: Send) -> None:
    empty = await send(last_name="", first_name=" ", phone="")
    assert (empty.status_code, set(empty.json()["fields"])) == (422, {"last_name", "first_name", "phone"})
    wrong = await send(phone="912", email="анна", birth_date="2199-01-01")
    assert (wrong.status_code, set(wrong.json()["fields"])) == (422, {"phone", "email", "birth_date"})
    assert (await send(patronymic=None)).status_code == 204
    async with clinic.ctx_as() as ctx:
        card = await only_card(ctx)
    assert (card.name, card.mailing_enabled) == ("Морозова Анна", False)


async def test_only_living_choices_of_this_clinic_are_taken(
    clinic: TestClinic, make_clinic: Callable[[], Awaitable[TestClinic]], send: Send
) -> None:
    async with (await make_clinic()).ctx_as() as ctx:
        foreign = await ctx.db.scalar(select(PatientGroup.id).limit(1))
    async with clinic.ctx_as() as ctx:
        gone = await ctx.db.scalar(text("update core.gender set deleted_at = now() where code = 'male' returning id"))
    refused = await send(gender_id=gone, patient_group_id=foreign)
    assert (refused.status_code, set(refused.json()["fields"])) == (422, {"gender_id", "patient_group_id"})


@pytest.mark.spec(
    "PAT-04",
    part="passport, numbers, policy",
    bites='prikus.patients.services.entering:document_of:found = Document( kind="passport"',
)
async def test_the_passport_and_numbers_are_saved(clinic: TestClinic, send: Send) -> None:
    answer = await send(
        passport_series="6504",
        passport_number="123456",
        passport_issuer="УВД Екатеринбурга",
        passport_department_code="660-001",
        passport_issued_on="2012-04-01",
        document_number="не считается",
        snils="112-233-445 95",
        inn="500100732259",
        oms_policy_number="6600 1234",
        home_phone="8 343 215-40-16",
    )
    assert answer.status_code == 204
    assert '"kind": "done"' in answer.headers["HX-Trigger"]
    async with clinic.ctx_as() as ctx:
        card = await only_card(ctx)
    issued = dt.date(2012, 4, 1)
    assert card.document == Document("passport", None, "6504", "123456", "УВД Екатеринбурга", "660-001", issued)
    assert (card.snils, card.inn) == ("11223344595", "500100732259")
    assert (card.oms_policy_number, card.home_phone) == ("6600 1234", "+73432154016")


@pytest.mark.spec(
    "PAT-04",
    part="other document",
    bites='prikus.patients.services.entering:document_of:found = Document( kind="other"',
)
async def test_another_document_replaces_the_passport(clinic: TestClinic, send: Send) -> None:
    await send(
        other_document="1",
        document_title="Вид на жительство",
        document_number="82 123",
        document_issuer="МВД",
        document_issued_on="2020-02-02",
        passport_number="123456",
        snils="11223344595",
    )
    async with clinic.ctx_as() as ctx:
        card = await only_card(ctx)
    day = dt.date(2020, 2, 2)
    assert card.document == Document("other", "Вид на жительство", None, "82 123", "МВД", None, day)
    assert card.snils == "11223344595"


@pytest.mark.spec("PAT-04", part="checksums warn", bites="prikus.patients.services.checks:doubts:found.append")
async def test_wrong_checksums_warn_and_do_not_block(
    clinic: TestClinic, send: Send, client_as: Callable[..., Awaitable[Client]]
) -> None:
    answer = await send(snils="112-233-445 96", inn="500100732258")
    assert (answer.status_code, '"kind": "wait"' in answer.headers["HX-Trigger"]) == (204, True)
    async with clinic.ctx_as() as ctx:
        card = await only_card(ctx)
    assert (card.snils, card.inn) == ("11223344596", "500100732258")
    page = (await (await client_as("administrator")).get(f"/patients/{card.id}")).text
    assert "Проверьте СНИЛС" in page
    assert "Проверьте ИНН" in page


@pytest.mark.spec("PAT-05", bites="prikus.patients.services.keeping:_add:ctx.db.add(PatientAddress(")
async def test_two_addresses_or_one(clinic: TestClinic, send: Send) -> None:
    registration = Address("620072", "Свердловская область", "Екатеринбург", "Космонавтов", "78", "49")
    residence = Address(city="Берёзовский", street="Ленина", house="5")
    fields = {f"registration_{part}": getattr(registration, part) for part in Address.__struct_fields__}
    fields |= {"residence_city": "Берёзовский", "residence_street": "Ленина", "residence_house": "5"}
    await send(**fields)
    async with clinic.ctx_as() as ctx:
        card = await only_card(ctx)
    assert (card.registration, card.residence) == (registration, residence)
    assert registration.line == "620072, Свердловская область, Екатеринбург, Космонавтов, 78, кв. 49"
    await send(first_name="Вера", same_address="1", **fields)
    async with clinic.ctx_as() as ctx:
        same = await read_card(ctx, max(match.id for match in (await list_patients(ctx)).rows))
    assert (same.registration, same.residence) == (registration, None)


@pytest.mark.spec("PAT-06", bites="prikus.patients.services.keeping:_add:await ctx.emit(PatientCreated(")
async def test_a_comment_is_kept_and_the_card_appears_in_the_list(
    clinic: TestClinic, send: Send, client_as: Callable[..., Awaitable[Client]]
) -> None:
    client = await client_as("administrator")
    assert "Добавить" in (await client.htmx.get("/patients/new")).text
    answer = await send(comment="Просит звонить после 18:00.\nБез очереди.")
    assert '"patients-changed"' in answer.headers["HX-Trigger"]
    async with clinic.ctx_as() as ctx:
        card = await only_card(ctx)
        query = text("select name, payload from core.outbox_event where name like 'patient.%'")
        events = [tuple(row) for row in await ctx.db.execute(query)]
    assert card.comment == "Просит звонить после 18:00.\nБез очереди."
    assert events == [("patient.created", {"patient_id": card.id, "card_number": 1})]
    assert "Морозова Анна Викторовна" in (await client.get("/patients/")).text


async def test_a_waiting_form_opens_with_the_new_patient(clinic: TestClinic, send: Send) -> None:
    answer = await send(next="/calendar/appointments/new?patient_id={patient_id}")
    async with clinic.ctx_as() as ctx:
        card = await only_card(ctx)
    assert f'hx-get="/calendar/appointments/new?patient_id={card.id}"' in answer.text
    elsewhere = await send(first_name="Вера", next="//example.org/")
    assert (elsewhere.status_code, elsewhere.text) == (204, "")


@pytest.mark.parametrize(
    ("typed", "field", "value"),
    [("мороз анна", "last_name", "Мороз"), ("мороз анна", "first_name", "Анна"), ("8 912 340", "phone", "+7 912340")],
)
async def test_what_was_searched_stands_in_the_form(
    client_as: Callable[..., Awaitable[Client]], typed: str, field: str, value: str
) -> None:
    panel = (await (await client_as("administrator")).htmx.get("/patients/new", params={"name": typed})).text
    (shown,) = re.findall(rf'name="{field}" value="(.*?)"', panel)
    assert shown.replace("\u00a0", " ").startswith(value)


async def test_documents_need_their_own_right(clinic: TestClinic, client_as: Callable[..., Awaitable[Client]]) -> None:
    doctor = (await client_as("doctor")).htmx
    assert "passport_number" not in (await doctor.get("/patients/new")).text
    key = {"idempotency_key": str(uuid.uuid4())}
    assert (await doctor.post("/patients/new", data={**ANNA, **key, "snils": "11223344595"})).status_code == 403
    assert (await doctor.post("/patients/new", data={**ANNA, **key})).status_code == 204
    accountant = (await client_as("accountant")).htmx
    assert (await accountant.post("/patients/new", data={**ANNA, **key})).status_code == 403
