"""Forms of a Tilda site while processes die, answers get lost and rows are locked: none lost, none doubled (INT-14)."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from sqlalchemy import text

from prikus.failpoints import Name
from prikus.testing.clinics import TestClinic
from prikus_integrations_tilda.fake import DEADLINE, Site
from tests.campaigns.faults.guards import without
from tests.campaigns.faults.machine import Machine, order
from tests.campaigns.faults.truth import broken
from tests.plugins.integrations_tilda.conftest import Clinic, connected

Rounds = Callable[[int, int], int]
WEB: tuple[Name, ...] = ("before_commit", "after_commit")
WORKER: tuple[Name, ...] = ("after_claim", "before_work", "after_work", "before_commit", "after_commit")
LOCK = "select 1 from core.connection where id = :id for update"


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=60) as client:
        yield client


@pytest.fixture
async def tilda(clinic: TestClinic, http: httpx.AsyncClient) -> Clinic:
    return await connected(clinic, http)


def site(tilda: Clinic, url: str, deadline: float = 60) -> Site:
    """The same site as seen over another process of ours; a busy machine may be slower than Tilda's deadline."""
    return Site(f"{url}{tilda.site.address}", tilda.site.http, pause=0.01, deadline=deadline)


async def heard(tilda: Clinic) -> Counter[str]:
    return Counter(made.external_id for made in await tilda.requests())


@pytest.mark.parametrize("point", WEB)
async def test_what_a_dying_web_answered_or_not_is_repeated_and_heard_once(
    point: Name, machine: Machine, calm_url: str, tilda: Clinic, rounds: Rounds
) -> None:
    sent = []
    for number in range(rounds(1, 20)):
        web = await machine.web(order(point))
        sent.append(f"{point}:{number}")
        lost = await site(tilda, web.url).submit([("Name", "Мария")], tranid=sent[-1])
        assert [attempt.status for attempt in lost.attempts] == [0, 0, 0]
        assert f"failpoint {point}: kill" in web.said()
        assert (await site(tilda, calm_url).submit([("Name", "Мария")], tranid=sent[-1])).is_taken
    assert await heard(tilda) == Counter(sent)
    assert await broken(tilda.clinic) == []


@pytest.mark.parametrize("step", WORKER)
async def test_what_a_dead_worker_held_is_one_request(
    step: Name, machine: Machine, calm_url: str, tilda: Clinic, rounds: Rounds
) -> None:
    sent = []
    for number in range(rounds(1, 20)):
        sent.append(f"{step}:{number}")
        assert (await site(tilda, calm_url).submit([("Name", "Мария")], tranid=sent[-1])).is_taken
        worker = machine.worker(order(step))
        assert await worker.ended() == -signal.SIGKILL, worker.said()
        await tilda.clinic.house.performer.settle(tilda.clinic.id)
    assert await heard(tilda) == Counter(sent)
    assert await broken(tilda.clinic) == []


async def test_while_the_row_is_locked_tilda_is_answered_in_time_and_repeats(
    calm_url: str, tilda: Clinic, rounds: Rounds
) -> None:
    deadline = rounds(60, int(DEADLINE))
    over = site(tilda, calm_url, deadline)
    id = int(tilda.card.rsplit("/", 1)[1])
    async with tilda.clinic.ctx_as("director") as ctx:
        await ctx.db.execute(text(LOCK), {"id": id})
        refused = await over.submit([("Name", "Мария")], tranid="locked")
        assert {attempt.status for attempt in refused.attempts} == {503}
        assert max(attempt.seconds for attempt in refused.attempts) < deadline
    assert (await over.submit([("Name", "Мария")], tranid="locked")).is_taken
    assert await heard(tilda) == Counter(["locked"])


async def test_thirty_at_once_with_repeats_are_ten(calm_url: str, tilda: Clinic) -> None:
    over = site(tilda, calm_url)
    numbers = [f"rush:{number}" for number in range(10)]
    await asyncio.gather(*(over.submit([("Name", "Мария")], tranid=number) for number in numbers * 3))
    assert await heard(tilda) == Counter(numbers)


async def test_their_twin_without_unique_numbers_is_doubled(calm_url: str, tilda: Clinic) -> None:
    over = site(tilda, calm_url)
    keys = ["core.webhook_delivery drop constraint webhook_delivery_clinic_id_connection_id_external_id_key"]
    add = "webhook_delivery_clinic_id_connection_id_external_id_key unique (clinic_id, connection_id, external_id)"
    async with without(
        tilda.clinic,
        [f"alter table {key}" for key in keys],
        [
            "delete from core.webhook_delivery where clinic_id = :clinic",
            f"alter table core.webhook_delivery add constraint {add}",
        ],
    ):
        await asyncio.gather(*(over.submit([("Name", "Мария")], tranid="twin") for _ in range(3)))
        async with tilda.clinic.ctx_as("system") as ctx:
            assert await ctx.db.scalar(text("select count(*) from core.webhook_delivery")) > 1
