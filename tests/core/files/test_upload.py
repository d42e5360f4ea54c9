"""Files come in by a form: what is taken, what is refused and beside which field, what stays on the disk."""

from __future__ import annotations

import hashlib

from sqlalchemy import select

from prikus.toolkit import StoredFile
from tests.core.files.conftest import lying, picture

JPEG = picture()


async def upload(client, patient_id, name="снимок.jpg", data=JPEG):
    return await client.htmx.post(
        "/album/photos", data={"patient_id": str(patient_id)}, files={"picture": (name, data)}
    )


async def test_what_was_uploaded_is_given_back_byte_for_byte(clinic, folder) -> None:
    client, patient_id = await clinic.client_as("administrator"), await clinic.patient()
    answer = await upload(client, patient_id, "C:\\фото\\Морозова снимок.JPG")
    assert answer.status_code == 204, answer.text
    async with clinic.ctx_as() as ctx:
        original, preview = await ctx.db.scalars(select(StoredFile).order_by(StoredFile.id))
    assert (original.name, original.media_type, original.size) == ("Морозова снимок.JPG", "image/jpeg", len(JPEG))
    assert (original.width, original.height) == (640, 480)
    assert original.sha256 == hashlib.sha256(JPEG).hexdigest()
    assert (preview.width, preview.height, preview.name) == (200, 150, "Морозова снимок.jpg")
    assert lying(folder) == {str(original.key), str(preview.key)}
    answer = await client.get("/album/photos/1")
    assert answer.content == JPEG
