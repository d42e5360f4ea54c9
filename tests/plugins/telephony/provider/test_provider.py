"""What telephony asks of an exchange: to call, for the sound of a talk, for its statistics."""

from __future__ import annotations

from typing import Any

import httpx
import msgspec
import pytest

from prikus.testing.clinics import TestClinic
from prikus.testing.following import followed
from prikus_ringer.fake import LONG
from prikus_telephony.services.providers import look_back
from tests.plugins.telephony.conftest import NUMBER, Exchange, make_patient
from tests.waiting import PATIENCE

AUDIT = "select object_id from core.audit_record where action = 'telephony.recording.listened'"


async def rung(ringer: str) -> list[Any]:
    async with httpx.AsyncClient(base_url=ringer, timeout=PATIENCE) as client:
        return (await client.get("/rung")).json()


async def test_a_click_in_the_card_rings_ones_own_telephone(
    clinic: TestClinic, exchange: Exchange, ringer: str
) -> None:
    async with clinic.ctx_as("director") as ctx:
        patient = await make_patient(ctx, phone="+79990001122")
    administrator = await clinic.staff("administrator", last_name="Петрова")
    client = (await clinic.client_as(administrator)).htmx
    path = f"/telephony/patients/{patient}/call"
    refused = await client.post(path)
    assert refused.status_code == 409
    assert "не закреплён внутренний номер" in refused.json()["sentence"]
    await exchange.give("204", administrator.staff_id)
    assert "204" in (await client.get(path)).text
    assert (await client.post(path)).status_code == 204
    assert {"extension": "204", "phone": "+79990001122"} in await rung(ringer)
    missed = await exchange.miss(client_number="+79990003344")
    assert (await client.post(f"/telephony/calls/{missed}/call-back")).status_code == 204
    assert {"extension": "204", "phone": "+79990003344"} in await rung(ringer)


async def test_a_program_rings_the_telephone_that_it_names_and_nobody_elses(
    clinic: TestClinic, exchange: Exchange, ringer: str
) -> None:
    """A program has no desk: its own number must not be taken for that of a member of the staff."""
    async with clinic.ctx_as("director") as ctx:
        patient = await make_patient(ctx, phone="+79990001144")
    for number in range(4):
        person = await clinic.staff("administrator", last_name=f"Соседова{number}")
        await exchange.give(f"30{number}", person.staff_id)
    program = await clinic.program("telephony.call.make", "telephony.call.view", "telephony.extension.edit")
    unnamed = await program.post("/api/v1/telephony/calls", json={"patient_id": patient})
    assert (unnamed.status_code, "extension_id" in unnamed.json()["sentence"]) == (409, True)
    known = {row["number"]: row["id"] for row in (await program.get("/api/v1/telephony/extensions")).json()}
    wish = {"patient_id": patient, "extension_id": known["302"]}
    assert (await program.post("/api/v1/telephony/calls", json=wish)).json() == {"phone": "+79990001144"}
    assert [one for one in await rung(ringer) if one["phone"] == "+79990001144"] == [
        {"extension": "302", "phone": "+79990001144"}
    ]
    missed = await exchange.miss(client_number="+79990003355")
    path = f"/api/v1/telephony/calls/{missed}"
    assert (await program.post(f"{path}/call-back", json={"extension_id": known["301"]})).status_code == 200
    assert {"extension": "301", "phone": "+79990003355"} in await rung(ringer)
    assert (await program.get(path)).json()["is_answered"] is False
    assert (await program.get(f"{path}/recording")).status_code == 403


async def test_a_program_hears_a_recording_with_the_right(clinic: TestClinic, exchange: Exchange) -> None:
    talk = await exchange.ring("released", call="talk-2")
    await exchange.settle()
    program = await clinic.program("telephony.recording.listen", "telephony.call.view", per_minute=3000)
    heard = await program.get(f"/api/v1/telephony/calls/{talk}/recording")
    assert (heard.content, heard.headers["content-type"]) == (b"sound of talk-2", "audio/mpeg")
    assert await exchange.rows(AUDIT) == [(talk,)]
    found, _ = await followed(program, "/api/v1/telephony/calls/changes", [talk])
    assert (found[talk]["state"], found[talk]["is_answered"]) == ("finished", True)


async def test_a_switched_off_connection_is_said(clinic: TestClinic, exchange: Exchange) -> None:
    talk = await exchange.ring("released")
    async with clinic.ctx_as("director") as ctx:
        connection = await ctx.db.connection()
        await connection.exec_driver_sql("update core.connection set state = 'off'")
    director = await clinic.client_as("director")
    answer = await director.get(f"/telephony/calls/{talk}/recording")
    assert answer.status_code == 409
    assert "Телефония не подключена" in answer.text


@pytest.mark.spec("CRM-24", bites="prikus_telephony.services.providers:recording:own.audit(")
async def test_a_recording_is_heard_with_the_right_and_noted(clinic: TestClinic, exchange: Exchange) -> None:
    talk = await exchange.ring("released", call="talk-1")
    await exchange.settle()
    path = f"/telephony/calls/{talk}/recording"
    administrator = await clinic.client_as("administrator")
    assert (await administrator.get(path)).status_code == 403
    assert await exchange.rows(AUDIT) == []
    director = await clinic.client_as("director")
    assert "player" in (await director.get("/telephony/calls")).text
    heard = await director.get(path)
    assert (heard.content, heard.headers["content-type"]) == (b"sound of talk-1", "audio/mpeg")
    assert heard.headers["cache-control"] == "no-store"
    assert await exchange.rows(AUDIT) == [(talk,)]


async def test_a_long_talk_is_heard_whole(clinic: TestClinic, exchange: Exchange) -> None:
    """Three megabytes: more than an answer of a service may have that is not a recording."""
    talk = await exchange.ring("released", call="long")
    heard = await (await clinic.client_as("director")).get(f"/telephony/calls/{talk}/recording")
    assert (heard.status_code, len(heard.content)) == (200, LONG)


async def test_no_recording_is_said_and_not_noted(clinic: TestClinic, exchange: Exchange) -> None:
    silent = await exchange.ring("released", call="silent")
    answer = await (await clinic.client_as("director")).get(f"/telephony/calls/{silent}/recording")
    assert answer.status_code == 404
    assert "Записи этого разговора нет" in answer.text
    assert await exchange.rows(AUDIT) == []


async def test_statistics_bring_what_no_event_told(clinic: TestClinic, exchange: Exchange, ringer: str) -> None:
    await exchange.ring("ringing")
    lost = exchange.seen(-600, call="lost", is_answered=False, client_number="+79990005566")
    rows = [exchange.seen(-2, is_answered=False), lost]
    async with httpx.AsyncClient(base_url=ringer, timeout=PATIENCE) as control:
        await control.post("/statistics", content=msgspec.json.encode(rows))
    outside = await clinic.outside_as("plugin:telephony")
    for _ in range(2):
        await look_back(outside)
    query = "select client_number, state, is_answered from telephony.phone_call order by started_at"
    assert await exchange.rows(query) == [("+79990005566", "finished", False), (NUMBER, "finished", False)]
