"""Images that can be worked with: neither they nor their patients are in the trash."""

from __future__ import annotations

from prikus.toolkit import Context, NotFound, Patient
from prikus_imaging.models import DentalImage


async def reach(ctx: Context, image_id: int, *, lock: bool = False) -> DentalImage:
    """The image. Raises `NotFound`."""
    image = await ctx.load(DentalImage, image_id, lock=lock)
    alive = ctx.visible(Patient, Patient.id).where(Patient.id == image.patient_id)
    if await ctx.db.scalar(alive) is None:
        raise NotFound()
    return image
