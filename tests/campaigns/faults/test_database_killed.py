"""PostgreSQL dies or restarts under load, with everything of one machine under `prikus up` (reliability 14)."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import AsyncIterator, Callable

import pytest

from prikus.app.supervisor import STEADY_AFTER
from prikus.host.system import System
from prikus.testing.plugin import session
from tests.campaigns.faults.truth import broken
from tests.campaigns.faults.up import UpMachine, loaded, paid_keys, started_up
from tests.waiting import until

BACK_WITHIN = 10.0


@session
async def up(system: System, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[UpMachine]:
    async with started_up(tmp_path_factory.mktemp("up"), system) as machine:
        yield machine


@pytest.mark.parametrize(("word", "times"), [(signal.SIGKILL, 12), (signal.SIGINT, 10)])
async def test_no_confirmed_payment_is_lost_with_the_database_and_it_is_back_in_seconds(
    up: UpMachine, word: signal.Signals, times: int, rounds: Callable[[int, int], int]
) -> None:
    away: list[float] = []
    async with loaded(up) as load:
        for _ in range(rounds(1, times)):
            begun = time.monotonic()

            async def is_steady(begun: float = begun) -> bool:
                return load.since(begun) > 20 and time.monotonic() - begun > rounds(0, int(STEADY_AFTER) + 2)

            await until(is_steady)
            struck, killed = time.monotonic(), up.postgres()
            os.kill(killed, word)

            async def is_back(killed: int = killed) -> bool:
                return up.postgres() not in (0, killed)

            await until(is_back)
            replaced = time.monotonic()

            async def pays(replaced: float = replaced) -> bool:
                return load.since(replaced) > 0

            await until(pays)
            away.append(next(at for _, at in load.confirmed if at > replaced) - struck)
    print(f"away for {min(away):.1f} to {max(away):.1f} s, {len(load.confirmed)} paid, {load.refused} asked to wait")
    assert not load.odd, load.odd
    assert not load.unanswered
    assert load.refused > 0
    assert max(away) < rounds(60, BACK_WITHIN)
    keys = {key for key, _ in load.confirmed}
    assert await paid_keys(up.clinic, keys) == dict.fromkeys(keys, 1)
    assert await broken(up.clinic) == []
