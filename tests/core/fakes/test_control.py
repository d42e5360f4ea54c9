"""The page of a fake provider: buttons, faults that are counted, the log."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from prikus.fakes import ControlPage
from prikus.testing.fakes import fake_provider
from prikus.testing.live import PATIENCE


@pytest.fixture
async def shop() -> AsyncIterator[httpx.AsyncClient]:
    async with (
        fake_provider("tests.core.fakes.shop:build") as url,
        httpx.AsyncClient(base_url=url, trust_env=False, timeout=PATIENCE) as client,
    ):
        yield client


async def test_a_button_acts_and_the_log_tells_of_it(shop: httpx.AsyncClient) -> None:
    done = await shop.post("/_control/scenarios/visit", data={"name": "<b>Ольга"})
    assert done.text == "<b>Ольга купила чай"
    page = (await shop.get("/_control")).text
    assert "Зашёл покупатель: &lt;b&gt;Ольга купила чай" in page
    assert "чек для &lt;b&gt;Ольга" in page
    assert (await shop.post("/_control/scenarios/other")).status_code == 404


async def test_a_person_who_pressed_is_led_back_to_the_page(shop: httpx.AsyncClient) -> None:
    pressed = await shop.post("/_control/scenarios/visit", headers={"Accept": "text/html"})
    assert (pressed.status_code, pressed.headers["location"]) == (303, "/_control")


@pytest.mark.parametrize(("fault", "status"), [("limit", 429), ("broken", 500), ("sold_out", 410)])
async def test_a_fault_happens_as_often_as_it_was_said(shop: httpx.AsyncClient, fault: str, status: int) -> None:
    assert (await shop.post(f"/_control/faults/{fault}", params={"times": 2})).status_code == 200
    assert [(await shop.get("/tea")).status_code for _ in range(3)] == [status, status, 200]
    assert f">{status}<" in (await shop.get("/_control")).text
    assert (await shop.post("/_control/faults/other")).status_code == 404


async def test_all_faults_are_ended_at_once(shop: httpx.AsyncClient) -> None:
    for fault in ("limit", "sold_out"):
        await shop.post(f"/_control/faults/{fault}", params={"times": 99})
    assert (await shop.post("/_control/faults")).is_success
    assert (await shop.get("/tea")).status_code == 200


async def test_an_answer_that_is_cut_is_no_answer(shop: httpx.AsyncClient) -> None:
    await shop.post("/_control/faults/cut", params={"times": 1})
    with pytest.raises(httpx.RemoteProtocolError):
        await shop.get("/tea")
    assert (await shop.get("/tea")).text == "улун"


async def test_a_scenario_acts_for_the_account_that_was_chosen_else_for_the_newest(shop: httpx.AsyncClient) -> None:
    assert (await shop.post("/_control/scenarios/order")).status_code == 409
    for name in ("anna", "boris"):
        assert (await shop.get(f"/enter/{name}")).json() == {"by": "front"}
    await shop.post("/_control/scenarios/order", data={"tea": "пуэр"})
    await shop.post("/_control/scenarios/order", data={"account": "anna"})
    await shop.post("/_control/scenarios/order", data={"account": "boris"})
    log = (await shop.get("/_control/log")).json()
    assert [line["text"] for line in reversed(log) if line["way"] == "did"] == [
        "boris: пуэр",
        "anna: улун",
        "boris: пуэр, улун",
    ]


async def test_the_page_offers_accounts_and_remembers_what_was_typed(shop: httpx.AsyncClient) -> None:
    assert "Никто ещё не подключился" in (await shop.get("/_control")).text
    for name in ("anna", "boris"):
        await shop.get(f"/enter/{name}")
    await shop.post("/_control/scenarios/order", data={"account": "anna", "tea": '"пуэр"'})
    page = (await shop.get("/_control")).text
    assert '<label>Чай<input name="tea" value="&#34;пуэр&#34;"></label>' in page
    assert '<option value="boris">Гость</option><option value="anna" selected>Гость</option>' in page


def test_a_fault_that_is_put_off_is_taken_at_once_and_an_unknown_one_refused() -> None:
    control = ControlPage("Лавка")
    control.fault("wait", "Чай не готов")
    control.switch("wait", 3)
    assert [control.all_of("wait"), control.all_of("wait"), control.takes("wait")] == [3, 0, False]
    with pytest.raises(KeyError):
        control.switch("other", 1)


def test_a_button_whose_fields_nobody_takes_is_refused() -> None:
    async def act() -> None:
        return None

    with pytest.raises(TypeError, match="number"):
        ControlPage("Лавка").scenario("ring", "Звонок", number="1")(act)
