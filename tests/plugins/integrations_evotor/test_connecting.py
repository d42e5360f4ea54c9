"""«Подключить»: what is wrong is said beside its field, and no receipt is made."""

from __future__ import annotations

import pytest

from prikus.testing.clinics import Client
from prikus.toolkit import note_result
from tests.plugins.integrations_evotor.conftest import Till


@pytest.mark.spec("INT-05", part="connecting")
async def test_login_password_and_group_connect_without_a_receipt(till: Till) -> None:
    assert (await till.connect()).status_code == 204
    listed = (await till.director.get("/connections/")).text
    assert "Чек при проверке не пробивался" in listed
    form = (await till.director.get(till.card)).text
    assert f"pass-{till.name}" not in form + listed
    assert await till.registered() == []


async def test_only_the_digital_register_is_offered_and_the_other_way_explained(till: Till) -> None:
    form = (await till.director.get("/connections/new/evotor")).text
    assert "Цифровая касса Эвотор" in form
    assert "с API-ключом пока недоступно" in form
    assert form.count('value="digital"') == 1


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"password": "other"}, "не принимает логин и пароль"),
        ({"group": "group-foreign"}, "не относится к этому логину"),
        ({"ffd": "1.05"}, "другой версией ФФД"),
        ({"inn": "77"}, "10 цифр у организации"),
        ({"way": "app"}, "выберите «Цифровая касса Эвотор»"),
    ],
)
async def test_what_is_wrong_is_said_and_can_be_mended(till: Till, wrong: dict[str, str], sentence: str) -> None:
    refused = await till.connect(**wrong)
    assert refused.status_code in (409, 422), refused.text
    assert sentence in refused.text
    assert (await till.connect()).status_code == 204


@pytest.mark.parametrize("fault", ["down", "broken", "limit"])
async def test_a_service_that_does_not_answer_is_said(till: Till, fault: str) -> None:
    await till.fake.misbehave(fault)
    assert (await till.connect()).status_code == 502
    assert "Подключить" in (await till.director.get("/connections/")).text
    assert (await till.connect()).status_code == 204


async def test_a_word_that_anybody_can_say_mends_no_connection(connected: Till, stranger: Client) -> None:
    outside = await connected.clinic.outside_as("plugin:integrations_evotor")
    await note_result(outside, connected.id, "Касса не отвечает.")
    path = await connected.path()
    assert (await stranger.post(path, json={"uuid": "u", "external_id": "n", "status": "done"})).status_code == 200
    assert "Касса не отвечает." in (await connected.director.get("/connections/")).text
