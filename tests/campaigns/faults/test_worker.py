"""Workers die, freeze and meet bad work; Redis forgets everything. Each fact is heard once (reliability 15–18)."""

from __future__ import annotations

import random
import signal
from collections import Counter
from collections.abc import Callable

import msgspec
import pytest
from redis.asyncio import Redis
from sqlalchemy import text

from prikus.config import WorkPace
from prikus.failpoints import Name
from prikus.testing.clinics import TestClinic
from tests.campaigns.faults.feed import NOBODY, a_patient, heads, heard, hurry, tell
from tests.campaigns.faults.guards import without
from tests.campaigns.faults.machine import ALL_WORK, PACE, Machine, Process, order
from tests.campaigns.faults.truth import broken
from tests.waiting import until

Rounds = Callable[[int, int], int]
ONE_BY_ONE = msgspec.structs.replace(PACE, together=1)
"""The oldest piece first, which is the feed's: of several at once the worker may die over another listener's."""
NOBODY_DIES = msgspec.structs.replace(PACE, lease=WorkPace().lease)
"""A worker that is only slow keeps what it holds."""
ONE_HEARING = "inbox_entry_clinic_id_event_id_listener_key"
STEPS: tuple[tuple[Name, int], ...] = (
    ("after_claim", 0),
    ("before_work", 0),
    ("after_work", 0),
    ("before_commit", 0),
    ("after_commit", 1),
)


def nothing_left(clinic: TestClinic):
    async def look() -> bool:
        return not (await heads(clinic)).keys() - {"dead"}

    return look


@pytest.mark.parametrize(("step", "kept"), STEPS)
async def test_what_a_dead_worker_held_is_done_once(
    step: Name, kept: int, machine: Machine, clinic: TestClinic, rounds: Rounds
) -> None:
    patient = await a_patient(clinic)
    for number in range(rounds(1, 20)):
        await tell(clinic, patient, [number])
        worker = machine.worker(order(step), pace=ONE_BY_ONE)
        assert await worker.ended() == -signal.SIGKILL, worker.said()
        assert f"failpoint {step}: kill" in worker.said()
        assert (await heard(clinic))[number] == kept
        await clinic.house.performer.settle(clinic.id)
        assert (await heard(clinic))[number] == 1
    assert await broken(clinic) == []


async def leases_are_over(clinic: TestClinic) -> None:
    """The next worker finds what the last one held first: it is the oldest."""
    held = text("select exists (select from core.work where clinic_id = :id and lease_until > clock_timestamp())")

    async def are_over() -> bool:
        async with clinic.house.runtime.relay.connect() as db:
            return not await db.scalar(held, {"id": clinic.id})

    await until(are_over)


async def test_only_what_killed_its_worker_twice_is_given_up(machine: Machine, clinic: TestClinic) -> None:
    await tell(clinic, await a_patient(clinic), range(5))
    for _ in range(2):
        worker = machine.worker(order("before_work"), pace=ONE_BY_ONE)
        assert await worker.ended() == -signal.SIGKILL, worker.said()
        await leases_are_over(clinic)
    await clinic.house.performer.settle(clinic.id)
    assert await heads(clinic) == {"dead": 1}
    assert await heard(clinic) == dict.fromkeys(range(1, 5), 1)
    (letter,) = await clinic.house.performer.queue.letters(clinic_id=clinic.id)
    assert await clinic.house.performer.queue.retry(letter.id)
    assert await broken(clinic) == []
    assert await heard(clinic) == dict.fromkeys(range(5), 1)


async def oversleep(machine: Machine, clinic: TestClinic) -> Process:
    """A worker freezes over a fact, another takes it over and does it, the first wakes."""
    await tell(clinic, await a_patient(clinic), [1])
    sleeper = machine.worker(order("before_work", "freeze"))
    await sleeper.is_heard("failpoint before_work: freeze")
    await clinic.house.performer.settle(clinic.id)
    assert await heard(clinic) == {1: 1}
    sleeper.send(signal.SIGCONT)
    return sleeper


async def test_a_worker_that_wakes_after_its_lease_changes_nothing(machine: Machine, clinic: TestClinic) -> None:
    sleeper = await oversleep(machine, clinic)
    await sleeper.is_heard("lease lost")
    assert await heard(clinic) == {1: 1}
    assert await broken(clinic) == []


async def test_its_twin_without_inbox_and_proof_of_the_claim_does_it_twice(
    machine: Machine, clinic: TestClinic
) -> None:
    async def is_doubled() -> bool:
        return await heard(clinic) == {1: 2}

    off = (
        f"alter table core.inbox_entry drop constraint {ONE_HEARING}",
        "alter function core.finish(bigint, integer) rename to finish_with_proof",
        "create function core.finish(p_work bigint, p_attempt int) returns boolean language sql security definer as"
        " 'with gone as (delete from core.work where id = p_work) select true'",
    )
    on = (
        "drop function core.finish(bigint, integer)",
        "alter function core.finish_with_proof(bigint, integer) rename to finish",
        "delete from core.inbox_entry where clinic_id = :clinic",
        "delete from core.outbox_event where clinic_id = :clinic",
        "delete from core.patient_event where clinic_id = :clinic",
        f"alter table core.inbox_entry add constraint {ONE_HEARING} unique (clinic_id, event_id, listener)",
    )
    async with without(clinic, off, on):
        sleeper = await oversleep(machine, clinic)
        await until(is_doubled)
        await sleeper.kill()


async def test_bad_work_ends_among_the_dead_letters_and_holds_nothing_back(
    machine: Machine, clinic: TestClinic, rounds: Rounds, chance: random.Random
) -> None:
    patient, many = await a_patient(clinic), rounds(100, 2000)
    bad = {chance.randrange(first, first + 50) for first in range(0, many, 50)}
    for number in range(many):
        await tell(clinic, patient, [number], about=NOBODY if number in bad else None)
    good = dict.fromkeys(set(range(many)) - bad, 1)
    worker = machine.worker(pace=NOBODY_DIES)

    async def good_is_done() -> bool:
        return await heard(clinic) == good

    async def bad_is_buried() -> bool:
        await hurry(clinic)
        return await heads(clinic) == {"dead": len(bad)}

    await until(good_is_done, ALL_WORK)
    await until(bad_is_buried, ALL_WORK)
    assert "ForeignKeyViolation" in worker.said()
    assert str(NOBODY) not in worker.said(), "a row's values stand in the log"
    letters = await clinic.house.performer.queue.letters(clinic_id=clinic.id)
    assert not any(str(NOBODY) in str(letter.error) for letter in letters)
    assert await broken(clinic) == []


async def test_when_redis_forgets_all_no_work_and_no_session_is_lost(
    machine: Machine, clinic: TestClinic, calm_url: str, rounds: Rounds, chance: random.Random
) -> None:
    patient, many, wipes = await a_patient(clinic), rounds(100, 2000), rounds(2, 8)
    session = await clinic.session("administrator")
    worker = machine.worker(pace=WorkPace(sweep=1, retry=0.05))
    await worker.is_heard("worker ready")
    moments = Counter(chance.sample(range(10, many, 10), wipes))
    async with Redis.from_url(str(clinic.house.config.redis_url)) as redis:
        for first in range(0, many, 10):
            if first in moments:
                await redis.flushdb()
            await tell(clinic, patient, range(first, first + 10))
    await until(nothing_left(clinic), ALL_WORK)
    assert await heard(clinic) == dict.fromkeys(range(many), 1)
    assert worker.is_alive
    async with machine.client(calm_url, session) as client:
        assert (await client.get("/patients")).status_code == 200
    assert await broken(clinic) == []
