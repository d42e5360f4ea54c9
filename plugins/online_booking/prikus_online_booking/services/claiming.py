"""Refused bookings of somebody who has a card."""

from __future__ import annotations

from sqlalchemy import select

from prikus.toolkit import Context, Patient, own_phone, sort_key
from prikus_online_booking.models import ExternalBooking


async def claim(ctx: Context, patient_id: int) -> None:
    """What was refused to this patient is theirs, so that it is merged and erased with the card.

    That is what came from the patient's own number, and from a number that a family shares, under the patient's name.
    """
    query = select(Patient.phone_digits, Patient.last_name, Patient.first_name).where(Patient.id == patient_id)
    digits, last_name, first_name = (await ctx.db.execute(query)).one()
    phone, is_own = f"+{digits}", await own_phone(ctx, patient_id) is not None
    waiting = select(ExternalBooking).where(ExternalBooking.phone == phone, ExternalBooking.patient_id.is_(None))
    for row in await ctx.db.scalars(waiting):
        if is_own or f"{sort_key(row.name)} ".startswith(f"{sort_key(last_name, first_name)} "):
            row.patient_id = patient_id
    await ctx.db.flush()
