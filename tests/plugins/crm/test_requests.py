"""The list and the form as people use them."""

from __future__ import annotations

import datetime as dt
import re
from itertools import count
from typing import Any

import pytest

from prikus.testing.clinics import Client, TestClinic
from tests.plugins.crm.test_hearing import heard, patient

keys = count(1)


async def desk_of(clinic: TestClinic) -> Client:
    return (await clinic.client_as("administrator")).htmx


async def written(desk: Client, **values: Any) -> Any:
    return await desk.post("/crm/requests/new", data={"idempotency_key": f"request-{next(keys):06}", **values})


def addresses(page: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"/crm/requests/\d+(?=/edit)", page)))


async def only(desk: Client, **query: Any) -> list[str]:
    """Names in the list."""
    listed = re.sub("</?mark>", "", (await desk.get("/crm/", params=query)).text)
    return re.findall(r'aria-haspopup="dialog">([^<]+)</button>', listed)


@pytest.mark.spec("CRM-01", part="by hand, without channel, branch, wanted service and utm")
@pytest.mark.spec("CRM-03", part="without a log of changes and the warning at leaving")
async def test_a_request_is_written_changed_and_not_overwritten(clinic: TestClinic) -> None:
    desk = await desk_of(clinic)
    doctor = str((await clinic.staff("doctor", last_name="Петрова")).staff_id)
    said = {"email": "inna@example.ru", "text": "Отбеливание", "comment": "Спешит"}
    said |= {"next_on": "2030-01-15", "responsible_id": doctor}
    key = {"idempotency_key": "request-twice"}
    for _ in range(2):
        made = await written(desk, name="Захарова Инна", phone="8 912 004-61-37", **said, **key)
        assert made.status_code == 204, made.text
    address, *more = addresses((await desk.get("/crm/")).text)
    assert more == []
    panel = (await desk.get(f"{address}/edit")).text.replace("\N{NO-BREAK SPACE}", " ")
    for value in ("+7 912 004-61-37", "inna@example.ru", "2030-01-15"):
        assert f'value="{value}"' in panel
    for words in (f'value="{doctor}" selected', ">Отбеливание<", ">Спешит<"):
        assert words in panel
    form = {"name": "Захарова Инна", "phone": "+79120046137", "status": "work", "comment": "Рассрочка"}
    assert (await desk.post(f"{address}/edit", data=form | {"row_version": "1"})).status_code == 204
    stale = await desk.post(f"{address}/edit", data=form | {"row_version": "1", "comment": "Другое"})
    assert stale.status_code == 409
    assert "Сейчас: «Рассрочка»." in stale.text
    listed = (await desk.get("/crm/")).text
    assert "Рассрочка" in listed
    assert "В работе" in listed


async def test_each_mistake_stands_beside_its_field(clinic: TestClinic) -> None:
    desk = await desk_of(clinic)
    assert "Укажите имя" in (await written(desk, comment="просто так")).json()["fields"]["name"]
    answer = await written(desk, name="А" * 301, phone="12", email="почта", status="refused", patient_id="999999999")
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {"name", "phone", "email", "refusal"}
    assert "patient_id" in (await written(desk, name="Анна", patient_id="999999999")).json()["fields"]


@pytest.mark.spec("CRM-06")
async def test_the_list_is_narrowed_to_days(clinic: TestClinic) -> None:
    desk = await desk_of(clinic)
    await heard(clinic, external_id="1", name="Анна", received_at=dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC))
    await heard(clinic, external_id="2", name="Борис", received_at=dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC))
    assert await only(desk, date_from="2026-03-02") == ["Борис"]
    assert await only(desk, date_to="2026-03-01") == ["Анна"]
    assert await only(desk, date_from="2026-03-01", date_to="2026-03-02") == ["Борис", "Анна"]


@pytest.mark.spec("CRM-07", part="without the colleague who created it")
async def test_the_list_is_narrowed(clinic: TestClinic) -> None:
    desk = await desk_of(clinic)
    doctor, known = (await clinic.staff("doctor")).staff_id, await patient(clinic, "Озерова")
    site = {"phone": "+79120340122", "email": "inna@example.ru", "text": "Элайнеры"}
    await heard(clinic, external_id="1", name="Инна", **site)
    told = {"status": "thinking", "responsible_id": str(doctor), "comment": "Рассрочка"}
    await written(desk, name="Борис", patient_id=str(known), **told)
    assert await only(desk) == ["Озерова Анна", "Инна"]
    for narrowed, left in (
        ({"source": "site"}, ["Инна"]),
        ({"source": "hand"}, ["Озерова Анна"]),
        ({"status": "thinking"}, ["Озерова Анна"]),
        ({"responsible": doctor}, ["Озерова Анна"]),
        ({"sort": "received"}, ["Инна", "Озерова Анна"]),
        *(({"q": words}, ["Инна"]) for words in ("элайн", "340-12", "8912034", "инн", "inna@")),
        *(({"q": words}, ["Озерова Анна"]) for words in ("озеров", "рассроч")),
    ):
        assert await only(desk, **narrowed) == left, narrowed
    found = await desk.get("/api/v1/crm/requests", params={"status": "new"})
    assert [(one["name"], one["source"]) for one in found.json()["rows"]] == [("Инна", "Сайт")]


async def test_pages_are_turned_over_without_loss(clinic: TestClinic) -> None:
    desk = await desk_of(clinic)
    for number in range(35):
        await heard(clinic, external_id=str(number), name=f"Имя {number}")
    first = (await desk.get("/api/v1/crm/requests", params={"sort": "updated"})).json()
    second = (await desk.get("/api/v1/crm/requests", params={"sort": "updated", "after": first["next"]})).json()
    back = (await desk.get("/api/v1/crm/requests", params={"sort": "updated", "before": second["previous"]})).json()
    assert [row["name"] for row in first["rows"] + second["rows"]] == [f"Имя {number}" for number in range(35)]
    assert back["rows"] == first["rows"]
    assert second["next"] is back["previous"] is None


@pytest.mark.spec("CRM-02")
@pytest.mark.spec("CRM-08", part="without dragging and booking")
async def test_a_request_is_moved_and_goes_to_the_trash(clinic: TestClinic) -> None:
    desk = await desk_of(clinic)
    await heard(clinic, external_id="1", name="Анна")
    (address,) = addresses((await desk.get("/crm/")).text)
    assert (await desk.post(f"{address}/move", data={"status": "booked"})).status_code == 204
    assert await only(desk, status="booked") == ["Анна"]
    refused = await desk.post(f"{address}/move", data={"status": "refused"})
    assert refused.status_code == 409
    assert "причину отказа" in refused.text
    assert (await desk.post(f"{address}/delete")).status_code == 204
    assert await only(desk) == []
    await heard(clinic, external_id="1", name="Анна")
    assert await only(desk) == []
    trash = await clinic.client_as("director")
    assert "Анна" in (await trash.get("/trash/crm.request")).text
