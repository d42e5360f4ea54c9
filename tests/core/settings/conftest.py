"""A plan that leaves the calendar out."""

import asyncpg
import pytest

from prikus.data.upgrade import plain
from prikus.testing.house import House


@pytest.fixture
async def bare_plan(house: House) -> str:
    """The code of the plan «Только прайс»."""
    assert house.config.database_url is not None
    admin = await asyncpg.connect(plain(house.config.database_url))
    try:
        await admin.execute("""
            with plan as (insert into core.subscription_plan (code, title, price, position)
              values ('bare', 'Только прайс', 1, 9) on conflict (code) do nothing returning id)
            insert into core.plan_plugin (plan_id, plugin_id) select id, 'catalog' from plan
        """)
    finally:
        await admin.close()
    return "bare"
