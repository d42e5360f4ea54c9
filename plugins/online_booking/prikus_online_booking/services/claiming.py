"""Refused bookings of somebody who has a card now."""

from __future__ import annotations

from sqlalchemy import update

from prikus.toolkit import Context, own_phone
from prikus_online_booking.models import ExternalBooking


async def claim(ctx: Context, patient_id: int) -> None:
    """What was refused to the patient's own number is theirs, so that it is exported and erased with them."""
    if phone := await own_phone(ctx, patient_id):
        theirs = update(ExternalBooking).where(ExternalBooking.phone == phone, ExternalBooking.patient_id.is_(None))
        await ctx.db.execute(theirs.values(patient_id=patient_id))
