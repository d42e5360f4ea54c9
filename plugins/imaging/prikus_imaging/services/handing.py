"""What a service is given of an image: bytes and words that say nothing of who the patient is (N-02)."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import select

from prikus.toolkit import (
    Context,
    Invalid,
    OpenConnection,
    OpenFile,
    Patient,
    Problem,
    StoredFile,
    open_file,
    without_identity,
)
from prikus_imaging.models import DentalImage, ImageAnalysis
from prikus_imaging.schemas import ImageJob, JobPatient

SEND_NAME = "send_name"
"""The setting of a connection by which a clinic lets the patient's name go out: `yes`."""
NAMELESS = "Пациент"
ENDINGS = {"image/jpeg": "jpg", "image/png": "png"}


def sends_name(settings: Any) -> bool:
    """Whether the clinic lets the name go out over this connection. By default it does not."""
    return getattr(settings, SEND_NAME, "no") == "yes"


async def media_type_of(ctx: Context, image: DentalImage) -> str | None:
    """The media type of the image's file, None once it was erased with the patient's data."""
    query = select(StoredFile.media_type).where(StoredFile.id == image.original_id, StoredFile.size > 0)
    return await ctx.db.scalar(query)


async def job_of(
    ctx: Context, outside: Context, analysis: ImageAnalysis, image: DentalImage, connection: OpenConnection[Any]
) -> ImageJob | None:
    """What the next step is about, None when there is no file any more."""
    media_type = await media_type_of(ctx, image)
    patient = await ctx.db.get_one(Patient, (ctx.clinic.id, image.patient_id))
    if media_type is None or image.deleted_at is not None or patient.erased_at is not None:
        return None
    is_named = sends_name(connection.settings)
    file_id, number = image.original_id, analysis.id

    async def opened() -> OpenFile:
        try:
            found = await (open_file if is_named else without_identity)(outside, file_id)
        except Problem as problem:  # nothing was sent
            raise Invalid({}, problem.sentence) from problem
        return msgspec.structs.replace(found, name=f"image-{number}.{ENDINGS.get(media_type, 'dcm')}")

    return ImageJob(
        id=analysis.id,
        kind=image.kind,  # type: ignore[arg-type]
        taken_on=image.taken_on,
        media_type=media_type,
        patient=_words(ctx, patient, is_named=is_named),
        refs=dict(analysis.refs),
        is_doubtful=analysis.is_doubtful,
        open=opened,
    )


def _words(ctx: Context, patient: Patient, *, is_named: bool) -> JobPatient:
    number = f"{patient.card_number:06d}"
    key = f"c{ctx.clinic.id}-{number}"
    if not is_named:
        return JobPatient(key, patient.card_number, NAMELESS, f"К-{number}")
    return JobPatient(key, patient.card_number, patient.last_name, patient.first_name, patient.birth_date)
