"""Patients for programs: the list that they follow, and what they note on a card (API-01)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from sqlalchemy import null, select

from prikus.access.context import Context
from prikus.data.changes import ChangeSource, read_changes
from prikus.data.labels import merged_metadata
from prikus.patients.models import Patient, PatientMerge
from prikus.patients.services.card import require_patient

COLUMNS = (
    Patient.id,
    Patient.card_number,
    Patient.last_name,
    Patient.first_name,
    Patient.patronymic,
    Patient.phone,
    Patient.email,
    Patient.birth_date,
    Patient.is_active,
    Patient.row_version,
    Patient.created_at,
    Patient.updated_at,
    Patient.metadata_.label("metadata_"),
    Patient.deleted_at,
)


class PatientItem(msgspec.Struct, frozen=True):
    """A living patient, or the id of one that is gone: `deleted`, perhaps `merged_into` another card."""

    id: int
    deleted: bool = False
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
    metadata: dict[str, str] = {}


class PatientChanges(msgspec.Struct, frozen=True):
    """`cursor` is for the next question, `changed_since`; with `has_more` ask at once."""

    items: list[PatientItem]
    cursor: str
    has_more: bool


async def changed_patients(ctx: Context, since: str | None, limit: int) -> PatientChanges:
    """Cards changed after the cursor, the deleted and the merged ones too. Raises `Denied`, `Invalid`."""
    ctx.require("patients.patient.view")
    cards = ChangeSource(select(*COLUMNS), Patient.changed_xid, Patient.id)
    merged = select(PatientMerge.gone_id, PatientMerge.patient_id).where(PatientMerge.undone_at.is_(null()))
    merges = ChangeSource(merged, PatientMerge.changed_xid, PatientMerge.gone_id)
    found = await read_changes(ctx.db, (cards, merges), since, limit)
    items = [_merged(row) if source else _card(row) for source, row in found.rows]
    return PatientChanges(items, found.cursor, found.has_more)


def _merged(row: Any) -> PatientItem:
    return PatientItem(row.gone_id, deleted=True, merged_into=row.patient_id)


def _card(row: Any) -> PatientItem:
    if row.deleted_at is not None:
        return PatientItem(row.id, deleted=True)
    values = row._mapping
    shared = {name: values[name] for name in PatientItem.__struct_fields__ if name in values}
    return PatientItem(**shared, metadata=row.metadata_)


async def read_metadata(ctx: Context, patient_id: int) -> dict[str, str]:
    """What programs noted on a card. Raises `NotFound`, `Denied`."""
    await require_patient(ctx, patient_id)
    return await ctx.db.scalar(select(Patient.metadata_).where(Patient.id == patient_id)) or {}


async def note_metadata(ctx: Context, patient_id: int, given: dict[str, str | None]) -> dict[str, str]:
    """Add and take away words of programs; other keys stay. Raises `NotFound`, `Denied`, `Invalid`."""
    ctx.require("patients.patient.edit")
    patient = await ctx.load(Patient, patient_id, lock=True)
    patient.metadata_ = merged_metadata(patient.metadata_, given)
    await ctx.db.flush()
    return patient.metadata_
