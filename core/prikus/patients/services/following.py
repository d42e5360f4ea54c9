"""Patients for programs: the list that they follow, and what they note on a card (API-01)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import null, select

from prikus.access.context import Context
from prikus.data.changes import ChangeSource
from prikus.patients.models import Patient, PatientMerge
from prikus.patients.services.card import require_patient
from prikus.ui import programs
from prikus.ui.programs import Changes, Followed, Metadata, NotedWords, follow

HERE = {"merged_into": null()}


class PatientItem(Followed, frozen=True, kw_only=True):
    """A living patient, or the id of one that is gone: `deleted`, perhaps `merged_into` another card."""

    merged_into: int | None = None
    card_number: int | None = None
    last_name: str | None = None
    first_name: str | None = None
    patronymic: str | None = None
    phone: str | None = None
    email: str | None = None
    birth_date: dt.date | None = None
    is_active: bool | None = None
    row_version: int | None = None
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    metadata: dict[str, str] | None = None


async def changed_patients(ctx: Context, since: str | None, limit: int) -> Changes[PatientItem]:
    """Cards changed after the cursor, the deleted and the merged ones too. Raises `Denied`, `Invalid`."""
    ctx.require("patients.patient.view")
    merged = select(PatientMerge.gone_id, PatientMerge.patient_id).where(PatientMerge.undone_at.is_(null()))
    merges = ChangeSource(merged, PatientMerge.changed_xid, PatientMerge.gone_id)
    return await follow(ctx, PatientItem, Patient, since, limit, columns=HERE, others=[(merges, _merged)])


def _merged(row: Any) -> PatientItem:
    return PatientItem(id=row.gone_id, deleted=True, merged_into=row.patient_id)


async def read_metadata(ctx: Context, patient_id: int) -> NotedWords:
    """What programs noted on a card. Raises `NotFound`, `Denied`."""
    await require_patient(ctx, patient_id)
    return await programs.read_metadata(ctx, Patient, patient_id)


async def note_metadata(ctx: Context, patient_id: int, given: Metadata) -> NotedWords:
    """Add and take away words of programs; other keys stay. Raises `NotFound`, `Denied`, `Invalid`."""
    ctx.require("patients.patient.edit")
    return await programs.note_metadata(ctx, Patient, patient_id, given)
