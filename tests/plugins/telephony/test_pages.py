"""«Звонки»: what is shown, narrowed, turned over, called back."""

from __future__ import annotations

import re
from typing import Any

import pytest

from prikus.patients.schemas import NewPatient
from prikus.patients.services.keeping import add_patient
from tests.plugins.telephony.conftest import NUMBER, Exchange, Units, make_patient

LOG = "/telephony/calls"


def numbers(page: str) -> list[str]:
    return re.findall(r"\+7 999 000-00-\d\d", page)


@pytest.mark.spec("CRM-23", part="log")
async def test_the_log_tells_what_is_known(exchange: Exchange, patient: int, client_as: Any) -> None:
    await exchange.miss(virtual_number="+74951234567")
    await exchange.ring("released", call="out", direction="out", client_number="+79990000001")
    await exchange.settle()
    shown = (await (await client_as("administrator")).get(LOG)).text
    for words in ("Входящий", "Исходящий", "Морозова Анна", "+7 495 123-45-67", "Пропущен", "Состоялся"):
        assert words in shown
    assert "/patients/new?name=%2B79990000001" in shown
    assert (await (await client_as("doctor")).get(LOG)).status_code == 403


@pytest.mark.spec("CRM-25", bites="prikus_telephony.services.log:_narrowed:if filters.date_from")
async def test_an_interval_holds_its_days(exchange: Exchange, client_as: Any, ctx_as: Units) -> None:
    async with ctx_as("director") as ctx:
        day = exchange.start.astimezone(ctx.zone(ctx.branch_id)).date().isoformat()
    for days in (0, 2, 4):
        await exchange.miss(-86400 * days, call=f"c{days}", client_number=f"+7999000000{days}")
    client = (await client_as("administrator")).htmx
    assert numbers((await client.get(LOG, params={"date_from": day, "date_to": day})).text) == ["+7 999 000-00-00"]
    found = (await client.get(LOG, params={"date_to": day})).text
    assert numbers(found) == ["+7 999 000-00-00", "+7 999 000-00-02", "+7 999 000-00-04"]


async def test_directions_and_missed_ones(exchange: Exchange, client_as: Any) -> None:
    await exchange.miss(client_number="+79990000001")
    await exchange.ring("released", call="in", client_number="+79990000002")
    await exchange.ring("released", call="out", direction="out", client_number="+79990000003")
    await exchange.settle()
    client = (await client_as("administrator")).htmx

    async def shown(**params: str) -> set[str]:
        return {number[-1] for number in numbers((await client.get(LOG, params=params)).text)}

    assert await shown() == {"1", "2", "3"}
    assert await shown(direction="in") == {"1", "2"}
    assert await shown(direction="out") == {"3"}
    assert await shown(shown="missed") == {"1"}


async def test_pages_are_turned_over_without_loss(exchange: Exchange, client_as: Any) -> None:
    await exchange.tell(
        *(exchange.seen(-n, call=f"s{n}", client_number=f"+799900000{n:02d}", seconds=1) for n in range(35))
    )
    client = (await client_as("administrator")).htmx
    first = (await client.get(LOG)).text
    onward = re.search(r'href="([^"]*after=[^"]*)"', first)
    assert onward is not None
    second = (await client.get(onward[1].replace("&amp;", "&"))).text
    assert numbers(first) + numbers(second) == [f"+7 999 000-00-{n:02d}" for n in range(35)]
    back = re.search(r'href="([^"]*before=[^"]*)"', second)
    assert back is not None
    assert numbers((await client.get(back[1].replace("&amp;", "&"))).text) == numbers(first)


async def test_a_missed_call_is_done_once(exchange: Exchange, client_as: Any) -> None:
    missed = await exchange.miss()
    client = (await client_as("administrator")).htmx
    assert "1 звонок ждёт ответа" in (await client.get(LOG)).text
    assert (await client.post(f"{LOG}/{missed}/done")).status_code == 204
    again = await client.post(f"{LOG}/{missed}/done")
    assert (again.status_code, "уже перезвонили" in again.json()["sentence"]) == (409, True)
    shown = (await client.get(LOG)).text
    assert "Перезвонили" in shown
    assert "ждёт ответа" not in shown
    [[done]] = await exchange.rows("select done_by_id is not null from telephony.phone_call")
    assert done


async def test_a_stranger_with_a_card_gets_earlier_calls(
    exchange: Exchange, client_as: Any, ctx_as: Units, drain: Any
) -> None:
    await exchange.miss()
    async with ctx_as("administrator") as ctx:
        await add_patient(ctx, NewPatient(last_name="Новикова", first_name="Анна", phone=NUMBER))
    await drain()
    assert "Новикова Анна" in (await (await client_as("administrator")).get(LOG)).text


async def test_people_with_one_number_are_listed(
    exchange: Exchange, patient: int, client_as: Any, ctx_as: Units
) -> None:
    async with ctx_as("director") as ctx:
        await make_patient(ctx, "Морозов", 2)
    call = await exchange.ring()
    card = (await (await client_as("administrator")).htmx.get(f"/telephony/incoming/{call}")).text
    assert "Несколько пациентов с этим номером" in card
    assert "Морозов Анна" in card
    assert "Морозова Анна" in card


@pytest.mark.spec("HOME-03", part="figures of an interval", bites="prikus_telephony.services.log:figures:counts +=")
async def test_figures_count_the_interval(exchange: Exchange, client_as: Any, ctx_as: Units) -> None:
    async with ctx_as("director") as ctx:
        day = exchange.start.astimezone(ctx.zone(ctx.branch_id)).date().isoformat()
    await exchange.miss()
    await exchange.miss(-86400 * 3, call="old", client_number="+79990000001")
    await exchange.miss(-86400 * 40, call="older", client_number="+79990000001")
    await exchange.ring("released", call="talk", client_number="+79990000002")
    await exchange.ring("released", call="out", direction="out", client_number="+79990000003")
    await exchange.ring("released", call="inside", is_internal=True, client_number=None)
    client = (await client_as("administrator")).htmx
    for path in ("/telephony/figures", LOG):
        shown = (await client.get(path, params={"date_from": day, "date_to": day})).text
        assert re.findall(r"<dd[^>]*>(\d+)</dd>", shown) == ["3", "2", "1", "1", "1"], path
    month = (await client.get("/telephony/figures")).text
    assert re.findall(r"<dd[^>]*>(\d+)</dd>", month)[0] == "4"
