"""Receipts through every fault of the register and deaths of the worker: none lost, none doubled (INT-05).

Pauses are not waited for: the harness lets them be over. What a person would press, it presses.
"""

from __future__ import annotations

import asyncio
import random
import signal
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from prikus.failpoints import Name
from prikus_fiscal.schemas import Receipt
from prikus_fiscal.services import sending
from prikus_fiscal.testing import hurry
from tests.campaigns.faults.machine import Machine, Process, order
from tests.plugins.fiscal.conftest import Front

FAULTS: dict[str, dict[str, int]] = {
    "accepted, then the connection breaks": {"lost": 1},
    "accepted, breaks, repetition refused as known": {"lost": 1, "duplicate": 1},
    "token expired in the middle": {"expired": 1},
    "refused by validation": {"invalid": 1},
    "stood in the queue too long": {"queue": 1},
    "out of paper": {"paper": 1},
    "callback twice": {"twice": 1},
    "callback before the answer": {"early": 1},
    "too many requests": {"limit": 1},
    "no link of the operator": {"nolink": 1},
    "error 50": {"down": 1},
    "500 with a page": {"broken": 1},
    "answer cut": {"cut": 1},
    "not ready three times": {"wait": 3},
    "user blocked": {"blocked": 1},
}
DEATHS: dict[str, Name] = {
    "killed before sending": "before_send",
    "killed after sending": "after_send",
    "killed before it was noted": "before_commit",
}
BATCH, SMALL = 3, 6
PAID = 9100
SIGNS = len(str(uuid.uuid4()))
GONE = "update fiscal.cash_register set lease_until = now() - interval '1 second'"
HEARD = "select count(*) from core.webhook_delivery"
Rounds = Callable[[int, int], int]


class Campaign:
    """Batches of payments, each with a fault or a death."""

    def __init__(self, front: Front, machine: Machine, public: str, chance: random.Random) -> None:
        self.front, self.machine, self.public, self.chance = front, machine, public, chance
        self.injected: Counter[str] = Counter()
        self.worker: Process | None = None
        self.paid = 0

    async def batch(self, fault: str) -> None:
        self.injected[fault] += 1
        if fault in DEATHS:
            await self._die(DEATHS[fault])
        else:
            for name, times in FAULTS[fault].items():
                await self.front.till.fake.misbehave(name, times)
            await self._pay()
        if self.worker is None:
            self.worker = self.machine.worker(PRIKUS_PUBLIC_URL=self.public)
        await self._until_done()

    async def _pay(self) -> None:
        for _ in range(BATCH):
            await self.front.pay(cash="100", cashless="9000")
            self.paid += 1

    async def _die(self, step: Name) -> None:
        """A worker takes the batch up and is killed over it; its lease runs out."""
        if self.worker is not None:
            await self.worker.stop()
            self.worker = None
        await self._pay()
        times = self.chance.randint(1, 10) if step == "before_commit" else self.chance.randint(1, BATCH)
        worker = self.machine.worker(order(step, times=times), PRIKUS_PUBLIC_URL=self.public)
        async with asyncio.timeout(60):
            while worker.is_alive:
                await hurry(self.front.clinic)
                await asyncio.sleep(0.3)
        assert await worker.ended() == -signal.SIGKILL, worker.said()
        async with self.front.clinic.ctx_as("system") as ctx:
            await ctx.db.execute(text(GONE))

    async def _until_done(self) -> None:
        async with asyncio.timeout(120):
            while await self.front.states() != ["done"] * self.paid:
                for [id] in await self.front.rows("id", "state = 'failed'"):
                    await self.front.till.director.post(f"/fiscal/receipts/{id}/retry")
                for id, stopped in await self.front.of_registers("id, stopped"):
                    if stopped:
                        await self.front.till.director.post(f"/fiscal/registers/{id}/resume")
                await hurry(self.front.clinic)
                await asyncio.sleep(0.3)


async def outcome(front: Front) -> tuple[int, int]:
    """How many of our receipts the register does not have, and how many it has too often."""
    kept = [one for one in await front.till.registered() if one["status"] != "fail"]
    assert all(one["payload"]["total"] == PAID for one in kept if one["payload"])
    times = Counter(one["external_id"][:SIGNS] for one in kept)
    ours = [row[0][:SIGNS] for row in await front.rows("external_id")]
    lost = sum(times[number] == 0 for number in ours)
    return lost, sum(times.values()) - len(times.keys() & set(ours))


@pytest.mark.spec("INT-05", part="lost 0, doubled 0")
async def test_no_receipt_is_lost_or_doubled(
    front: Front, machine: Machine, rounds: Rounds, chance: random.Random
) -> None:
    public = (await machine.web()).url
    campaign = Campaign(front, machine, public, chance)
    known = [*FAULTS, *DEATHS]
    batches = rounds(SMALL, 3 * len(known))
    for fault in chance.sample(known * 3, 3 * len(known))[:batches]:
        await campaign.batch(fault)
    lost, doubled = await outcome(front)
    receipts = await front.rows("external_id")
    async with front.clinic.ctx_as("system") as ctx:
        heard = await ctx.db.scalar(text(HEARD))
    told = ", ".join(f"{fault}: {times}" for fault, times in sorted(campaign.injected.items()))
    print(f"receipts {len(receipts)}, callbacks {heard}, lost {lost}, doubled {doubled}; {told}")
    assert (len(receipts), lost, doubled) == (BATCH * batches, 0, 0)
    documents = [row[0] for row in await front.rows("fiscal->>'document'")]
    assert len(set(documents)) == len(documents)
    assert heard


async def test_its_twin_with_a_new_number_each_time_doubles(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: when a repetition has another number, each lost answer makes a document more."""

    def numbered_anew(**written: Any) -> Receipt:
        return Receipt(**{**written, "external_id": str(uuid.uuid4())})

    for receipt, documents in ((Receipt, 2), (numbered_anew, 2 + 4)):
        monkeypatch.setattr(sending, "Receipt", receipt)
        await front.till.fake.misbehave("lost", 2)
        for _ in range(2):
            await front.pay(cash=str(PAID))
        await front.work(5)
        assert set(await front.states()) == {"done"}
        assert len(await front.till.registered()) == documents
