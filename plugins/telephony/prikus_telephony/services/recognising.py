"""Calls of a number that has become a patient's."""

from __future__ import annotations

from sqlalchemy import update

from prikus.toolkit import Context, Patient
from prikus_telephony.models import PhoneCall


async def recognise(ctx: Context, patient_id: int) -> None:
    """Give the patient earlier calls of the number that belong to nobody, if it is nobody else's."""
    digits = await ctx.db.scalar(ctx.visible(Patient, Patient.phone_digits).where(Patient.id == patient_id))
    others = ctx.visible(Patient, Patient.id).where(Patient.phone_digits == digits, Patient.id != patient_id)
    if not digits or await ctx.db.scalar(others.limit(1)) is not None:
        return
    nobodys = update(PhoneCall).where(PhoneCall.client_number == f"+{digits}", PhoneCall.patient_id.is_(None))
    await ctx.db.execute(nobodys.values(patient_id=patient_id))
    ctx.changed("telephony.calls")
