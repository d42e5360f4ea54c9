"""Workers die over facts of one row: each is heard once, and in the order of the row (contract 5)."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import AsyncIterator, Callable
from importlib.metadata import entry_points
from itertools import count

import pytest
from sqlalchemy import select

from prikus.access.models import AuditRecord
from prikus.failpoints import Name
from prikus.host import rooms
from prikus.host.system import System
from prikus.testing.clinics import TestClinic
from prikus.testing.house import House, migrated, opened
from prikus.testing.plugin import session
from prikus.testing.servers import Servers
from tests.campaigns.faults.feed import heads
from tests.campaigns.faults.machine import ALL_WORK, PACE, Machine, order
from tests.campaigns.faults.truth import broken
from tests.core.conftest import SAMPLES, entry
from tests.waiting import PATIENCE, until

INSTALLED = {"PYTHONPATH": f"{SAMPLES / 'installed'}:{SAMPLES}"}
STEPS: tuple[Name, ...] = ("after_claim", "before_work", "after_work", "before_commit", "after_commit")
ROWS, TRADES = 3, 6
names = count(1)


@session
async def orderly_house(servers: Servers, worker_number: int) -> AsyncIterator[House]:
    system = System(rooms.installed([*entry_points(group=rooms.GROUP), entry("teahouse")]))
    config = await migrated(servers, f"orderly_{worker_number}", 8 + worker_number, system)
    async with opened(config, system, work=PACE) as house:
        yield house


@pytest.fixture
def house(orderly_house: House) -> House:
    return orderly_house


async def deal(clinic: TestClinic) -> list[int]:
    from prikus_teahouse.models import Tea
    from prikus_teahouse.services import trade

    async with clinic.ctx_as("system") as ctx:
        teas = [Tea(name=f"чай {next(names)}") for _ in range(ROWS)]
        ctx.db.add_all(teas)
        await ctx.db.flush()
        ids = [tea.id for tea in teas]
    for number in range(TRADES):
        for id in ids:
            async with clinic.ctx_as("system") as ctx:
                await trade(ctx, await ctx.load(Tea, id), f"{('куплен', 'продан')[number % 2]} {number}")
    return ids


async def booked(clinic: TestClinic, tea_id: int) -> list[int]:
    """Numbers of the trades with a tea, as they stand in the book."""
    query = select(AuditRecord.sentence).where(AuditRecord.action == "teahouse.booked", AuditRecord.object_id == tea_id)
    async with clinic.ctx_as("system") as ctx:
        return [int(line.split()[-1]) for line in await ctx.db.scalars(query.order_by(AuditRecord.id))]


def is_done(clinic: TestClinic) -> Callable:
    async def look() -> bool:
        return not await heads(clinic)

    return look


@pytest.mark.parametrize("step", STEPS)
async def test_two_workers_of_which_one_dies_keep_the_order(
    step: Name, machine: Machine, clinic: TestClinic, rounds: Callable[[int, int], int], chance: random.Random
) -> None:
    await clinic.house.performer.settle(clinic.id)
    for _ in range(rounds(1, 10)):
        doomed = machine.worker(order(step, times=chance.randint(1, 4)), **INSTALLED)
        other = machine.worker(**INSTALLED)
        for worker in (doomed, other):
            await worker.is_heard("worker ready")
        ids = []
        async with asyncio.timeout(PATIENCE):
            while doomed.is_alive:
                ids += await deal(clinic)
        assert await doomed.ended() == -signal.SIGKILL, doomed.said()
        assert f"failpoint {step}: kill" in doomed.said()
        await until(is_done(clinic), ALL_WORK)
        for id in ids:
            assert await booked(clinic, id) == list(range(TRADES))
        assert other.is_alive
        await other.stop()
    assert await broken(clinic) == []
