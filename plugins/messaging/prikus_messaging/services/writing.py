"""«Отправить смс»: a message is checked and put into the queue of its connection (CRM-28)."""

from __future__ import annotations

import datetime as dt

import msgspec

from prikus.toolkit import (
    Conflict,
    Context,
    Invalid,
    NotFound,
    Patient,
    full_name,
    patient_with_phone,
    read_phone,
)
from prikus_messaging.models import OutboundMessage
from prikus_messaging.schemas import LONGEST_NUMBER, NewMessage, Recipient, Written
from prikus_messaging.services.channels import usable
from prikus_messaging.services.counting import count_parts

RIGHT = "messaging.message.send"
MOST_PARTS = 10
USEFUL = dt.timedelta(hours=24)
"""How long a message is worth sending, unless its writer says otherwise."""
NOT_CONNECTED = "Сервис сообщений не подключён. Подключите его в «API Интеграции»."
NO_RECIPIENT = "Выберите пациента или введите номер телефона."
NO_PHONE = "У пациента нет номера телефона. Введите номер."
UNNAMED = "Подключено несколько сервисов: выберите, через какой отправить."
UNKNOWN = "Через этот сервис сейчас не отправить. Выберите другой."
TOO_LONG = f"Слишком длинно: больше {MOST_PARTS} сообщений. Сократите текст."
EMPTY = "Напишите текст сообщения."
NOT_AGREED = "Пациент не согласился получать рассылки: рекламное сообщение ему отправить нельзя."
NOBODY = "Рекламное сообщение можно отправить только пациенту, который согласился их получать."


async def recipient(ctx: Context, patient_id: int) -> Recipient:
    """The patient whom one is going to write to. Raises `NotFound`."""
    ctx.require(RIGHT)
    names = (Patient.last_name, Patient.first_name, Patient.patronymic)
    query = ctx.visible(Patient, *names, Patient.phone, Patient.mailing_enabled).where(Patient.id == patient_id)
    row = (await ctx.db.execute(query)).one_or_none()
    if row is None:
        raise NotFound()
    name = full_name(row.last_name, row.first_name, row.patronymic)
    return Recipient(patient_id, name, row.phone or None, takes_mailings=row.mailing_enabled)


async def repeated(ctx: Context, message_id: int) -> Recipient:
    """The form of a new message like this one; a patient in the trash is only a number. Raises `NotFound`."""
    ctx.require(RIGHT)
    one = await ctx.load(OutboundMessage, message_id)
    known = await _known(ctx, one.patient_id)
    typed = one.address if one.address != known.phone else None
    return msgspec.structs.replace(known, typed=typed, text=one.text, is_mailing=one.purpose == "mailing")


async def _known(ctx: Context, patient_id: int | None) -> Recipient:
    if patient_id is None:
        return Recipient()
    try:
        return await recipient(ctx, patient_id)
    except NotFound:
        return Recipient()


async def write_message(ctx: Context, new: NewMessage, *, expires_at: dt.datetime | None = None) -> Written:
    """Put a message into the queue; who calls this wakes the queue. What has not left by `expires_at` never does.

    Raises `Invalid` beside the fields, `Conflict` while no service is connected.
    """
    ctx.require(RIGHT)
    text = _checked_text(new.text)
    patient = await _patient(ctx, new)
    address = _address(new, patient)
    patient_id = patient.patient_id if patient else await patient_with_phone(ctx, address)
    if new.is_mailing and (refusal := await mailing_refusal(ctx, patient_id)):
        raise Invalid({"is_mailing": refusal})
    message = OutboundMessage(
        connection_id=await _connection(ctx, new.connection_id),
        patient_id=patient_id,
        purpose="mailing" if new.is_mailing else "service",
        address=address,
        text=text,
        parts=count_parts(text).parts,
        expires_at=expires_at or ctx.now() + USEFUL,
    )
    ctx.db.add(message)
    await ctx.db.flush()
    ctx.changed("messaging.messages", message.id)
    assert message.connection_id is not None
    return Written(message.id, message.connection_id)


def _checked_text(typed: str) -> str:
    """Line ends of browsers count as two signs, and twice in what one pays."""
    text = typed.replace("\r\n", "\n").replace("\r", "\n").strip()
    parts = count_parts(text).parts
    if not 0 < parts <= MOST_PARTS:
        raise Invalid({"text": TOO_LONG if parts else EMPTY})
    return text


async def _patient(ctx: Context, new: NewMessage) -> Recipient | None:
    if new.patient_id is None:
        return None
    try:
        return await recipient(ctx, new.patient_id)
    except NotFound:
        raise Invalid({"patient_id": "Такого пациента нет. Выберите его из списка."}) from None


def _address(new: NewMessage, patient: Recipient | None) -> str:
    typed = (new.phone or "").strip()
    if not typed and patient is None:
        raise Invalid({"patient_id": NO_RECIPIENT})
    if not typed and patient is not None:
        typed = patient.phone or ""
    if not typed:
        raise Invalid({"phone": NO_PHONE})
    try:
        address = read_phone(typed)
    except ValueError as error:
        raise Invalid({"phone": str(error)}) from None
    if len(address) > LONGEST_NUMBER:
        raise Invalid({"phone": "Проверьте номер: цифр слишком много."})
    return address


async def _connection(ctx: Context, wanted: int | None) -> int:
    offered = [one.connection_id for one in await usable(ctx)]
    if not offered:
        raise Conflict(NOT_CONNECTED)
    if wanted is None and len(offered) > 1:
        raise Invalid({"connection_id": UNNAMED})
    if wanted is not None and wanted not in offered:
        raise Invalid({"connection_id": UNKNOWN})
    return wanted or offered[0]


async def mailing_refusal(ctx: Context, patient_id: int | None) -> str | None:
    """Why an offer must not be sent to this patient, None when it may (PAT-11)."""
    if patient_id is None:
        return NOBODY
    agreed = ctx.visible(Patient, Patient.mailing_enabled).where(Patient.id == patient_id)
    return None if await ctx.db.scalar(agreed) else NOT_AGREED
