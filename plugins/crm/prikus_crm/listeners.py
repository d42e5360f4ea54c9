from __future__ import annotations

import msgspec

from prikus.toolkit import Context, listens
from prikus_crm.services.hearing import know_patient


class NewPatient(msgspec.Struct, frozen=True):
    patient_id: int


@listens("patient.created", into=NewPatient)
async def find_requests(ctx: Context, event: NewPatient) -> None:
    """Who wrote before has a card now."""
    await know_patient(ctx, event.patient_id)
