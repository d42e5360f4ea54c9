"""Tests of the kernel use a plugin of their own, so that they say nothing about ours."""

import sys
from collections.abc import AsyncIterator
from importlib.metadata import EntryPoint
from pathlib import Path

import asyncpg
import pytest

from prikus.config import Config
from prikus.data.upgrade import plain
from prikus.host import rooms
from prikus.host.system import System
from prikus.testing.house import House, migrated, opened
from prikus.testing.plugin import session
from prikus.testing.servers import Servers

SAMPLES = Path(__file__).parents[1] / "samples"
sys.path.append(str(SAMPLES))


def entry(plugin_id: str) -> EntryPoint:
    return EntryPoint(plugin_id, f"prikus_{plugin_id}:plugin", rooms.GROUP)


async def offer_plan(config: Config, code: str, title: str, *plugins: str) -> None:
    """A plan that holds these plugins."""
    assert config.database_url is not None
    admin = await asyncpg.connect(plain(config.database_url))
    try:
        query = """
            with plan as (insert into core.subscription_plan (code, title, price, position)
              values ($1, $2, 1, 9) on conflict (code) do update set price = 1 returning id)
            insert into core.plan_plugin (plan_id, plugin_id)
            select id, plugin_id from plan, unnest($3::text[]) plugin_id
            on conflict do nothing
        """
        await admin.execute(query, code, title, list(plugins))
    finally:
        await admin.close()


@pytest.fixture(scope="session")
def tea_system() -> System:
    return System.load([entry("teahouse"), entry("biscuits")])


@session
async def tea_house(servers: Servers, tea_system: System) -> AsyncIterator[House]:
    """An installation with the sample plugins only."""
    config = await migrated(servers, "tea", 0, tea_system)
    await offer_plan(config, "tea", "Чайный", "teahouse", "biscuits")
    async with opened(config, tea_system) as house:
        yield house
