"""A loop that stands still, as shipped: under `prikus up`, with its half a minute, while others pay."""

from __future__ import annotations

import time
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from prikus.access.models import AuditRecord
from tests.campaigns.faults.machine import Machine, is_ready
from tests.campaigns.faults.truth import broken
from tests.campaigns.faults.up import Load, UpMachine, loaded, paid_keys, started_up
from tests.contract.hostile.conftest import PLAN, hostile_system
from tests.waiting import until

BACK_WITHIN = 35.0
PAID_BEFORE = 100


async def spin(up: UpMachine, how: str) -> float:
    """Have the only web process stand still; the seconds until it is ready again."""
    session = await up.clinic.session("director")
    async with Machine(up.config, up.config.data).client(up.url, session) as client:
        began = time.monotonic()
        with pytest.raises(httpx.TransportError):
            await client.post(f"/hostile/spin/{how}")
        await until(lambda: is_ready(up.url))
    return time.monotonic() - began


async def spin_while_paid(up: UpMachine, load: Load, how: str) -> float:
    begun = time.monotonic()

    async def pays() -> bool:
        return load.since(begun) > PAID_BEFORE

    await until(pays)
    return await spin(up, how)


async def test_a_loop_that_stands_still_is_ended_in_time_and_no_confirmed_payment_is_lost(
    tmp_path_factory: pytest.TempPathFactory, distribution: dict[str, str]
) -> None:
    folder: Path = tmp_path_factory.mktemp("hostile-up")
    async with started_up(folder, hostile_system(), "hostile", PLAN, PRIKUS_PROCESSES="1", **distribution) as up:
        async with loaded(up) as load:
            away = {how: await spin_while_paid(up, load, how) for how in ("regex", "python", "sleep")}
        print(
            f"back after {away} s, {len(load.confirmed)} paid, {load.unanswered} not answered, {load.refused} refused"
        )
        assert not load.odd, load.odd
        assert load.unanswered > 0
        assert max(away.values()) < BACK_WITHIN
        assert up.process.said().count("Timeout (0:00:30)!") == len(away)
        keys = {key for key, _ in load.confirmed}
        assert await paid_keys(up.clinic, keys) == dict.fromkeys(keys, 1)
        async with up.clinic.ctx_as("system") as ctx:
            spun = await ctx.db.scalars(select(AuditRecord.id).where(AuditRecord.action == "hostile.spun"))
            assert list(spun) == []
        assert await broken(up.clinic) == []
