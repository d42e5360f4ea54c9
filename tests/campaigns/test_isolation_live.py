"""Between clinics, beside the pages: the live channel and the payload of work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from prikus.access.context import Aggregate
from prikus.app.live import LiveStream
from prikus.events.runtime import Change
from prikus.patients.events import PatientUpdated
from prikus.testing.clinics import TestClinic, open_test_clinic
from prikus.testing.contract.base import state_of
from prikus.testing.contract.isolation import Make, new_marker
from prikus.testing.house import House
from prikus.testing.unguarded import unguard
from tests.contract.samples import new_patient

PATIENCE = 20.0
"""Seconds for a word to come."""


@asynccontextmanager
async def listening(clinic: TestClinic) -> AsyncIterator[AsyncIterator[Change]]:
    """The words that a director's browser gets over the stream of this process, from now on."""
    stream: LiveStream = clinic.house.app.state.stream
    key = await clinic.session("director")
    _, visit = await clinic.house.app.state.visits.find(key)
    async with aclosing(stream.words(visit, key)) as words:
        assert (await anext(words))["event"] == "ready"  # type: ignore[index]

        async def changes() -> AsyncIterator[Change]:
            async for word in words:
                if word.get("event") == "change":  # type: ignore[union-attr]
                    yield msgspec.json.decode(word["data"], type=Change)  # type: ignore[index]

        yield changes()


async def say(clinic: TestClinic, marker: str) -> None:
    async with clinic.ctx_as("director") as ctx:
        ctx.changed("patients.card", marker)


async def heard_until(words: AsyncIterator[Change], last: str) -> list[str]:
    """Ids of what is said, up to the last one."""
    heard: list[str] = []
    async with asyncio.timeout(PATIENCE):
        while last not in heard:
            heard.append((await anext(words)).id)
    return heard


async def test_words_of_one_clinic_are_not_heard_in_another(make_clinic: Make) -> None:
    """What the victim said first would stand before the stranger's own word."""
    stranger, victim = await make_clinic(), await make_clinic()
    async with listening(stranger) as words, listening(victim) as own:
        for _ in range(20):
            theirs, mine = new_marker(), new_marker()
            await say(victim, theirs)
            await victim.house.runtime.settle()
            await say(stranger, mine)
            assert await heard_until(words, mine) == [mine]
            assert await heard_until(own, theirs) == [theirs]


async def test_a_stream_that_is_handed_all_words_would_hear_them(
    make_clinic: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The twin: without the choice by clinic the other clinic's words come first."""
    stranger, victim = await make_clinic(), await make_clinic()
    hand_out = LiveStream._hand_out

    def to_everybody(stream: LiveStream, clinic_id: int, changes: list[Change]) -> None:
        for listener in list(stream._listeners):
            hand_out(stream, listener, changes)

    monkeypatch.setattr(LiveStream, "_hand_out", to_everybody)
    async with listening(stranger) as words:
        theirs, mine = new_marker(), new_marker()
        await say(victim, theirs)
        await victim.house.runtime.settle()
        await say(stranger, mine)
        assert theirs in await heard_until(words, mine)


async def tell_about(stranger: TestClinic, *patients: int) -> list[int]:
    """Have each listener hear a fact about these; the patients of the lines that it wrote in its own clinic."""
    for patient in patients:
        async with stranger.ctx_as("director") as ctx:
            told = PatientUpdated(patient_id=patient, changed=("comment",))
            await ctx.emit(told, Aggregate("core.patient", patient, 1))
    await stranger.house.performer.perform_due(stranger.id)
    async with stranger.ctx_as("director") as ctx:
        return list(await ctx.db.scalars(text("select patient_id from core.patient_event")))


async def test_a_fact_about_another_clinics_patient_changes_nothing_there(make_clinic: Make) -> None:
    """Work whose payload names a foreign row: each listener of the fact finds nothing, in its own clinic."""
    stranger, victim = await make_clinic(), await make_clinic()
    foreign, own = int(await new_patient(victim, new_marker())), int(await new_patient(stranger, new_marker()))
    await victim.drain()
    await stranger.drain()
    before = await state_of(victim)
    lines = await tell_about(stranger, foreign, own)
    assert await state_of(victim) == before
    assert own in lines
    assert foreign not in lines


async def test_without_policies_and_keys_it_would_leave_a_line(unguarded: House) -> None:
    """The twin."""
    stranger, victim = [await open_test_clinic(unguarded) for _ in range(2)]
    foreign = int(await new_patient(victim, new_marker()))
    await unguard(unguarded, stranger.id, victim.id, everything=True)
    assert foreign in await tell_about(stranger, foreign)


async def running(clinic: TestClinic) -> tuple[int, int]:
    """A piece of the clinic's work that a worker holds: its number and attempt."""
    async with clinic.ctx_as("system") as ctx:
        made = await ctx.db.scalar(text("select core.enqueue(array['core.sample'], 0, now())"))
    held = text("update core.work set state = 'running' where id = any(:made) returning id, attempt")
    async with clinic.house.runtime.relay.begin() as db:
        row = (await db.execute(held, {"made": made})).one()
    return row.id, row.attempt


async def finished(clinic: TestClinic, work: tuple[int, int]) -> bool:
    async with clinic.ctx_as("system") as ctx:
        finish = text("select core.finish(:id, :attempt)")
        return bool(await ctx.db.scalar(finish, {"id": work[0], "attempt": work[1]}))


async def test_work_is_finished_by_its_own_clinic_alone(make_clinic: Make) -> None:
    stranger, victim = await make_clinic(), await make_clinic()
    work = await running(victim)
    assert not await finished(stranger, work)
    with pytest.raises(DBAPIError, match="permission denied"):
        async with stranger.ctx_as("system") as ctx:
            await ctx.db.execute(text("delete from core.work"))
    assert await finished(victim, work)


async def test_without_the_check_a_stranger_would_finish_it(unguarded: House) -> None:
    """The twin: whoever knows the number and the attempt could."""
    stranger, victim = [await open_test_clinic(unguarded) for _ in range(2)]
    assert await finished(stranger, await running(victim))
