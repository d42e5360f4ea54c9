"""What needs a person: counted by one rule wherever it is shown, without reading all receipts."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import text

from prikus_fiscal.services import reading, registers
from tests.plugins.fiscal.conftest import Front

GIVEN_UP = """update fiscal.fiscal_receipt set state = 'unknown', next_at = null, fiscal = null
    where id = (select min(id) from fiscal.fiscal_receipt)"""


@pytest.fixture
async def stuck(front: Front) -> Front:
    """One receipt was given up, one failed, one is done, one waits."""
    await front.pay(cash="9100")
    await front.pay(cash="9100")
    await front.work(2)
    await front.till.fake.misbehave("invalid")
    await front.pay(cash="9100")
    await front.work(2)
    await front.hold("another", "1 hour")
    await front.pay(cash="9100")
    await front.clinic.drain()
    async with front.clinic.ctx_as("system") as ctx:
        await ctx.db.execute(text(GIVEN_UP))
    assert await front.states() == ["unknown", "done", "failed", "queued"]
    return front


async def test_a_register_counts_what_its_link_shows(stuck: Front) -> None:
    director = stuck.till.director
    shown = (await director.get("/fiscal/registers")).text
    found = re.search(r'href="(/fiscal/receipts\?shown=trouble&(?:amp;)?register=\d+)">(\d+)<', shown)
    assert found
    listed = (await director.get(found[1].replace("&amp;", "&"))).text
    assert len(re.findall(r'href="/fiscal/receipts/\d+"', listed)) == int(found[2]) == 2
    async with stuck.clinic.ctx_as("director") as ctx:
        [row] = await registers.registers(ctx)
        waiting = await reading.receipts(ctx, reading.Filters(shown="waiting"))
        assert await reading.count_stuck(ctx) == 2
    assert row.waiting == len(waiting.rows) == 1


async def test_counting_them_reads_no_other_receipts(front: Front, count_statements: Any) -> None:
    async with front.clinic.ctx_as("director") as ctx:
        with count_statements() as statements:
            await reading.count_stuck(ctx)
            await registers.registers(ctx)
        asked = [one for one in statements if "count(*)" in one]
        assert len(asked) == 2
        await ctx.db.execute(text("set local enable_seqscan = off"))
        plans = ["\n".join(await ctx.db.scalars(text(f"explain {one}"))) for one in asked]
    assert all("fiscal_receipt_register_id_idx" in plan for plan in plans), plans
    assert all("fiscal_receipt_register_id_id_idx" in plan for plan in plans[1:]), plans
