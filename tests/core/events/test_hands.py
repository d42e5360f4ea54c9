"""A worker does several pieces at once, and no clinic takes all of its hands."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from sqlalchemy import func, select, text

from prikus.access.performing import Performer
from prikus.config import WorkPace
from prikus.host.system import System
from prikus.testing.clinics import TestClinic
from prikus.testing.house import House, migrated, opened
from prikus.testing.plugin import own, session
from prikus.testing.servers import Servers
from prikus_teahouse.jobs import Order, brew_order
from prikus_teahouse.models import Cup, Tea
from tests.core.conftest import offer_plan
from tests.waiting import until

HANDS, SHARE = WorkPace().together, WorkPace().share
LONG = 60.0


async def order(clinic: TestClinic, count: int, seconds: float = 0) -> None:
    async with clinic.ctx_as("system") as ctx:
        tea = Tea(name=f"чай {uuid4()}")
        ctx.db.add(tea)
        await ctx.db.flush()
        for number in range(count):
            await ctx.enqueue(brew_order, Order(tea.id, number, seconds))


async def cups(clinic: TestClinic) -> int:
    async with clinic.ctx_as("system") as ctx:
        return (await ctx.db.scalars(select(func.count(Cup.id)))).one()


async def states(clinic: TestClinic) -> dict[str, int]:
    query = text("select state, count(*) from core.work where clinic_id = :id group by state")
    async with clinic.house.runtime.relay.connect() as db:
        return dict(map(tuple, await db.execute(query, {"id": clinic.id})))


@asynccontextmanager
async def worker(house: House) -> AsyncIterator[None]:
    performer = Performer(house.runtime, house.states)
    working = asyncio.create_task(performer.work(asyncio.Event()))
    try:
        yield
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        await performer.hand_back()


async def reached(look, expected: object) -> None:
    async def is_so() -> bool:
        return await look() == expected

    await until(is_so)


@session
async def handy_house(servers: Servers, tea_system: System, worker_number: int) -> AsyncIterator[House]:
    """A database of its own: a worker that looks for everybody's work would take that of other tests."""
    config = await migrated(servers, f"hands_{worker_number}", 8 + worker_number, tea_system)
    await offer_plan(config, "tea", "Чайный", "teahouse", "biscuits")
    async with opened(config, tea_system) as house:
        yield house


@own
async def house(handy_house: House) -> AsyncIterator[House]:
    yield handy_house
    async with handy_house.runtime.relay.begin() as db:
        await db.execute(text("delete from core.work"))


@pytest.fixture
async def calm(make_clinic) -> TestClinic:
    return await make_clinic(plan="tea")


async def test_who_hangs_holds_back_nobody_else(house, clinic, calm) -> None:
    await order(clinic, HANDS * 2, LONG)
    await order(calm, HANDS)
    async with worker(house):
        await reached(lambda: cups(calm), HANDS)
        assert (await states(clinic), await cups(clinic)) == ({"running": SHARE, "due": HANDS * 2 - SHARE}, 0)
    assert await states(clinic) == {"due": HANDS * 2}, "what was begun was not handed back"


async def test_without_shares_it_does(house, clinic, calm, monkeypatch) -> None:
    """The twin: one clinic takes all hands before the other's turn comes again."""
    monkeypatch.setattr(WorkPace, "share", HANDS)
    await order(clinic, HANDS * 2, LONG)
    async with worker(house):
        await reached(lambda: states(clinic), {"running": HANDS, "due": HANDS})
        await order(calm, 1)
        assert await states(calm) == {"due": 1}
        assert (await states(clinic))["running"] == HANDS


async def test_a_flood_of_one_clinic_lets_the_others_through(house, clinic, calm) -> None:
    await order(clinic, 200, 0.01)
    await order(calm, 3)
    async with worker(house):
        await reached(lambda: cups(calm), 3)
    async with calm.ctx_as("system") as ctx:
        last = await ctx.db.scalar(select(func.max(Cup.id)))
    async with clinic.ctx_as("system") as ctx:
        assert await ctx.db.scalar(select(func.count(Cup.id)).where(Cup.id < last)) < 100


async def test_clinics_take_turns(house, clinic, calm) -> None:
    await order(clinic, 5)
    await order(calm, 2)
    queue, kinds = house.performer.queue, house.system.kinds()
    taken = await queue.claim(kinds, 4, share=3)
    assert sorted(head.clinic_id for head in taken) == sorted([clinic.id, calm.id] * 2)
    more = await queue.claim(kinds, 4, share=3, held=[clinic.id, clinic.id])
    assert [head.clinic_id for head in more] == [clinic.id]
    await queue.hand_back([*taken, *more])
    await asyncio.gather(clinic.drain(), calm.drain())


async def test_what_may_have_killed_a_worker_is_never_taken_beside_others(house, clinic, hurry) -> None:
    await order(clinic, 1)
    queue, kinds = house.performer.queue, house.system.kinds()
    assert len(await queue.claim(kinds, 9, clinic.id)) == 1
    await hurry()
    await order(clinic, 1)
    assert await queue.has_suspects(kinds)
    (fresh,) = await queue.claim(kinds, 9, clinic.id, held=[clinic.id], alone=False)
    (suspect,) = await queue.claim(kinds, 9, clinic.id)
    assert (fresh.is_suspect, suspect.is_suspect) == (False, True)
    await queue.hand_back([fresh, suspect])
    await clinic.drain()
