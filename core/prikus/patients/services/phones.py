"""Whose a telephone number is: one patient's, or nobody's in particular when a family shares it."""

from __future__ import annotations

from prikus.access.context import Context
from prikus.patients.models import Patient


async def patient_with_phone(ctx: Context, phone: str | None) -> int | None:
    """The one patient with this number (E.164). None for a number that several share, and for none."""
    if not phone:
        return None
    query = ctx.visible(Patient, Patient.id).where(Patient.phone_digits == phone.removeprefix("+"))
    found = list(await ctx.db.scalars(query.limit(2)))
    return found[0] if len(found) == 1 else None


async def own_phone(ctx: Context, patient_id: int) -> str | None:
    """The patient's number (E.164), when it is no other patient's."""
    digits = await ctx.db.scalar(ctx.visible(Patient, Patient.phone_digits).where(Patient.id == patient_id))
    return f"+{digits}" if digits and await patient_with_phone(ctx, digits) == patient_id else None
