"""Files come in by a form: what is taken, what is refused and beside which field, what stays on the disk."""

from __future__ import annotations

import hashlib
import re

import pytest
from sqlalchemy import select

from prikus.access.models import AuditRecord
from prikus.errors import Misconfigured
from prikus.files.store import store_of
from prikus.toolkit import DENTAL_IMAGES, StoredFile, keep_bytes, open_file, without_identity
from prikus.ui.render import CSRF_HEADER
from prikus_album.models import Photo
from tests.core.files import dicom
from tests.core.files.conftest import lying, picture

JPEG = picture()
PNG = picture("PNG")
FORM = "multipart/form-data; boundary=limit"


async def upload(client, patient_id, name="снимок.jpg", data=JPEG):
    return await client.htmx.post(
        "/album/photos", data={"patient_id": str(patient_id)}, files={"picture": (name, data)}
    )


async def photos(clinic) -> list[int]:
    async with clinic.ctx_as() as ctx:
        return list(await ctx.db.scalars(select(Photo.id).order_by(Photo.id)))


@pytest.fixture
async def client(clinic):
    return await clinic.client_as("administrator")


async def test_what_was_uploaded_is_given_back_byte_for_byte(clinic, client, folder) -> None:
    answer = await upload(client, await clinic.patient(), "C:\\фото\\Морозова снимок.JPG")
    assert answer.status_code == 204, answer.text
    async with clinic.ctx_as() as ctx:
        original, preview = await ctx.db.scalars(select(StoredFile).order_by(StoredFile.id))
    assert (original.name, original.media_type, original.size) == ("Морозова снимок.JPG", "image/jpeg", len(JPEG))
    assert (original.width, original.height) == (640, 480)
    assert original.sha256 == hashlib.sha256(JPEG).hexdigest()
    assert (preview.width, preview.height, preview.name) == (200, 150, "Морозова снимок.jpg")
    assert lying(folder) == {str(original.key), str(preview.key)}
    assert folder.parent.stat().st_mode & 0o777 == 0o700
    [photo_id] = await photos(clinic)
    assert (await client.get(f"/album/photos/{photo_id}")).content == JPEG


async def test_an_answer_runs_nothing_and_is_not_stored(clinic, client) -> None:
    await upload(client, await clinic.patient(), 'снимок";\r\n<b>.jpg')
    [photo_id] = await photos(clinic)
    headers = (await client.get(f"/album/photos/{photo_id}")).headers
    assert headers["content-disposition"] == (
        "attachment; filename*=UTF-8''%D1%81%D0%BD%D0%B8%D0%BC%D0%BE%D0%BA%22%3B%3Cb%3E.jpg"
    )
    assert headers["content-type"] == "image/jpeg"
    assert headers["content-length"] == str(len(JPEG))
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "private, no-store"
    async with clinic.ctx_as() as ctx:
        [record] = await ctx.db.scalars(select(AuditRecord).where(AuditRecord.action == "file.opened"))
    # No name: the audit outlives the erasing of a patient's data.
    assert (record.created_by_kind, record.sentence) == ("staff", f"Открыт файл № {record.object_id}")


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("снимок.png", JPEG, "Расширение «.png» не подходит к содержимому: это JPEG."),
        ("снимок.jpg", PNG, "Расширение «.jpg» не подходит к содержимому: это PNG."),
        ("снимок.jpg.exe", JPEG, "Расширение «.exe» не подходит к содержимому: это JPEG."),
        ("снимок", JPEG, "Расширение «» не подходит к содержимому: это JPEG."),
        ("договор.pdf", b"%PDF-1.7", "Такой файл не подходит. Можно загрузить: JPEG, PNG, DICOM."),
        ("снимок.jpg", b"<script>alert(1)</script>", "Такой файл не подходит. Можно загрузить: JPEG, PNG, DICOM."),
        ("снимок.jpg", b"", "Файл пустой."),
        ("снимок.jpg", JPEG[:60], "Файл повреждён или обрезан: открыть его не удалось."),
        ("снимок.jpg", JPEG[:2000], "Файл повреждён или обрезан: открыть его не удалось."),
        ("снимок.png", picture("PNG", (7072, 7072), "1"), "В снимке больше 50 мегапикселей."),
        ("снимок.jpg", JPEG + b"\0" * 25_000_000, "Файл больше 25\xa0МБ: в нём 25\xa0МБ."),
    ],
)
async def test_what_does_not_fit_is_refused_beside_its_field(clinic, client, folder, name, data, sentence) -> None:
    answer = await upload(client, await clinic.patient(), name, data)
    assert answer.status_code == 422, answer.text
    assert answer.json()["fields"] == {"picture": sentence}
    assert await photos(clinic) == []
    async with clinic.ctx_as() as ctx:
        assert (await ctx.db.scalars(select(StoredFile.id))).all() == []
    assert lying(folder) == set(), "bytes that were refused would count for nobody"


@pytest.mark.parametrize("name", ["снимок.dcm", "IM0001", "1.2.840.10008.1"])
async def test_dicom_has_many_names(clinic, client, name) -> None:
    answer = await upload(client, await clinic.patient(), name, dicom.grey())
    assert answer.status_code == 204, answer.text
    async with clinic.ctx_as() as ctx:
        original, preview = await ctx.db.scalars(select(StoredFile).order_by(StoredFile.id))
    assert (original.name, original.media_type) == (name, "application/dicom")
    assert (original.width, original.height, preview.media_type) == (64, 32, "image/jpeg")


async def test_no_file_is_asked_for(clinic, client) -> None:
    for files in ({"picture": ("", b"")}, {"other": ("x.jpg", JPEG)}):
        answer = await client.htmx.post("/album/photos", data={"patient_id": "1"}, files=files)
        assert answer.status_code == 422
    answer = await client.htmx.post("/album/photos", data={"patient_id": "1"}, files={"picture": ("", b"")})
    assert answer.json()["fields"] == {"picture": "Выберите файл."}


async def test_whoever_may_not_is_refused_before_a_byte_of_the_body_is_read(clinic) -> None:
    asked = 0

    async def endless():
        nonlocal asked
        while True:
            asked += 1
            yield b"x" * 1000

    for who, url, status in (
        (None, "/album/photos", 403),
        ("administrator", "/album/nowhere", 404),
    ):
        client = await clinic.client_as(who)
        answer = await client.post(url, content=endless(), headers={"Content-Type": FORM})
        assert (answer.status_code, asked) == (status, 0)


async def test_a_body_beyond_what_the_handler_takes_is_a_sentence_at_the_field(clinic, client, folder) -> None:
    headers = {"Content-Type": FORM, "Content-Length": str(300_000_000)}
    answer = await client.htmx.post("/album/photos", content=b"--limit\r\n", headers=headers)
    assert (answer.status_code, answer.json()["fields"]) == (422, {"picture": "Файл слишком большой."})
    assert lying(folder) == set()


async def test_a_connection_that_is_cut_leaves_nothing(clinic, client, folder) -> None:
    head = b'--limit\r\nContent-Disposition: form-data; name="picture"; filename="a.jpg"\r\n\r\n'

    async def cut():
        yield head + JPEG
        raise ConnectionResetError

    for body, status in ((cut(), 503), (head + JPEG, 400)):
        answer = await client.post("/album/photos", content=body, headers={"Content-Type": FORM})
        assert answer.status_code == status
    assert lying(folder) == set()
    assert await photos(clinic) == []


async def test_a_form_without_a_script_carries_its_token_before_its_file(clinic) -> None:
    client = await clinic.client_as("administrator")
    token = client.headers.pop(CSRF_HEADER)
    page = await client.get("/album/new")
    assert re.search(rf'enctype="multipart/form-data".*?value="{token}".*?type="file"', page.text, re.DOTALL)
    form = {"patient_id": str(await clinic.patient())}
    files = {"picture": ("a.png", picture("PNG", (2000, 1000)))}
    for wrong in ({}, {"csrf_token": "0" * 64}):
        assert (await client.post("/album/photos", data={**wrong, **form}, files=files)).status_code == 403
    answer = await client.post("/album/photos", data={"csrf_token": token, **form}, files=files)
    assert answer.status_code == 204
    assert len(await photos(clinic)) == 1


async def test_another_clinic_finds_neither_row_nor_bytes(clinic, client, make_clinic) -> None:
    await upload(client, await clinic.patient())
    [photo_id] = await photos(clinic)
    other = await make_clinic(plan="album")
    stranger = await other.client_as("administrator")
    for answer in (
        await stranger.get(f"/album/photos/{photo_id}"),
        await stranger.htmx.post(f"/album/photos/{photo_id}/delete"),
    ):
        assert answer.status_code == 404
    assert (await client.get(f"/album/photos/{photo_id}")).content == JPEG


async def test_bytes_that_are_not_there_are_a_404(clinic, client, folder) -> None:
    await upload(client, await clinic.patient())
    for file in folder.iterdir():
        file.unlink()
    [photo_id] = await photos(clinic)
    answer = await client.htmx.get(f"/album/photos/{photo_id}")
    assert (answer.status_code, "Файла больше нет." in answer.text) == (404, True)


async def test_nobody_holds_a_transaction_while_bytes_travel(clinic) -> None:
    async with clinic.ctx_as() as ctx:
        for doing in (keep_bytes(ctx, JPEG, "a.jpg", DENTAL_IMAGES), open_file(ctx, 1), without_identity(ctx, 1)):
            with pytest.raises(Misconfigured, match="без открытой транзакции"):
                await doing


async def test_bytes_that_we_made_are_kept_like_those_of_people(clinic) -> None:
    outside = await clinic.outside_as()
    kept = await keep_bytes(outside, PNG, "схема.png", DENTAL_IMAGES)
    parts = [part async for part in await store_of(clinic.house.config).get(clinic.id, kept.key)]
    assert b"".join(parts) == PNG
    assert (kept.width, kept.height, kept.sha256) == (640, 480, hashlib.sha256(PNG).hexdigest())
