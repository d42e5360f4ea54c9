"""The exchanges of the clinic: asking one to call, fetching the sound of a talk."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import select, update

from prikus.toolkit import (
    WORKS,
    Conflict,
    ConnectionInfo,
    Context,
    NotFound,
    OpenConnection,
    Patient,
    Problem,
    connections_of,
    full_name,
    known_connections,
    note_result,
    open_connection,
)
from prikus_telephony.models import CallLeg, PhoneCall
from prikus_telephony.schemas import Caller, CallRef, Recording, TelephonyProvider
from prikus_telephony.services.extensions import named_extension, own_extension
from prikus_telephony.services.hearing import reconcile

LOOK_BACK = dt.timedelta(hours=2)
NOT_CONNECTED = "Телефония не подключена. Подключите её в «API Интеграции»."
NO_EXTENSION = "За вами не закреплён внутренний номер. Его назначает руководитель: «Звонки» → «Внутренние номера»."
UNNAMED = "Программа называет телефон, который зазвонит первым: extension_id."
NO_RECORDING = "Записи этого разговора нет. Она появляется через несколько минут после звонка, если запись включена."
HIDDEN = "Номер скрыт, перезвонить на него нельзя."


def providers(ctx: Context) -> dict[str, TelephonyProvider]:
    """Exchanges of effective plugins, by kind of connection."""
    return {provider.kind: provider for provider in ctx.describe("telephony_providers")}


async def exchanges(ctx: Context) -> list[ConnectionInfo]:
    """Connections that a telephone may belong to."""
    known = providers(ctx)
    return [one for one in await known_connections(ctx) if one.kind in known]


async def whom(ctx: Context, patient_id: int) -> Caller:
    """The patient who is going to be called. Raises `NotFound`."""
    ctx.require("telephony.call.make")
    names = (Patient.last_name, Patient.first_name, Patient.patronymic)
    columns = (Patient.id, *names, Patient.card_number, Patient.birth_date, Patient.phone)
    row = (await ctx.db.execute(ctx.visible(Patient, *columns).where(Patient.id == patient_id))).one_or_none()
    if row is None:
        raise NotFound()
    name = full_name(row.last_name, row.first_name, row.patronymic)
    return Caller(row.id, name, row.card_number, row.birth_date, row.phone)


async def call_patient(outside: Context, patient_id: int, extension_id: int | None = None) -> str:
    """Ring the actor's telephone, or the one that is named, then connect it with the patient. Returns the number."""
    outside.require("telephony.call.make")
    async with outside.unit() as own:
        phone = await own.db.scalar(own.visible(Patient, Patient.phone).where(Patient.id == patient_id))
        if phone is None:
            raise NotFound()
        extension, opened = await _exchange(own, extension_id)
    await _call(outside, opened, extension, phone)
    return phone


async def call_back(outside: Context, call_id: int, extension_id: int | None = None) -> str:
    """The same with the number that called. Raises `Conflict` for a hidden one."""
    outside.require("telephony.call.make")
    async with outside.unit() as own:
        call = await own.load(PhoneCall, call_id)
        if call.client_number is None:
            raise Conflict(HIDDEN)
        phone = call.client_number
        extension, opened = await _exchange(own, extension_id)
    await _call(outside, opened, extension, phone)
    return phone


async def _exchange(ctx: Context, extension_id: int | None) -> tuple[str, OpenConnection[Any]]:
    mine = await (own_extension(ctx) if extension_id is None else named_extension(ctx, extension_id))
    if mine is None:
        raise Conflict(NO_EXTENSION if ctx.actor.kind == "staff" else UNNAMED)
    return mine[1], await _opened(ctx, mine[0])


async def _opened(ctx: Context, connection_id: int | None) -> OpenConnection[Any]:
    found = next((one for one in await exchanges(ctx) if one.id == connection_id and one.state in WORKS), None)
    if found is None:
        raise Conflict(NOT_CONNECTED)
    return await open_connection(ctx, found.id)


async def _call(outside: Context, connection: OpenConnection[Any], extension: str, phone: str) -> None:
    await providers(outside)[connection.kind].call(outside, connection, extension, phone)


async def look_back(outside: Context) -> list[int]:
    """Merge what the exchanges' statistics tell of the last hours: events are lost, rows are not.

    Returns the talks that are over by it. One that does not answer does not keep the others waiting; its state says so.
    """
    async with outside.unit() as own:
        known = providers(own)
        opened = [one for kind in known for one in await connections_of(own, kind)]
        until = own.now()
    talks = []
    for connection in opened:
        try:
            seen = await known[connection.kind].statistics(outside, connection, until - LOOK_BACK, until)
        except Problem as problem:
            await note_result(outside, connection.id, error=problem.sentence)
            continue
        async with outside.unit() as own:
            talks += await reconcile(own, connection.id, seen)
        await note_result(outside, connection.id, None)
    return talks


async def recording(outside: Context, call_id: int) -> Recording:
    """The sound of a talk, fetched from its exchange; the listening is in the audit before it is handed out (CRM-24).

    Raises `NotFound` while there is no recording.
    """
    outside.require("telephony.recording.listen")
    async with outside.unit() as own:
        call = await own.load(PhoneCall, call_id)
        opened, ref = await _opened(own, call.connection_id), await _ref(own, call)
    found = await providers(outside)[opened.kind].recording(outside, opened, ref)
    if found is None:
        raise NotFound(NO_RECORDING)
    async with outside.unit() as own:
        await own.audit("telephony.recording.listened", "call", call_id, "Прослушана запись разговора")
    return found


async def find_recording(outside: Context, call_id: int) -> bool:
    """Ask the exchange for the number of the recording and keep it. Whether there is nothing more to be asked."""
    async with outside.unit() as own:
        call = await own.db.scalar(select(PhoneCall).where(PhoneCall.id == call_id))
        known = [] if call is None else [one for one in await exchanges(own) if one.id == call.connection_id]
        if call is None or call.recording_id is not None or not known or known[0].state not in WORKS:
            return True
        opened, ref = await open_connection(own, known[0].id), await _ref(own, call)
    seek = providers(outside)[opened.kind].find_recording
    if seek is None:
        return True
    try:
        found = await seek(outside, opened, ref)
    except Problem:
        return False
    if found is not None:
        async with outside.unit() as own:
            await own.db.execute(update(PhoneCall).where(PhoneCall.id == call_id).values(recording_id=found))
            own.changed("telephony.calls")
    return found is not None


async def _ref(ctx: Context, call: PhoneCall) -> CallRef:
    leg = select(CallLeg.leg_id).where(CallLeg.call_id == call.id, CallLeg.answered_at.is_not(None))
    return CallRef(
        external_id=call.external_id,
        leg_id=await ctx.db.scalar(leg.order_by(CallLeg.answered_at, CallLeg.leg_id).limit(1)),
        extension=call.extension,
        direction="in" if call.direction == "in" else "out",
        started_at=call.started_at,
        client_number=call.client_number,
        recording_id=call.recording_id,
    )
