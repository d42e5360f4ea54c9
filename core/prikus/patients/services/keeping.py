"""Adding, changing, deleting patients. The only place with the rules of the card."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm.attributes import flag_modified

from prikus.access.context import Context
from prikus.errors import Conflict, Denied
from prikus.events.numbers import next_number, once
from prikus.patients.events import PatientCreated, PatientDeleted, PatientRestored, PatientUpdated
from prikus.patients.models import IdentityDocument, Patient, PatientAddress
from prikus.patients.schemas import Added, Address, Document, EditedPatient, Match, NewPatient
from prikus.patients.services.card import read_card
from prikus.patients.services.entering import SENSITIVE, addresses_of, check_choices, columns_of, document_of
from prikus.patients.services.filling import values_of_card
from prikus.patients.services.search import matches_where
from prikus.ui.forms import stale

SERIES = "patient_card"


class PossibleDuplicate(Conflict):
    """Somebody with the same name and phone is there already; a person decides (PAT-02)."""

    def __init__(self, matches: list[Match]) -> None:
        super().__init__("Пациент с таким именем и телефоном уже есть.")
        self.matches = matches


async def add_patient(ctx: Context, data: NewPatient, key: str | None = None) -> Added:
    """A new card with the clinic's next number; one card for one idempotency key (PAT-02…PAT-06).

    Raises `PossibleDuplicate` unless `data.despite_duplicate`, `Invalid`, `Denied`.
    """
    ctx.require("patients.patient.edit")

    async def work() -> Added:
        return await _add(ctx, data)

    if key is not None:
        return await once(ctx.db, key, data, Added, work)
    async with ctx.db.begin_nested():
        return await work()


async def _add(ctx: Context, data: NewPatient) -> Added:
    columns = columns_of(ctx, data)
    document = document_of(data)
    if (document or any(columns[name] for name in SENSITIVE)) and not ctx.can("patients.sensitive.view"):
        raise Denied("Недостаточно прав, чтобы заполнить документы пациента. Право даёт руководитель клиники.")
    await check_choices(ctx, columns)
    if not data.despite_duplicate:
        same = Patient.phone_digits == columns["phone_digits"], Patient.search_name == columns["search_name"]
        if found := await matches_where(ctx, *same, limit=3):
            raise PossibleDuplicate(found)
    patient = Patient(**columns, card_number=await next_number(ctx.db, SERIES))
    ctx.db.add(patient)
    await ctx.db.flush()
    if document:
        ctx.db.add(IdentityDocument(patient_id=patient.id, **msgspec.structs.asdict(document)))
    for kind, address in addresses_of(data).items():
        if address:
            ctx.db.add(PatientAddress(patient_id=patient.id, kind=kind, **msgspec.structs.asdict(address)))
    await ctx.emit(PatientCreated(patient_id=patient.id, card_number=patient.card_number), patient)
    return Added(patient.id, patient.card_number)


async def edit_patient(ctx: Context, patient_id: int, data: EditedPatient) -> None:
    """Save the card. Without the right to see sensitive fields they stay as they are (PAT-08, PAT-09).

    Raises `Conflict` when somebody saved it in between, `Invalid`, `Denied`, `NotFound`.
    """
    ctx.require("patients.patient.edit")
    patient = await ctx.load(Patient, patient_id, lock=True)
    if patient.row_version != data.row_version:
        raise stale(data, values_of_card(await read_card(ctx, patient_id)), patient.row_version)
    columns = {**columns_of(ctx, data), "is_active": data.is_active}
    may_see = ctx.can("patients.sensitive.view")
    if not may_see:
        columns = {name: value for name, value in columns.items() if name not in SENSITIVE}
    before = {name: getattr(patient, name) for name in columns}
    changed = {name: value for name, value in columns.items() if value != before[name]}
    await check_choices(ctx, changed)
    for name, value in changed.items():
        setattr(patient, name, value)
    parts = [
        kind for kind, address in addresses_of(data).items() if await _save_address(ctx, patient_id, kind, address)
    ]
    hidden = {name: (before[name], value) for name, value in changed.items() if name in SENSITIVE}
    if may_see and (difference := await _save_document(ctx, patient_id, document_of(data))):
        hidden["document"] = difference
        parts.append("document")
    if changed or parts:
        flag_modified(patient, "search_name")
        await _audit_hidden(ctx, patient, hidden)
        await ctx.emit(PatientUpdated(patient_id=patient_id, changed=(*changed, *parts)), patient)


async def _audit_hidden(ctx: Context, patient: Patient, hidden: dict[str, tuple[Any, Any]]) -> None:
    if hidden:
        await ctx.audit(
            "patient.sensitive_changed",
            "patient",
            patient.id,
            f"Изменены документы в карточке № {patient.card_number:06d}.",
            before={name: msgspec.to_builtins(old) for name, (old, _) in hidden.items()},
            after={name: msgspec.to_builtins(new) for name, (_, new) in hidden.items()},
        )


async def _save_document(
    ctx: Context, patient_id: int, document: Document | None
) -> tuple[Document | None, Document | None] | None:
    """What it was and what it is now, or None when nothing changed."""
    columns = [getattr(IdentityDocument, name) for name in Document.__struct_fields__]
    row = (await ctx.db.execute(select(*columns).where(IdentityDocument.patient_id == patient_id))).one_or_none()
    known = Document(*row) if row else None
    if known == document:
        return None
    if document is None:
        await ctx.db.execute(delete(IdentityDocument).where(IdentityDocument.patient_id == patient_id))
    else:
        values = msgspec.structs.asdict(document)
        row = insert(IdentityDocument).values(patient_id=patient_id, **values)
        await ctx.db.execute(row.on_conflict_do_update(index_elements=["clinic_id", "patient_id"], set_=values))
    return known, document


async def _save_address(ctx: Context, patient_id: int, kind: str, address: Address | None) -> bool:
    """Whether it changed."""
    columns = [getattr(PatientAddress, name) for name in Address.__struct_fields__]
    same = PatientAddress.patient_id == patient_id, PatientAddress.kind == kind
    row = (await ctx.db.execute(select(*columns).where(*same))).one_or_none()
    if (Address(*row) if row else None) == address:
        return False
    if address is None:
        await ctx.db.execute(delete(PatientAddress).where(*same))
    else:
        values = msgspec.structs.asdict(address)
        row = insert(PatientAddress).values(patient_id=patient_id, kind=kind, **values)
        await ctx.db.execute(row.on_conflict_do_update(index_elements=["clinic_id", "patient_id", "kind"], set_=values))
    return True


async def delete_patient(ctx: Context, patient_id: int) -> None:
    """Put the card into the trash; history keeps it (GEN-04)."""
    ctx.require("patients.patient.delete")
    patient = await ctx.load(Patient, patient_id, lock=True)
    ctx.soft_delete(patient)
    await ctx.emit(PatientDeleted(patient_id=patient_id), patient)
    await ctx.audit("patient.deleted", "patient", patient_id, f"Удалена карточка № {patient.card_number:06d}.")


async def patient_restored(ctx: Context, patient: Patient) -> None:
    """The owner's part of taking a card back from the trash. Raises `Conflict` for an erased one."""
    if patient.erased_at is not None:
        raise Conflict("Персональные данные этой карточки стёрты: восстановить её нельзя.")
    await ctx.emit(PatientRestored(patient_id=patient.id), patient)
