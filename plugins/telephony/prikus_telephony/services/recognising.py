"""Calls of a number that has become a patient's."""

from __future__ import annotations

from sqlalchemy import update

from prikus.toolkit import Context, own_phone
from prikus_telephony.models import PhoneCall


async def recognise(ctx: Context, patient_id: int) -> None:
    """Give the patient earlier calls of the number that belong to nobody, if it is nobody else's."""
    phone = await own_phone(ctx, patient_id)
    if phone is None:
        return
    nobodys = update(PhoneCall).where(PhoneCall.client_number == phone, PhoneCall.patient_id.is_(None))
    await ctx.db.execute(nobodys.values(patient_id=patient_id))
    ctx.changed("telephony.calls")
