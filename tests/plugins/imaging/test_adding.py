"""DIAG-01: an image of the teeth is added to the patient's card, opens full size, and earlier ones stay."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from schemathesis.core.media_types import matches
from sqlalchemy import text

from prikus.patients.services.erasing import erase_patient
from prikus.testing.clinics import Client, TestClinic, open_test_clinic
from prikus.testing.contract.rights import person_with
from prikus_imaging.testing import FILES, dicom, jpeg, png

ALBUM = "/imaging/patients/{}"


def form(**more: str) -> dict[str, str]:
    return {"kind": "panoramic", "taken_on": "2026-03-14", "idempotency_key": uuid.uuid4().hex, **more}


async def added(client: Client, patient: int, data: bytes, name: str, **more: str) -> Any:
    return await client.post(f"/imaging/patients/{patient}/new", data=form(**more), files={"file": (name, data)})


async def images(clinic: TestClinic, what: str = "id") -> list[Any]:
    async with clinic.ctx_as("director") as ctx:
        return [
            tuple(row) for row in await ctx.db.execute(text(f"select {what} from imaging.dental_image order by id"))
        ]


@pytest.mark.spec("DIAG-01")
@pytest.mark.parametrize("media_type", FILES)
async def test_an_image_is_added_shown_and_opened_full_size(clinic: TestClinic, media_type: str) -> None:
    doctor = await clinic.staff("doctor", last_name="Снимкин")
    client = (await clinic.client_as(doctor)).htmx
    patient = await clinic.patient()
    ending, make = FILES[media_type]
    earlier = await added(client, patient, png(), "раньше.png", kind="periapical", taken_on="2025-01-02")
    assert earlier.status_code == 204, earlier.text
    data = make()
    answer = await added(client, patient, data, f"опг.{ending}", kind="cbct", comment="До лечения")
    assert answer.status_code == 204, answer.text
    (_,), (image,) = await images(clinic)
    album = (await client.get(ALBUM.format(patient))).text
    shown = ("КЛКТ", "14.03.2026", "Снимкин", "До лечения", "Прицельный снимок", "02.01.2025")
    assert [word for word in shown if word not in album] == []
    assert f'src="/imaging/images/{image}/preview"' in album
    small = await client.get(f"/imaging/images/{image}/preview")
    assert (small.status_code, small.content[:3]) == (200, b"\xff\xd8\xff")
    whole = await client.get(f"/imaging/images/{image}/original")
    assert (whole.content, whole.headers["content-type"]) == (data, media_type)
    page = (await client.get(f"/imaging/images/{image}")).text
    assert "До лечения" in page
    taken = await images(clinic, "kind, taken_on, created_by_kind, created_by_id")
    assert taken[1] == ("cbct", dt.date(2026, 3, 14), "staff", doctor.staff_id)


@pytest.mark.parametrize(
    ("more", "data", "name", "field"),
    [
        ({}, b"", "", "file"),
        ({}, b"%PDF-1.7 nothing of ours", "отчёт.pdf", "file"),
        ({}, jpeg()[:200], "обрезан.jpg", "file"),
        ({"taken_on": "2126-01-01"}, jpeg(), "а.jpg", "taken_on"),
        ({"taken_on": "1826-01-01"}, jpeg(), "а.jpg", "taken_on"),
        ({"taken_on": ""}, jpeg(), "а.jpg", "taken_on"),
        ({"kind": "photo"}, jpeg(), "а.jpg", "kind"),
        ({"comment": "ж" * 1001}, jpeg(), "а.jpg", "comment"),
    ],
)
async def test_what_does_not_fit_is_said_beside_its_field(
    clinic: TestClinic, more: dict[str, str], data: bytes, name: str, field: str
) -> None:
    client = (await clinic.client_as("director")).htmx
    patient = await clinic.patient()
    refused = await added(client, patient, data, name, **more)
    assert (refused.status_code, list(refused.json()["fields"])) == (422, [field]), refused.text
    assert await images(clinic) == []
    assert (await added(client, patient, jpeg(), "а.jpg")).status_code == 204


async def test_a_press_that_comes_twice_adds_one(clinic: TestClinic) -> None:
    client = (await clinic.client_as("director")).htmx
    patient, key = await clinic.patient(), uuid.uuid4().hex
    for _ in range(2):
        assert (await added(client, patient, jpeg(), "а.jpg", idempotency_key=key)).status_code == 204
    assert len(await images(clinic)) == 1
    assert (await added(client, patient, png(), "а.png", idempotency_key=key)).status_code == 422


async def test_programs_add_images_too(clinic: TestClinic) -> None:
    program, patient = await clinic.program("imaging.image.view", "imaging.image.add"), await clinic.patient()
    said = {"patient_id": str(patient), "kind": "bitewing", "taken_on": "2026-03-14", "comment": "Слева"}
    key = {"Idempotency-Key": uuid.uuid4().hex}
    file = {"file": ("слева.dcm", dicom(), "application/dicom")}
    first = await program.post("/api/v1/imaging/images", data=said, files=file, headers=key)
    assert first.status_code == 201, first.text
    again = await program.post("/api/v1/imaging/images", data=said, files=file, headers=key)
    assert again.json() == first.json()
    [row] = (await program.get("/api/v1/imaging/images", params={"patient_id": patient})).json()
    assert (row["id"], row["kind"], row["comment"], row["file_name"]) == (
        first.json()["id"],
        "bitewing",
        "Слева",
        "слева.dcm",
    )
    bare = await clinic.program("imaging.image.view")
    refused = await bare.post(
        "/api/v1/imaging/images", data=said, files=file, headers={"Idempotency-Key": uuid.uuid4().hex}
    )
    assert refused.status_code == 403
    strange = {**said, "patient_id": "999999"}
    key = {"Idempotency-Key": uuid.uuid4().hex}
    assert (await program.post("/api/v1/imaging/images", data=strange, files=file, headers=key)).status_code == 404
    wrong = await program.post("/api/v1/imaging/images", data={**said, "kind": "x"}, files=file, headers=key)
    assert wrong.status_code in (400, 422)


async def test_what_a_program_sends_is_read_within_the_bounds_of_forms(clinic: TestClinic) -> None:
    program, patient = await clinic.program("imaging.image.add"), await clinic.patient()
    said = {"patient_id": str(patient), "kind": "bitewing", "taken_on": "2026-03-14"}
    file = ("file", ("а.jpg", jpeg(), "image/jpeg"))
    for words, files, sentence in (
        ("а" * 600_000, [file], "Слишком много текста для одной формы."),
        ("Слева", [file, file], "Здесь можно выбрать только один файл."),
    ):
        answer = await program.post(
            "/api/v1/imaging/images",
            data={**said, "comment": words},
            files=files,
            headers={"Idempotency-Key": uuid.uuid4().hex},
        )
        assert (answer.status_code, sentence in answer.text) == (422, True), answer.text


async def test_who_may_not_add_is_refused_and_another_clinics_patient_is_nobody(clinic: TestClinic) -> None:
    patient = await clinic.patient()
    denied = await person_with(clinic, "director", **{"imaging.image.add": False})
    client = (await clinic.client_as(denied)).htmx
    assert (await added(client, patient, jpeg(), "а.jpg")).status_code == 403
    stranger = await open_test_clinic(clinic.house)
    director = (await stranger.client_as("director")).htmx
    assert (await added(director, patient, jpeg(), "а.jpg")).status_code == 404
    assert await images(clinic) == []
    await stranger.close()


@pytest.mark.parametrize("media_type", FILES)
async def test_the_file_that_a_program_gets_is_of_a_type_that_the_description_names(
    clinic: TestClinic, media_type: str
) -> None:
    ending, make = FILES[media_type]
    data = make()
    assert (await added(await clinic.client_as("director"), await clinic.patient(), data, f"опг.{ending}")).is_success
    [(image,)] = await images(clinic)
    program = await clinic.program("imaging.image.view")
    answer = await program.get(f"/api/v1/imaging/images/{image}/original")
    assert (answer.content, answer.headers["content-type"]) == (data, media_type)
    paths = (await program.get("/schema/openapi.json")).json()["paths"]
    described = paths["/api/v1/imaging/images/{image_id}/original"]["get"]["responses"]["200"]["content"]
    assert [one for one in described if matches(one, media_type)]


async def test_a_deleted_image_comes_back_from_the_trash(clinic: TestClinic) -> None:
    client = (await clinic.client_as("director")).htmx
    patient = await clinic.patient()
    await added(client, patient, jpeg(), "опг.jpg")
    [(image,)] = await images(clinic)
    assert (await client.post(f"/imaging/images/{image}/delete")).status_code == 204
    assert "опг.jpg" in (await client.get("/trash/imaging.image")).text
    for path in ("", "/preview", "/original"):
        assert (await client.get(f"/imaging/images/{image}{path}")).status_code == 404
    restored = await client.post(f"/trash/imaging.image/{image}/restore")
    assert restored.is_success, restored.text
    assert (await client.get(f"/imaging/images/{image}/original")).content == jpeg()


async def test_with_its_patient_in_the_trash_an_image_is_nowhere(clinic: TestClinic) -> None:
    client = (await clinic.client_as("director")).htmx
    patient = await clinic.patient()
    await added(client, patient, jpeg(), "опг.jpg")
    [(image,)] = await images(clinic)
    assert (await client.post(f"/patients/{patient}/delete")).is_success
    for path in ("", "/preview", "/original"):
        assert (await client.get(f"/imaging/images/{image}{path}")).status_code == 404
    assert (await client.post(f"/imaging/images/{image}/analyse", data={})).status_code == 404


async def test_of_an_erased_patient_no_file_is_left(clinic: TestClinic) -> None:
    client = (await clinic.client_as("director")).htmx
    patient = await clinic.patient()
    await added(client, patient, jpeg(), "Морозова.jpg", comment="Морозова")
    async with clinic.ctx_as("director") as ctx:
        await erase_patient(ctx, patient, "Заявление")
        left = await ctx.db.execute(text("select name, size from core.stored_file"))
        assert {tuple(row) for row in left} == {("", 0)}
    assert await images(clinic, "comment") == [(None,)]
