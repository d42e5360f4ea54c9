"""Connections that die in the pool are replaced before anybody gets them (reliability 14)."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from prikus.data.session import make_engine, replace_closed


@pytest.fixture
async def engine(tea_house) -> AsyncIterator[AsyncEngine]:
    made = make_engine(tea_house.runtime.urls.url("app"), pool_size=3)
    yield made
    await made.dispose()


async def lose_all(engine: AsyncEngine, house) -> None:
    """Every connection of the pool is ended by the server while nobody uses it."""
    held = [await engine.connect() for _ in range(3)]
    raw = [(await one.get_raw_connection()).driver_connection for one in held]
    for one in held:
        await one.close()
    admin = make_engine(house.config.database_url, pooled=False)
    async with admin.connect() as db:
        for one in raw:
            await db.execute(text("select pg_terminate_backend(:pid)"), {"pid": one.get_server_pid()})
    await admin.dispose()
    async with asyncio.timeout(60):
        while not all(one.is_closed() for one in raw):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_nobody_meets_a_connection_that_died_in_the_pool(engine: AsyncEngine, tea_house) -> None:
    await lose_all(engine, tea_house)
    held = [await engine.connect() for _ in range(3)]
    assert [await one.scalar(text("select 1")) for one in held] == [1, 1, 1]
    for one in held:
        await one.close()


async def test_without_the_look_somebody_does(engine: AsyncEngine, tea_house) -> None:
    """The twin."""
    event.remove(engine.sync_engine, "checkout", replace_closed)
    await lose_all(engine, tea_house)
    async with engine.connect() as db:
        with pytest.raises(DBAPIError, match="closed"):
            await db.scalar(text("select 1"))
