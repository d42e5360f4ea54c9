"""Erasing a person and keeping what the law keeps: invoices and visits stay, without a name (reliability 52)."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from prikus.access.context import Context
from prikus.errors import Invalid
from prikus.patients.events import PatientErased
from prikus.patients.hookspecs import Erasing
from prikus.patients.jobs import ForgetFacts, forget_facts
from prikus.patients.models import Patient, PatientErasure
from prikus.patients.services.attached import FILE, erase_files, files_to_erase
from prikus.patients.services.moving import refusal_of
from prikus.patients.services.names import name_columns
from prikus.patients.services.tracing import PATIENT, Map, Reached, read_map

RIGHT = "patients.patient.erase"
NAME = ("Данные", "стёрты", None)
EMPTIED = (
    "home_phone",
    "email",
    "birth_date",
    "gender_id",
    "marketing_channel_id",
    "patient_group_id",
    "coordinator_id",
    "snils",
    "inn",
    "oms_policy_number",
    "comment",
)
# What was audited about the card or about any row of it; plugins name the kind with or without their schema.
AUDIT = """
    update core.audit_record set before = null, after = null
    where object_kind in (:table, :full_name) and object_id in ({ids})
"""


async def erase_patient(ctx: Context, patient_id: int, reason: str) -> int:
    """Empty the card and every personal text about the patient; answers the id of the act.

    Rows that are nothing without the card are deleted, and so are files of rows that are deleted or emptied. Invoices,
    payments, visits stay: the law keeps them. There is no way back. Raises `Conflict` when a plugin still needs the
    person, `Invalid` without a reason, `NotFound`, `Denied`.
    """
    ctx.require(RIGHT)
    if not reason.strip():
        raise Invalid({"reason": "Напишите, на каком основании стираются данные."})
    try:
        async with ctx.lifecycle_unit() as own:
            patient = await own.load(Patient, patient_id, lock=True)
            return await _erase(own, patient, reason.strip())
    except DBAPIError as error:
        raise refusal_of(ctx.system, error) from error


async def erase_confirmed(ctx: Context, patient_id: int, number: int | None, reason: str) -> int:
    """The same after the card's number was typed again: there is no way back. Raises `Invalid` for another number."""
    right = await number_to_confirm(ctx, patient_id)
    if number != right:
        raise Invalid({"card_number": f"Введите номер карты {right:06d}, чтобы подтвердить."})
    return await erase_patient(ctx, patient_id, reason)


async def number_to_confirm(ctx: Context, patient_id: int) -> int:
    """The number that is typed again before a card is erased. Raises `NotFound`, `Denied`."""
    ctx.require(RIGHT)
    return (await ctx.load(Patient, patient_id)).card_number


async def _erase(ctx: Context, patient: Patient, reason: str) -> int:
    await ctx.run_lifecycle("patient_erasing", erasing=Erasing(patient.id))
    found = await read_map(ctx.db)
    reached = found.reach()
    files = await files_to_erase(ctx, found, reached, patient.id)
    rows: dict[str, int] = {}
    await _empty_audit(ctx, patient.id, reached)
    for table in reached:
        if table.personal:
            rows[table.table] = await _empty(ctx, table, patient.id)
    for table in reversed(reached):
        if table.is_owned and not table.personal:
            rows[table.table] = await _delete(ctx, table, found, patient.id)
    rows[FILE] = await erase_files(ctx, found, files)
    _blank(patient)
    patient.erased_at = ctx.now()
    ctx.soft_delete(patient)
    act = PatientErasure(patient_id=patient.id, reason=reason, rows={name: n for name, n in rows.items() if n})
    ctx.db.add(act)
    await ctx.emit(PatientErased(patient_id=patient.id), patient)
    await ctx.enqueue(forget_facts, ForgetFacts(patient.id))
    sentence = f"Стёрты персональные данные карты № {patient.card_number:06d}. Основание: {reason}"
    await ctx.audit("patient.erased", "patient", patient.id, sentence, after={"rows": act.rows})
    return act.id


async def _empty(ctx: Context, table: Reached, patient_id: int) -> int:
    """Empty the personal columns; the number of rows that had something in them."""
    sets = ", ".join(f"{name} = {empty}" for name, empty in table.personal.items())
    full = " or ".join(f"{name} is distinct from {empty}" for name, empty in table.personal.items())
    change = f"update {table.table} set {sets} where ({table.where}) and ({full}) returning 1"
    return len((await ctx.db.execute(text(change), {"patient": patient_id})).all())


async def _delete(ctx: Context, table: Reached, found: Map, patient_id: int) -> int:
    """Delete rows that belong to the card; what refers to them softly refers to nothing now."""
    for one in found.references:
        if one.target == table.table and not one.on_delete and not one.obligatory:
            rows = f"select id from {table.table} where {table.where}"
            softly = f"update {one.table} set {one.column} = null where {one.column} in ({rows})"
            await ctx.db.execute(text(softly), {"patient": patient_id})
    gone = f"delete from {table.table} where {table.where} returning 1"
    return len((await ctx.db.execute(text(gone), {"patient": patient_id})).all())


async def _empty_audit(ctx: Context, patient_id: int, reached: list[Reached]) -> None:
    """While the rows can still be found: who did what and when stays, what it was about the person goes."""
    about = {PATIENT: ":patient"} | {one.table: f"select id from {one.table} where {one.where}" for one in reached}
    for table, ids in about.items():
        full_name = table.replace('"', "")
        values = {"table": full_name.split(".", 1)[1], "full_name": full_name, "patient": patient_id}
        await ctx.db.execute(text(AUDIT.format(ids=ids)), values)


def _blank(patient: Patient) -> None:
    patient.last_name, patient.first_name, patient.patronymic = NAME
    for name, value in name_columns(*NAME).items():
        setattr(patient, name, value)
    patient.phone = patient.phone_digits = ""
    patient.is_active = patient.mailing_enabled = False
    for name in EMPTIED:
        setattr(patient, name, None)
