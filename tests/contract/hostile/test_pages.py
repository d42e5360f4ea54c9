"""What a plugin puts into pages of others: the page stays whole and names what is missing (contract 4)."""

import asyncio

import pytest
from structlog.testing import capture_logs

from prikus.host.breaker import Breaker
from prikus.ui.environment import UNKNOWN_ICON
from tests.contract import samples
from tests.waiting import until

PLACES = {
    "menu_items": "пункты меню",
    "patient_tabs": "разделы карточки",
    "card_actions": "кнопки карточки",
    "card_boxes": "блоки карточки",
    "card_figures": "показатели карточки",
    "feed_kinds": "виды событий",
}
WAYS = ("raise", "type", "nothing", "address", "place", "field")


@pytest.fixture
async def card(ctx_as) -> str:
    async with ctx_as("director") as ctx:
        return f"/patients/{await samples.patient(ctx, 'Обычная')}"


@pytest.mark.parametrize("hook", PLACES)
async def test_a_description_that_fails_is_named_while_the_rest_is_whole(
    client_as, card, house, moods, hook: str
) -> None:
    client = await client_as("director")
    for way in WAYS if hook != "feed_kinds" else WAYS[:3]:
        moods.clear()
        moods[hook] = way
        house.system.hooks.breaker = Breaker()
        with capture_logs() as said:
            answer = await client.get(card)
        assert answer.status_code == 200, way
        assert f"Модуль «Вредный» не ответил, поэтому здесь не хватает: {PLACES[hook]}." in answer.text, way
        for other in ("Платежи", "Ближайшие приёмы", "Долг", "Записать", "Приёмы"):
            assert other in answer.text, (way, other)
        assert [(one["plugin"], one["hook"]) for one in said] == [("hostile", hook)], way


async def test_without_a_mood_nothing_is_missing_and_its_words_are_text(client_as, card, moods) -> None:
    answer = await (await client_as("director")).get(card)
    assert "не ответил" not in answer.text
    assert "<script>document.title" not in answer.text
    assert answer.text.count("&lt;script&gt;document.title") >= len(PLACES)


async def test_an_icon_that_nobody_drew_is_replaced(client_as, card, moods) -> None:
    for hook in PLACES:
        moods[hook] = "icon"
    client = await client_as("director")
    for page in (card, "/patients/", "/settings/modules"):
        answer = await client.get(page)
        assert answer.status_code == 200, page
        assert f"#{UNKNOWN_ICON}" in answer.text, page


async def test_after_three_failures_the_page_no_longer_waits_for_it(client_as, card, moods) -> None:
    moods["card_boxes"] = "raise"
    client = await client_as("director")
    for _ in range(3):
        await client.get(card)
    moods.clear()
    with capture_logs() as said:
        answer = await client.get(card)
    assert said == []
    assert "здесь не хватает: блоки карточки" in answer.text


@pytest.fixture
async def other(make_clinic):
    """Somebody at work in another clinic."""
    return await (await make_clinic()).client_as("director")


@pytest.fixture
async def hanging(clinic, client_as, card, house, moods, monkeypatch):
    """Twelve people wait for a page of the plugin that holds a connection and never comes; they wait for ever."""
    monkeypatch.setattr(house.runtime.seats, "patience", None)
    moods["box"] = "hold"
    client, page = await client_as("director"), card.replace("/patients/", "/hostile/box/")
    asking = [asyncio.create_task(client.get(page)) for _ in range(12)]
    seats, pool = house.runtime.seats, house.runtime.app.pool

    async def all_are_held() -> bool:
        return min(seats.held(clinic.id), pool.checkedout()) >= min(seats.most, 10)

    await until(all_are_held)
    yield asking
    for one in asking:
        one.cancel()
    await asyncio.gather(*asking, return_exceptions=True)


async def test_pages_that_hang_leave_other_clinics_their_connections(other, hanging) -> None:
    assert (await other.get("/patients/")).status_code == 200
    assert not any(one.done() for one in hanging)


async def test_who_waits_in_vain_for_a_hanging_colleague_is_asked_to_come_again(
    client_as, card, house, hanging, monkeypatch
) -> None:
    monkeypatch.setattr(house.runtime.seats, "patience", 0.05)
    answer = await (await client_as("director")).get(card)
    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "2")


@pytest.fixture
def unlimited(house, monkeypatch) -> None:
    monkeypatch.setattr(house.runtime.seats, "most", 1000)
    monkeypatch.setattr(house.runtime.app.pool, "_timeout", 0.2)


async def test_twin_without_shares_nobody_gets_a_connection(other, unlimited, hanging) -> None:
    answer = await other.get("/patients/")
    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "2")
