"""Images that can be worked with: neither they nor their patients are in the trash."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists

from prikus.toolkit import Context, NotFound, Patient
from prikus_imaging.models import DentalImage, ImageAnalysis


async def reach(ctx: Context, image_id: int, *, lock: bool = False) -> DentalImage:
    """The image. Raises `NotFound`."""
    image = await ctx.load(DentalImage, image_id, lock=lock)
    alive = ctx.visible(Patient, Patient.id).where(Patient.id == image.patient_id)
    if await ctx.db.scalar(alive) is None:
        raise NotFound()
    return image


async def hold_patient(ctx: Context, patient_id: int) -> None:
    """Keep the patient from being erased, merged or deleted before the commit: what is added now would outlive it.

    Raises `NotFound` when that came first.
    """
    alive = ctx.visible(Patient, Patient.id).where(Patient.id == patient_id)
    if await ctx.db.scalar(alive.with_for_update(read=True, key_share=True)) is None:
        raise NotFound()


def is_paused() -> ColumnElement[bool]:
    """Whether the patient of an analysis is in the trash: it goes on when the card comes back.

    Of an erased patient, who never does, it is over.
    """
    image = and_(DentalImage.clinic_id == ImageAnalysis.clinic_id, DentalImage.id == ImageAnalysis.image_id)
    patient = and_(Patient.clinic_id == DentalImage.clinic_id, Patient.id == DentalImage.patient_id)
    return exists().where(image, patient, Patient.deleted_at.is_not(None), Patient.erased_at.is_(None))
