"""Events of the exchange over real HTTP become calls: none lost, none doubled, whatever goes wrong on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import httpx
import pytest

from prikus_integrations_beeline.fake.scenarios import CLIENT, SCENARIOS
from prikus_telephony.jobs import telling
from prikus_telephony.services.extensions import add_extension
from prikus_telephony.services.providers import look_back
from tests.plugins.integrations_beeline.conftest import Pbx, asked
from tests.plugins.telephony.conftest import make_patient

WHAT: dict[str, Any] = {
    "answered": ("in", True, CLIENT, "101"),
    "missed": ("in", False, CLIENT, None),
    "group_answered": ("in", True, CLIENT, "102"),
    "group_missed": ("in", False, CLIENT, None),
    "hunt": ("in", True, CLIENT, "103"),
    "transferred": ("in", True, CLIENT, "101"),
    "outgoing": ("out", True, CLIENT, "101"),
    "outgoing_unanswered": ("out", False, CLIENT, "101"),
    "click_to_dial": ("out", True, CLIENT, "101"),
    "internal": None,
    "hidden": ("in", False, None, None),
    "menu_answered": ("in", True, CLIENT, "101"),
    "menu_missed": ("in", False, CLIENT, None),
}
"""What each scenario is in the log; talks between colleagues are not in it."""
FAULTS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "every event twice": {"is_doubled": True},
    "events in any order": {"is_shuffled": True},
    "prefixes the other way round": {"is_swapped": True},
    "/null behind the address": {"suffix": "/null"},
    "no first ring": {"lost": ["CallReceivedEvent", "CallOriginatedEvent"]},
    "no answer told": {"lost": ["CallAnsweredEvent"]},
    "no end told": {"lost": ["CallReleasedEvent"]},
    "no events at all": {"is_silent": True},
    "no tracking ids in the statistics": {"has_tracking": False},
    "neither events nor tracking ids": {"is_silent": True, "has_tracking": False},
    "pages of statistics from 1": {"is_silent": True, "first_page": 1},
    "unknown fields, numbers with +7": {"has_extra": True, "has_plus": True},
}

UNKNOWABLE = {"neither events nor tracking ids": ("hunt", "transferred", "hidden")}
"""Telephones that ring one after the other are then rows like those of somebody who calls again and again.

Two without a number who call at nearly the same time are one.
"""


def test_every_scenario_of_the_fake_is_played() -> None:
    assert set(WHAT) == set(SCENARIOS)


@pytest.mark.spec("INT-01", part="calls of the exchange")
async def test_no_call_is_lost_or_doubled(
    connected: Pbx, chance: Random, rounds: Callable[[int, int], int], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each fault with each scenario, every call by a number of its own, and the statistics read twice."""
    outside = await connected.clinic.outside_as("plugin:telephony")
    expected: Counter[Any] = Counter()
    number = 0
    for words, faults in FAULTS.items():
        await connected.faults(**faults)
        known = [scenario for scenario in WHAT if scenario not in UNKNOWABLE.get(words, ())]
        for scenario in chance.sample(known, rounds(4, len(known))) if faults else known:
            number += 1
            client = f"+7912{number:07d}"
            await connected.ring(scenario, client=client)
            if (what := WHAT[scenario]) is not None:
                expected[what[0], what[1], client if what[2] else None] += 1
        await connected.clinic.drain_all()
        for _ in range(2):
            await look_back(outside)
        await connected.clinic.drain_all()
        found = Counter(row[:3] for row in await connected.rows())
        lost, doubled = expected - found, found - expected
        with capsys.disabled():
            print(f"\n{words}: calls {sum(expected.values())}, lost {sum(lost.values())}, doubled {doubled.total()}")
        assert (lost, doubled) == (Counter(), Counter()), words
    [[finished]] = await connected.rows("select count(*) from core.outbox_event where name = 'call.finished'")
    assert finished == expected.total()
    left = "select count(*) from telephony.phone_call where state <> 'finished' and not is_internal"
    assert await connected.rows(left) == [(0,)], (
        "statistics are silent about colleagues: only the sweep ends their talk"
    )


async def test_each_scenario_names_who_talked(connected: Pbx) -> None:
    for scenario, what in WHAT.items():
        before = await connected.rows()
        await connected.play(scenario)
        new = (Counter(await connected.rows()) - Counter(before)).elements()
        assert list(new) == ([what] if what else []), scenario


async def test_what_is_no_event_is_refused(connected: Pbx) -> None:
    for what, status in (("bomb", 403), ("cut", 403), ("large", 413), ("foreign", 200), ("unknown", 200)):
        assert (await connected.do("/send", what=what))["statuses"] == [status], what
    await connected.clinic.drain_all()
    query = "select note from core.webhook_delivery where state = 'ignored' order by id"
    assert [note for [note] in await connected.rows(query)] == [
        "Чужая подписка: этих событий мы не просили.",
        "Событие не о звонке: TeleportEvent.",
    ]
    assert await connected.rows() == []


async def test_a_recording_is_found_after_a_while_and_heard(connected: Pbx) -> None:
    await connected.faults(recording_after=2)
    await connected.play("group_answered")
    assert await connected.rows("select recording_id from telephony.phone_call") == [("5000",)]
    assert len(asked(await connected.kept(), "GET /v2/records/")) == 3
    [[call]] = await connected.rows("select id from telephony.phone_call")
    heard = await connected.director.get(f"/telephony/calls/{call}/recording")
    assert (heard.status_code, heard.content[:3], heard.headers["content-type"]) == (200, b"ID3", "audio/mpeg")
    audit = "select object_id from core.audit_record where action = 'telephony.recording.listened'"
    assert await connected.rows(audit) == [(call,)]


async def test_a_call_of_the_statistics_alone_has_its_recording(connected: Pbx) -> None:
    await connected.faults(is_silent=True, has_tracking=False)
    await connected.play("answered")
    await look_back(await connected.clinic.outside_as("plugin:telephony"))
    async with connected.clinic.ctx_as("plugin:telephony") as ctx:
        await telling(ctx, [id for [id] in await connected.rows("select id from telephony.phone_call")])
    await connected.clinic.drain_all()
    assert await connected.rows("select recording_id from telephony.phone_call") == [("5000",)]


async def test_a_click_rings_the_own_telephone_and_becomes_one_call(connected: Pbx) -> None:
    async with connected.clinic.ctx_as("director") as ctx:
        patient = await make_patient(ctx, phone=CLIENT)
        await add_extension(ctx, connected.id, "102", connected.clinic.head.staff_id)
    path = f"/telephony/patients/{patient}/call"
    await connected.faults(status=429, times=1, retry_after=1, path="/abonents/102/call")
    assert (await connected.director.post(path)).status_code == 204
    assert asked(await connected.kept(), "POST") == ["POST /abonents/102/call"] * 2
    await connected.faults(status=502, times=1, is_html=True, path="/abonents/102/call")
    refused = await connected.director.post(path)
    assert (refused.status_code, "не отвечает" in refused.json()["sentence"]) == (502, True)
    assert len(asked(await connected.kept(), "POST")) == 3


async def test_a_busy_exchange_is_asked_again_and_said_when_it_stays_so(connected: Pbx) -> None:
    await connected.faults(status=429, times=1, path="/v2/statistics")
    outside = await connected.clinic.outside_as("plugin:telephony")
    assert await look_back(outside) == []
    assert [state for [state] in await connected.rows("select state from core.connection")] == ["on"]
    await connected.faults(status=429, times=1, path="/v2/statistics", retry_after=3600)
    await look_back(outside)
    assert await connected.rows("select state, error from core.connection") == [
        ("failing", "Облачная АТС «Билайн» просит обращаться реже. Повторите через минуту.")
    ]
    await connected.faults()
    await look_back(outside)
    assert [state for [state] in await connected.rows("select state from core.connection")] == ["on"]


async def test_the_same_event_from_two_at_once_is_one_word(connected: Pbx, stranger: httpx.AsyncClient) -> None:
    await connected.faults(is_doubled=True, is_shuffled=True)
    await connected.play("missed")
    assert await connected.rows("select count(*) from core.webhook_delivery") == [(2,)]
