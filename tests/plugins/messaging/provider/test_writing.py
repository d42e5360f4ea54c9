"""«Отправить смс»: who may write what to whom, and over what."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from sqlalchemy import insert

from prikus.connections.models import Connection
from prikus.testing.clinics import Client
from prikus_messaging.public import NewMessage, send_message
from tests.plugins.messaging.provider.conftest import NUMBER, WORDS, Post

NEW = "/messaging/messages/new"
PROGRAM = "/api/v1/messaging/messages"


def form(**other: Any) -> dict[str, Any]:
    return {"text": WORDS, "idempotency_key": uuid.uuid4().hex, **other}


async def refused(client: Client, **typed: Any) -> dict[str, str]:
    answer = await client.post(NEW, data=form(**typed))
    assert answer.status_code == 422, answer.text
    return answer.json()["fields"]


@pytest.mark.spec(
    "CRM-28", part="recipient and text", bites="prikus_messaging.services.writing:_address:typed = patient.phone"
)
async def test_a_message_goes_to_the_number_of_the_card_or_the_one_that_is_typed(post: Post) -> None:
    patient = await post.clinic.patient(phone="+79123401289")
    shown = (await post.director.get(f"/messaging/patients/{patient}/message")).text
    assert "Морозова Анна" in shown
    assert "Почтальон" not in shown, "one service is not chosen"
    assert "+7 912 340-12-89" in shown
    assert 'value="+7 912 340-12-89"' not in shown, "it would stay when another patient is chosen"
    for typed in ({"patient_id": patient}, {"patient_id": patient, "phone": "8 (916) 123-45-67"}, {"phone": NUMBER}):
        answer = await post.director.post(NEW, data=form(**typed))
        assert answer.status_code == 204, answer.text
    assert await post.work() == ["accepted"] * 3
    assert await post.rows("address, patient_id") == [("+79123401289", patient), (NUMBER, patient), (NUMBER, None)]
    assert len(await post.sent()) == 3


async def test_the_one_patient_of_a_typed_number_is_known(post: Post) -> None:
    patient = await post.clinic.patient(phone=NUMBER)
    await post.write()
    assert await post.rows("patient_id") == [(patient,)]


async def test_what_is_missing_is_said_beside_its_field(post: Post) -> None:
    without = await post.clinic.patient(phone="+79123401289")
    await post.clinic.change(f"update core.patient set phone = '', phone_digits = '' where id = {without}")
    assert set(await refused(post.director)) == {"patient_id"}
    assert set(await refused(post.director, patient_id=without)) == {"phone"}
    assert set(await refused(post.director, patient_id=10**9)) == {"patient_id"}
    assert set(await refused(post.director, phone="12")) == {"phone"}
    assert set(await refused(post.director, phone=NUMBER, text="ж" * 671)) == {"text"}
    assert set(await refused(post.director, phone=NUMBER, text="  ")) == {"text"}
    assert await post.rows("id") == []


async def test_line_ends_of_a_browser_are_one_sign(post: Post) -> None:
    text = "\r\n".join(["ж" * 34] * 2)
    assert (await post.director.post(NEW, data=form(phone=NUMBER, text=text))).status_code == 204
    assert await post.rows("length(text), parts") == [(69, 1)]


async def test_pressed_twice_it_is_one_message(post: Post) -> None:
    said = form(phone=NUMBER)
    for _ in range(2):
        assert (await post.director.post(NEW, data=said)).status_code == 204
    await post.work()
    assert len(await post.sent()) == 1


async def test_of_several_services_one_is_chosen(post: Post) -> None:
    async with post.clinic.ctx_as("director") as ctx:
        values = {"plugin_id": "pigeon", "kind": "pigeon", "title": "Голубь", "state": "on"}
        other = (await ctx.db.execute(insert(Connection).values(values).returning(Connection.id))).scalar_one()
    panel = (await post.director.get(NEW)).text
    assert "Почтальон" in panel
    assert "Голубь" in panel
    assert set(await refused(post.director, phone=NUMBER)) == {"connection_id"}
    assert set(await refused(post.director, phone=NUMBER, connection_id=10**9)) == {"connection_id"}
    assert (await post.director.post(NEW, data=form(phone=NUMBER, connection_id=other))).status_code == 204
    assert await post.rows("connection_id") == [(other,)]


@pytest.mark.spec("PAT-11", part="messages", bites="prikus_messaging.services.writing:write_message:raise Invalid")
async def test_an_offer_is_for_those_who_agreed_only(post: Post) -> None:
    patient = await post.clinic.patient(phone=NUMBER)
    assert set(await refused(post.director, patient_id=patient, is_mailing="1")) == {"is_mailing"}
    assert set(await refused(post.director, phone="+79990000001", is_mailing="1")) == {"is_mailing"}
    assert (await post.director.post(NEW, data=form(patient_id=patient))).status_code == 204
    await post.clinic.change(f"update core.patient set mailing_enabled = true where id = {patient}")
    assert (await post.director.post(NEW, data=form(patient_id=patient, is_mailing="1"))).status_code == 204
    assert await post.rows("purpose") == [("service",), ("mailing",)]


async def test_who_withdraws_gets_no_offer_that_waits(post: Post) -> None:
    patient = await post.clinic.patient(phone=NUMBER, mailing_enabled=True)
    await post.write(patient_id=patient, phone=None, is_mailing=True)
    await post.write(patient_id=patient, phone=None)
    await post.clinic.change(f"update core.patient set mailing_enabled = false where id = {patient}")
    assert await post.work() == ["failed", "accepted"]
    assert len(await post.sent()) == 1


SWITCH = re.compile(r'<input[^>]*name="is_mailing"[^>]*>')


async def test_an_offer_that_is_written_again_stays_one(post: Post) -> None:
    patient = await post.clinic.patient(phone=NUMBER, mailing_enabled=True)
    offer = await post.write(patient_id=patient, phone=None, is_mailing=True)
    service = await post.write(patient_id=patient, phone=None)
    shown = [(await post.director.get(NEW, params={"again": message})).text for message in (offer, service)]
    assert ["checked" in SWITCH.findall(page)[0] for page in shown] == [True, False]


async def test_who_is_in_the_trash_is_written_to_by_number(post: Post) -> None:
    patient = await post.clinic.patient(phone=NUMBER)
    message = await post.write(patient_id=patient, phone=None)
    await post.clinic.change(f"update core.patient set deleted_at = now() where id = {patient}")
    again = await post.director.get(NEW, params={"again": message})
    assert again.status_code == 200
    assert WORDS in again.text
    assert 'value="+7 916 123-45-67"' in again.text
    assert "Морозова" not in again.text


async def test_without_the_right_nothing_is_written(post: Post) -> None:
    doctor = (await post.clinic.client_as("doctor")).htmx
    for answer in (await doctor.post(NEW, data=form(phone=NUMBER)), await doctor.get(NEW)):
        assert answer.status_code == 403
    program = await post.clinic.program("messaging.message.view")
    key = {"Idempotency-Key": uuid.uuid4().hex}
    assert (await program.post(PROGRAM, json={"text": WORDS, "phone": NUMBER}, headers=key)).status_code == 403
    assert await post.rows("id") == []


async def test_a_program_writes_once_for_its_key(post: Post) -> None:
    program = await post.clinic.program("messaging.message.send", "messaging.message.view")
    [channel] = (await program.get("/api/v1/messaging/channels")).json()
    key = {"Idempotency-Key": uuid.uuid4().hex}
    body = {"text": WORDS, "phone": NUMBER, "connection_id": channel["connection_id"]}
    answers = [await program.post(PROGRAM, json=body, headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    await post.work()
    [row] = (await program.get(PROGRAM, params={"phone": NUMBER})).json()["rows"]
    assert (row["id"], row["state"], row["cost"]) == (answers[0].json()["message_id"], "accepted", "4.200000")
    assert len(await post.sent()) == 1


async def test_other_plugins_write_with_the_right_that_they_ask_for(post: Post) -> None:
    async with post.clinic.ctx_as("director") as ctx:
        number = await send_message(ctx, NewMessage(text=WORDS, phone=NUMBER))
    await post.clinic.drain()
    assert await post.rows("id, state") == [(number, "accepted")]


async def test_without_a_service_it_is_said(post: Post) -> None:
    await post.linked.disconnect()
    assert "не подключён" in (await post.director.get(NEW)).text
    assert (await post.director.post(NEW, data=form(phone=NUMBER))).status_code == 409
    assert "Сервис сообщений не подключён" in (await post.director.get("/messaging/messages")).text
