"""What exchanges say becomes calls, whatever the order; missed calls wait for an answer."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from prikus_telephony import public
from prikus_telephony.services import hearing
from tests.plugins.telephony.conftest import Exchange, Units, make_patient

CALL = """
    select direction, state, is_answered, seconds, client_number, virtual_number, extension, patient_id
    from telephony.phone_call order by id
"""
PATIENCE = 60
"""Seconds to wait for a colleague who may have failed on the way."""
EVENTS = "select name from core.outbox_event where name like '%call.%' order by id"


async def facts(exchange: Exchange) -> list[str]:
    return [name for [name] in await exchange.rows(EVENTS)]


async def test_a_call_is_told_from_the_ring_to_the_end(exchange: Exchange, patient: int) -> None:
    await exchange.ring("released", extension="101", virtual_number="+74951234567")
    await exchange.settle()
    assert await exchange.rows(CALL) == [
        ("in", "finished", True, 1, "+79123401289", "+74951234567", "101", patient),
    ]
    assert await facts(exchange) == ["call.started", "call.answered", "call.finished", "patient_call.finished"]


async def test_the_end_comes_some_moments_after_the_last_leg(
    exchange: Exchange, drain: Callable[[], Awaitable[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hunt goes on to the next telephone: the call is not missed in between."""
    monkeypatch.setattr(public, "SETTLE", dt.timedelta(hours=1))
    await exchange.hear(exchange.leg("ringing"), exchange.leg("released", 20))
    await drain()
    assert [row[1] for row in await exchange.rows(CALL)] == ["ringing"]
    await exchange.hear(exchange.leg("ringing", 20, leg="l2"))
    await exchange.settle()
    assert [row[1] for row in await exchange.rows(CALL)] == ["ringing"]
    await exchange.hear(exchange.leg("answered", 25, leg="l2"), exchange.leg("released", 30, leg="l2"))
    await exchange.settle()
    assert [row[1:4] for row in await exchange.rows(CALL)] == [("finished", True, 5)]


async def test_shuffled_and_repeated_legs_and_statistics_give_the_same_call(
    exchange: Exchange, rounds: Callable[[int, int], int], chance: Random
) -> None:
    expected = None
    for turn in range(rounds(4, 60)):
        start = exchange.start + dt.timedelta(hours=turn)
        at = Exchange(exchange.units, exchange.connection_id, start)
        legs = [
            *(at.leg(state, n, call=f"c{turn}", extension="101") for n, state in enumerate(("ringing", "released"))),
            at.leg("ringing", 2, call=f"c{turn}", leg="l2", extension="102", virtual_number="+74951234567"),
            at.leg("answered", 8, call=f"c{turn}", leg="l2", extension="102"),
            at.leg("released", 68, call=f"c{turn}", leg="l2", extension="102"),
        ]
        told: list[Any] = [*legs, *chance.sample(legs, 2), at.seen(3, call=f"s{turn}", seconds=61, extension="102")]
        if turn:
            chance.shuffle(told)
        for one in told:
            await (at.tell(one) if hasattr(one, "is_answered") else at.hear(one))
        await exchange.settle()
        found = (await exchange.rows(CALL))[turn:]
        expected = expected or found
        assert found == expected, told
    assert (await facts(exchange)).count("call.finished") == rounds(4, 60)


async def test_statistics_add_what_no_event_told_and_finish_what_hangs(exchange: Exchange) -> None:
    await exchange.ring("ringing")
    rows = exchange.seen(4, is_answered=False), exchange.seen(60, call="s2", seconds=30, extension="101")
    await exchange.tell(*rows)
    await exchange.tell(*rows)
    found = [row[:5] for row in await exchange.rows(CALL)]
    assert found == [
        ("in", "finished", False, None, "+79123401289"),
        ("in", "finished", True, 30, "+79123401289"),
    ]


async def test_two_hidden_callers_at_once_are_two_calls(exchange: Exchange) -> None:
    """Where statistics name calls as events do, a likeness proves nothing."""
    hidden = {"client_number": None}
    await exchange.ring("released", call="c1", **hidden)
    await exchange.tell(exchange.seen(0, call="c2", is_answered=False, is_named=True, **hidden))
    await exchange.hear(exchange.leg("released", 3, call="c3", **hidden))
    await exchange.tell(exchange.seen(0, call="c1", seconds=1, is_named=True, **hidden))
    await exchange.settle()
    assert [row[1:5] for row in await exchange.rows(CALL)] == [
        ("finished", True, 1, None),
        ("finished", False, None, None),
        ("finished", False, None, None),
    ]


async def test_a_row_that_finds_its_call_by_likeness_names_it(exchange: Exchange) -> None:
    """Else the next one that is alike would find it too, and be lost."""
    hidden = {"client_number": None, "is_answered": False}
    await exchange.tell(exchange.seen(0, call="row-1", **hidden))
    for _ in range(2):
        await exchange.tell(*(exchange.seen(n, call=f"c{n}", is_named=True, **hidden) for n in (1, 2)))
    names = "select external_id, is_named from telephony.phone_call order by id"
    assert await exchange.rows(names) == [("c1", True), ("c2", True)]
    await exchange.hear(exchange.leg("released", 1, call="c1", client_number=None))
    await exchange.tell(exchange.seen(0, call="row-1", **hidden))
    assert await exchange.rows(names) == [("c1", True), ("c2", True)]


async def test_a_leg_that_the_version_before_wrote_is_understood(exchange: Exchange, ctx_as: Units) -> None:
    await exchange.ring("ringing")
    older = """update telephony.call_leg set said =
        (select jsonb_object_agg(key, value - 3) from jsonb_each(said))"""
    async with ctx_as("plugin:telephony") as ctx:
        await ctx.db.execute(text(older))
    await exchange.hear(exchange.leg("answered", 1), exchange.leg("released", 2))
    await exchange.settle()
    assert [row[1:4] for row in await exchange.rows(CALL)] == [("finished", True, 1)]


async def test_a_number_of_two_people_is_nobodys(exchange: Exchange, ctx_as: Units, patient: int) -> None:
    async with ctx_as("director") as ctx:
        await make_patient(ctx, "Морозов", 2)
    await exchange.ring()
    assert [row[-1] for row in await exchange.rows(CALL)] == [None]


async def test_a_talk_settles_missed_calls_of_its_number(exchange: Exchange, staff: Any) -> None:
    colleague = await staff("administrator", last_name="Петрова")
    await exchange.give("101", colleague.staff_id)
    await exchange.miss()
    await exchange.miss(5, call="other", client_number="+79990000001")
    await exchange.ring("released", call="back", direction="out", extension="101")
    missed = "select client_number, done_by_id from telephony.phone_call where direction = 'in' order by id"
    assert {row[1] for row in await exchange.rows(missed)} == {None}
    later = Exchange(exchange.units, exchange.connection_id, exchange.start + dt.timedelta(minutes=5))
    await later.ring("released", call="again", direction="out", extension="101")
    await exchange.settle()
    assert await exchange.rows(missed) == [("+79123401289", colleague.staff_id), ("+79990000001", None)]


async def test_a_missed_call_told_late_finds_the_talk_after_it(exchange: Exchange) -> None:
    later = Exchange(exchange.units, exchange.connection_id, exchange.start + dt.timedelta(minutes=5))
    await later.ring("released", call="back", direction="out")
    await exchange.settle()
    await exchange.miss()
    [[done]] = await exchange.rows("select done_at from telephony.phone_call where direction = 'in'")
    assert done == later.start


async def test_a_talk_between_colleagues_is_nobodys_event(exchange: Exchange) -> None:
    await exchange.ring("released", is_internal=True, client_number=None)
    await exchange.settle()
    assert [row[1] for row in await exchange.rows(CALL)] == ["finished"]
    assert await facts(exchange) == []


async def test_two_first_words_at_once_are_one_call(exchange: Exchange) -> None:
    await asyncio.gather(
        *(exchange.hear(exchange.leg("ringing", leg=leg, extension=leg)) for leg in ("101", "102", "103"))
    )
    assert len(await exchange.rows(CALL)) == 1
    assert await facts(exchange) == ["call.started"]
    assert len(await exchange.rows("select 1 from telephony.call_leg")) == 3


async def test_twin_without_taking_turns_a_word_is_lost(exchange: Exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both look, both find nothing, both begin the call: the key lets only one of them."""
    both_looked = asyncio.Barrier(2)
    look = hearing._by_id

    async def look_together(*words: Any) -> Any:
        found = await look(*words)
        async with asyncio.timeout(PATIENCE):
            await both_looked.wait()
        return found

    async def take_no_turn(*_: Any) -> None:
        return None

    monkeypatch.setattr(hearing, "take_turn", take_no_turn)
    monkeypatch.setattr(hearing, "_by_id", look_together)
    words = (exchange.hear(exchange.leg("ringing", leg=leg)) for leg in ("101", "102"))
    ended = await asyncio.gather(*words, return_exceptions=True)
    assert [isinstance(one, DBAPIError) for one in ended].count(True) == 1
    assert len(await exchange.rows("select 1 from telephony.call_leg")) == 1
