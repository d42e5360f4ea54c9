"""Ringing, and the sound of talks."""

from __future__ import annotations

import datetime as dt

from prikus.toolkit import Conflict, Context, OpenConnection, OutsideFailed
from prikus_integrations_beeline.schemas import RecordSaid, instant
from prikus_integrations_beeline.services import abonents
from prikus_integrations_beeline.services.abonents import digits
from prikus_integrations_beeline.services.client import IN_A_PAGE, Portal, portal
from prikus_integrations_beeline.settings import Settings
from prikus_telephony.public import LARGEST_RECORDING, CallRef, Recording

NO_TELEPHONE = "В облачной АТС «Билайн» нет телефона с внутренним номером {number}. Проверьте «Внутренние номера»."
ABROAD = "Облачная АТС «Билайн» звонит по щелчку только на российские номера. Наберите этот номер на телефоне."
NO_SOUND = "Билайн прислал вместо записи что-то другое. Повторите через несколько минут."
NEAR = dt.timedelta(minutes=2)


async def call(outside: Context, connection: OpenConnection[Settings], extension: str, phone: str) -> None:
    """Ring the telephone `extension`, then connect it with the client. Raises `Conflict` for what it cannot dial."""
    number = digits(phone)
    if number is None or len(number) != 10:
        raise Conflict(ABROAD)
    async with portal(outside, connection, IN_A_PAGE) as beeline:
        answer = await beeline.ask("POST", f"/abonents/{extension}/call", params={"phoneNumber": number})
    if answer.status == 404:
        raise Conflict(NO_TELEPHONE.format(number=extension))


async def find_recording(outside: Context, connection: OpenConnection[Settings], call: CallRef) -> str | None:
    """The recording's number, None while there is none."""
    user_id = await _user_of(outside, connection, call)
    async with portal(outside, connection) as beeline:
        if call.external_id.startswith("row-"):
            return await _alike(beeline, call, user_id)
        if user_id is None:
            return None
        answer = await beeline.ask("GET", f"/v2/records/{call.external_id}/{user_id}")
        return str(answer.json(RecordSaid).id) if answer.is_success else None


async def recording(outside: Context, connection: OpenConnection[Settings], call: CallRef) -> Recording | None:
    """The sound, by the recording's number or by the call. None when the exchange has none."""
    path = f"/v2/records/{call.recording_id}/download"
    if call.recording_id is None:
        user_id = await _user_of(outside, connection, call)
        if user_id is None or call.external_id.startswith("row-"):
            return None
        path = f"/v2/records/{call.external_id}/{user_id}/download"
    async with portal(outside, connection, IN_A_PAGE) as beeline:
        answer = await beeline.ask("GET", path, largest=LARGEST_RECORDING)
    if answer.status == 404:
        return None
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if not answer.body or not kind.startswith(("audio/", "application/octet-stream")):
        raise OutsideFailed(NO_SOUND)
    return Recording(answer.body)


async def _user_of(outside: Context, connection: OpenConnection[Settings], call: CallRef) -> str | None:
    async with outside.unit() as own:
        known = await abonents.people(own, connection.id)
    return next((one.user_id for one in known.values() if one.extension and one.extension == call.extension), None)


async def _alike(beeline: Portal, call: CallRef, user_id: str | None) -> str | None:
    """The one recording at that telephone and time, for a call that only the statistics told of."""
    around = {"dateFrom": call.started_at - NEAR, "dateTo": call.started_at + NEAR}
    asked = {name: at.strftime("%Y-%m-%dT%H:%M:%S.000Z") for name, at in around.items()}
    found = (await beeline.ask("GET", "/records", params={"userId": user_id or "", **asked})).json(list[RecordSaid])
    near = [one for one in found if abs(instant(one.date) - call.started_at) <= NEAR]
    return str(near[0].id) if len(near) == 1 and user_id else None
