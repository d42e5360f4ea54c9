"""«Добавить снимок»: the file first, without a transaction, then its row and the image in one (DIAG-01)."""

from __future__ import annotations

from typing import Any

import msgspec

from prikus.toolkit import DENTAL_IMAGES, Context, Done, keep_upload, once, preview_of
from prikus_imaging.schemas import NewImage
from prikus_imaging.services.album import add_image, check_new, require_patient


class Pressed(msgspec.Struct, frozen=True):
    """What a key of idempotency stands for."""

    patient_id: int
    new: NewImage
    sha256: str


async def take_in(outside: Context, patient_id: int, new: NewImage, upload: Any, key: str) -> Done:
    """Keep the file that was chosen and put the image into the patient's card; the number of the image.

    Raises `Invalid` beside the fields, `NotFound`, `Denied`.
    """
    async with outside.unit() as ctx:
        check_new(ctx, new)
        await require_patient(ctx, patient_id)
    kept = await keep_upload(outside, upload, DENTAL_IMAGES)
    small = await preview_of(outside, kept)
    async with outside.unit() as ctx:
        pressed = Pressed(patient_id, new, kept.sha256)
        return await once(ctx.db, key, pressed, Done, lambda: add_image(ctx, patient_id, new, kept, small))
