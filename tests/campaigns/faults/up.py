"""Everything of one machine under `prikus up`, with a clinic in it, and clients that pay all the time."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
from sqlalchemy import text

from prikus.config import Config
from prikus.data.upgrade import plain
from prikus.embedded import Postgres, Valkey
from prikus.host.system import System
from prikus.testing.clinics import TestClinic, open_test_clinic
from prikus.testing.house import opened
from prikus.testing.live import free_port
from tests.campaigns.faults.machine import Machine, Process, is_ready
from tests.core.app.test_supervisor import children, command
from tests.plugins.billing.conftest import Desk, furnish
from tests.waiting import until

CLIENTS = 6
RETRY_AFTER = 0.2
"""Seconds; our clients are less patient than the header asks them to be, so that a lull cannot hide a fault."""


class UpMachine:
    """A running `prikus up` with a clinic in it."""

    def __init__(self, process: Process, url: str, config: Config, clinic: TestClinic, shelf: Desk) -> None:
        self.process = process
        self.url = url
        self.config = config
        self.clinic = clinic
        self.shelf = shelf

    def postgres(self) -> int:
        """The number of the server's first process; none while it is away."""
        return next((pid for pid in children(self.process.pid) if "postgres -D" in command(pid)), 0)


@asynccontextmanager
async def started_up(
    data: Path, system: System, plan: str = "practice", prepare: str = "checkpoint", **more: str
) -> AsyncIterator[UpMachine]:
    """`prepare` is said to the database before the clinic opens on the plan."""
    port = free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_URL", "REDIS_URL"))}
    environ = kept | {"PRIKUS_DATA": str(data), "PRIKUS_PORT": str(port), "PRIKUS_PROCESSES": "2"} | more
    process = Process("up", environ, data / "up.log")
    url = f"http://127.0.0.1:{port}"
    try:
        await until(lambda: is_ready(url), 120)
        config = config_of(data)
        await admin_says(config, prepare)
        async with opened(config, system) as house:
            clinic = await open_test_clinic(house, plan)
            # An installation that is older than the minutes between two checkpoints.
            await admin_says(config, "checkpoint")
            yield UpMachine(process, url, config, clinic, await furnish(clinic.ctx_as))
    finally:
        await process.stop()


def config_of(data: Path) -> Config:
    postgres, valkey = Postgres(data / "postgresql"), Valkey(data / "valkey", durable=True)
    return Config(data=data, database_url=postgres.url, redis_url=valkey.url)


async def admin_says(config: Config, statement: str) -> None:
    admin = await asyncpg.connect(plain(str(config.database_url)))
    await admin.execute(statement)
    await admin.close()


class Load:
    """Clients that pay a ruble after another; each tries again with the same key until it is told that it paid."""

    def __init__(self) -> None:
        self.confirmed: list[tuple[str, float]] = []
        self.refused = 0
        self.unanswered = 0
        self.odd: Counter[str] = Counter()

    def since(self, moment: float) -> int:
        return sum(at > moment for _, at in self.confirmed)

    async def pay(self, client: httpx.AsyncClient, invoice_id: int, stop: asyncio.Event) -> None:
        while not stop.is_set():
            key = str(uuid4())
            while not await self._is_paid(client, invoice_id, key):
                with suppress(TimeoutError):
                    await asyncio.wait_for(asyncio.Event().wait(), RETRY_AFTER)

    async def _is_paid(self, client: httpx.AsyncClient, invoice_id: int, key: str) -> bool:
        try:
            answer = await client.post(
                f"/billing/invoices/{invoice_id}/pay", data={"cash": "1", "idempotency_key": key}
            )
        except httpx.TransportError:
            self.unanswered += 1
            return False
        if answer.status_code == 204:
            self.confirmed.append((key, time.monotonic()))
            return True
        if answer.status_code == 503 and "retry-after" in answer.headers:
            self.refused += 1
        else:
            self.odd[f"{answer.status_code} {answer.text[:300]}"] += 1
        return False


@asynccontextmanager
async def loaded(up: UpMachine) -> AsyncIterator[Load]:
    load, stop = Load(), asyncio.Event()
    machine = Machine(up.config, up.config.data)
    async with machine.client(up.url, await up.clinic.session("administrator")) as client:
        invoices = [(await up.shelf.invoice()).invoice_id for _ in range(CLIENTS)]
        paying = [asyncio.create_task(load.pay(client, id, stop)) for id in invoices]
        try:
            yield load
        finally:
            stop.set()
            await asyncio.gather(*paying)
    # Our own connections may have died with the server's.
    await up.clinic.house.runtime.app.dispose()
    await up.clinic.house.runtime.relay.dispose()


async def paid_keys(clinic: TestClinic, keys: set[str]) -> Counter[str]:
    """How many payments were kept for each key."""
    query = text("""
        select t.key from billing.ledger_transaction t
        join billing.payment p on p.clinic_id = t.clinic_id and p.transaction_id = t.id where t.key = any(:keys)
    """)
    async with clinic.ctx_as("director") as ctx:
        return Counter(await ctx.db.scalars(query, {"keys": list(keys)}))
