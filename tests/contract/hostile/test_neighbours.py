"""Beside a clinic whose plugin does everything wrong the pages of others are as fast as beside one that behaves."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from statistics import median, quantiles
from uuid import uuid4

import httpx
import pytest

from prikus.testing.clinics import TestClinic
from prikus.testing.house import House
from prikus.testing.live import free_port
from tests.campaigns.faults.machine import Process
from tests.campaigns.growth.wide import signed_in
from tests.contract import samples
from tests.contract.hostile.test_pages import PLACES
from tests.contract.hostile.test_processes import answers, order
from tests.plugins.billing.conftest import Desk, furnish
from tests.waiting import until

BAD = {**dict.fromkeys(PLACES, "raise"), "box": "raise", "propose_doctor": "raise", "billing_may_invoice": "query"}
SLOWER = 1.10
VISITORS, FOES, BLOCKS, ASKED = 3, 2, 20, 200


@pytest.fixture
def house(hostile_apart: House) -> House:
    return hostile_apart


class Street:
    """Visitors of a calm clinic, and people at work in the clinic next door whose plugin is good or bad today."""

    def __init__(self, visitor: httpx.AsyncClient, card: str, foe: httpx.AsyncClient, shop: Desk) -> None:
        self.visitor, self.card = visitor, card
        self.foe, self.shop = foe, shop
        self.foes_answered = 0

    async def visit(self, count: int, chance: random.Random) -> list[float]:
        """Milliseconds of so many requests."""
        spent: list[float] = []

        async def one_after_another() -> None:
            while len(spent) < count:
                begin = time.perf_counter()
                answer = await self.visitor.get(chance.choice(("/patients/", self.card, f"{self.card}/profile")))
                spent.append(1000 * (time.perf_counter() - begin))
                assert answer.status_code == 200

        async with asyncio.TaskGroup() as group:
            for _ in range(VISITORS):
                group.create_task(one_after_another())
        return spent

    async def quarrel(self, stop: asyncio.Event) -> None:
        """Cards, the plugin's own page, and invoices, of which it has an opinion."""
        patient = f"/patients/{self.shop.patient_id}"
        line = {"line": ["a1"], "service_id-a1": self.shop.filling, "quantity-a1": 1}
        while not stop.is_set():
            await self.foe.get(patient)
            await self.foe.get(f"/hostile/box/{self.shop.patient_id}")
            form = {**line, "idempotency_key": str(uuid4())}
            await self.foe.post(f"/billing{patient}/invoices/new", data=form)
            self.foes_answered += 3


async def set_moods(client: httpx.AsyncClient, is_bad: bool) -> None:
    for place, way in BAD.items():
        assert (await client.post(f"/hostile/mood/{place}/{way if is_bad else 'good'}")).status_code == 204


async def test_others_are_as_fast_beside_a_plugin_that_does_everything_wrong(
    clinic: TestClinic, make_clinic, start: Callable[..., Process], chance: random.Random
) -> None:
    """Blocks in which it behaves and in which it does not take turns in one process, so that the machine's own moods
    fall on both alike."""
    calm, port = await make_clinic(plan="start"), free_port()
    start("serve", PRIKUS_PORT=str(port))
    start("worker", PRIKUS_WORK_RETRY="0.001")
    async with calm.ctx_as("director") as ctx:
        card = f"/patients/{await samples.patient(ctx, 'Тихая')}"
    url = f"http://127.0.0.1:{port}"
    async with await signed_in(calm, url) as visitor, await signed_in(clinic, url) as foe:
        await until(lambda: answers(visitor))
        street = Street(visitor, card, foe, await furnish(clinic.ctx_as))
        spent: dict[bool, list[float]] = {False: [], True: []}
        await street.visit(30, chance)
        for number in range(2 * BLOCKS):
            is_bad = number % 2 == 1
            await set_moods(foe, is_bad)
            await order(clinic, *["fail" if is_bad else "good"] * 5)
            stop = asyncio.Event()
            foes = [asyncio.create_task(street.quarrel(stop)) for _ in range(FOES)]
            spent[is_bad] += await street.visit(ASKED, chance)
            stop.set()
            await asyncio.gather(*foes)
    good, bad = [(median(times), quantiles(times, n=20)[-1]) for times in spent.values()]
    print(
        f"median and p95 in ms: {good[0]:.1f}, {good[1]:.1f} beside a good one; {bad[0]:.1f}, {bad[1]:.1f} beside a bad"
        f" one; ratio of p95 {bad[1] / good[1]:.2f}; {street.foes_answered} requests next door"
    )
    assert street.foes_answered > 0
    assert bad[1] <= SLOWER * good[1]
