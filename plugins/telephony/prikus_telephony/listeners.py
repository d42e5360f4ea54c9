"""What telephony hears of others."""

from __future__ import annotations

import msgspec

from prikus.toolkit import Context, listens
from prikus_telephony.services.recognising import recognise


class NewPatient(msgspec.Struct, frozen=True):
    patient_id: int


@listens("patient.created", into=NewPatient)
async def know_new_patient(ctx: Context, event: NewPatient) -> None:
    """The stranger who called has a card now."""
    await recognise(ctx, event.patient_id)
