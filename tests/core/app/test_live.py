"""The live stream of a process: it ends when it must, and nobody who says since when misses a word."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import msgspec
import pytest

from prikus.app import live
from prikus.app.live import LiveStream, Past, Word
from prikus.events.runtime import LIVE_PREFIX, Change
from prikus.testing.clinics import TestClinic
from prikus.testing.house import House
from prikus.testing.plugin import own

CHANGE = Change("patients.card", "1", 1)


async def test_a_stream_ends_at_every_moment_of_its_start(house) -> None:
    for steps in range(120):
        stream = LiveStream(house.runtime, house.app.state.visits)
        await stream.start(house.app)
        for _ in range(steps):
            await asyncio.sleep(0)
        async with asyncio.timeout(60):
            await stream.close()


@own
async def stream(house: House) -> AsyncIterator[LiveStream]:
    """One of its own, which hears by now."""
    made = LiveStream(house.runtime, house.app.state.visits)
    await made.start(house.app)
    async with asyncio.timeout(60):
        while made._past._known_from == math.inf:  # noqa: ASYNC110
            await asyncio.sleep(0)
    yield made
    await made.close()


@asynccontextmanager
async def listening(stream: LiveStream, clinic: TestClinic, since: float | None) -> AsyncIterator[AsyncIterator[Any]]:
    key = await clinic.session("director")
    _, visit = await clinic.house.app.state.visits.find(key)
    async with aclosing(stream.words(visit, key, since)) as words:
        assert (await anext(words))["event"] == "ready"  # type: ignore[index]
        yield words


async def said(stream: LiveStream, clinic: TestClinic, *ids: str) -> None:
    """Words that the stream has heard before anybody listens."""
    before = len(stream._past._words)
    changes = msgspec.json.encode([Change("patients.card", id, 1) for id in ids])
    await clinic.house.runtime.redis.publish(f"{LIVE_PREFIX}{clinic.id}", changes)
    async with asyncio.timeout(60):
        while len(stream._past._words) < before + len(ids):  # noqa: ASYNC110
            await asyncio.sleep(0)


async def next_of(words: AsyncIterator[Any]) -> str:
    """The id of the change that comes next, or «gap»."""
    word = await anext(words)
    return msgspec.json.decode(word["data"], type=Change).id if word["event"] == "change" else word["event"]


async def test_a_page_hears_what_was_said_since_it_was_drawn(stream: LiveStream, clinic, make_clinic) -> None:
    other = await make_clinic()
    await said(stream, clinic, "before")
    drawn = time.time()
    await said(stream, other, "theirs")
    await said(stream, clinic, "1", "2")
    async with listening(stream, clinic, drawn) as words:
        assert [await next_of(words) for _ in range(2)] == ["1", "2"]
        await said(stream, clinic, "3")
        assert await next_of(words) == "3"


async def test_who_does_not_say_since_when_hears_from_now_on(stream: LiveStream, clinic) -> None:
    """The twin: what was said before is lost to it."""
    await said(stream, clinic, "1")
    async with listening(stream, clinic, None) as words:
        await said(stream, clinic, "2")
        assert await next_of(words) == "2"


async def test_who_was_drawn_before_the_process_heard_anything_looks_again(stream: LiveStream, clinic) -> None:
    async with listening(stream, clinic, time.time() - 3600) as words:
        assert await next_of(words) == "gap"


async def test_after_an_outage_of_the_channel_everybody_looks_again(stream: LiveStream, clinic) -> None:
    drawn = time.time()
    async with listening(stream, clinic, drawn) as words:
        stream._take({"type": "psubscribe"})
        assert await next_of(words) == "gap"
    async with listening(stream, clinic, drawn) as words:
        assert await next_of(words) == "gap"


async def test_a_page_that_does_not_keep_up_looks_again(
    stream: LiveStream, clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "QUEUE", 3)
    async with listening(stream, clinic, None) as words:
        await said(stream, clinic, "1", "2", "3", "4", "5")
        assert [await next_of(words) for _ in range(2)] == ["gap", "5"]


def test_what_is_not_kept_any_more_is_not_passed_over() -> None:
    past = Past(size=2)
    past.begin()
    for at in (1e12, 2e12, 3e12):
        past.add(7, Word(at, CHANGE))
    assert [word.at for word in past.since(7, 2e12)] == [2e12, 3e12]
    assert past.since(8, 2e12) == []
    assert [word.change for word in past.since(7, 1e12)] == [None]
