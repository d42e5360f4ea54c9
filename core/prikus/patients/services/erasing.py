"""Erasing a person and keeping what the law keeps: invoices and visits stay, without a name (reliability 52)."""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError

from prikus.access.context import Context
from prikus.errors import Invalid
from prikus.patients.events import PatientErased
from prikus.patients.hookspecs import Erasing
from prikus.patients.jobs import LATE, OfPatient, empty_again, forget_facts
from prikus.patients.models import Patient, PatientErasure
from prikus.patients.services.emptying import empty_rows
from prikus.patients.services.moving import refusal_of
from prikus.patients.services.names import name_columns

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
    rows = await empty_rows(ctx, patient.id)
    _blank(patient)
    patient.erased_at = ctx.now()
    ctx.soft_delete(patient)
    act = PatientErasure(patient_id=patient.id, reason=reason, rows={name: n for name, n in rows.items() if n})
    ctx.db.add(act)
    await ctx.emit(PatientErased(patient_id=patient.id), patient)
    await ctx.enqueue(forget_facts, OfPatient(patient.id))
    await ctx.enqueue(empty_again, OfPatient(patient.id), ctx.now() + LATE)
    sentence = f"Стёрты персональные данные карты № {patient.card_number:06d}. Основание: {reason}"
    await ctx.audit("patient.erased", "patient", patient.id, sentence, after={"rows": act.rows})
    return act.id


def _blank(patient: Patient) -> None:
    patient.last_name, patient.first_name, patient.patronymic = NAME
    for name, value in name_columns(*NAME).items():
        setattr(patient, name, value)
    patient.phone = patient.phone_digits = ""
    patient.is_active = patient.mailing_enabled = False
    for name in EMPTIED:
        setattr(patient, name, None)
