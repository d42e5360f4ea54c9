"""What a `demo.py` is given to furnish a demo clinic with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, cast

import msgspec
from sqlalchemy import Table, insert
from sqlalchemy.ext.asyncio import AsyncEngine

from prikus.access.models import Account
from prikus.clinics.state import ClinicState
from prikus.config import Config
from prikus.data.base import TenantModel
from prikus.data.session import ClinicSession
from prikus.events.outbox import write_job
from prikus.host.system import System

PASSWORD = "demo-prikus-2026"
CHUNK = 2000
Progress = Callable[[str, int, int], None]


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """How much a demo clinic holds. `months` of history before the day of the load, `weeks` ahead."""

    branches: tuple[str, ...]
    chairs: int
    doctors: int
    staff: int
    patients: int
    months: int
    weeks: int


class DemoClinic(msgspec.Struct, frozen=True, kw_only=True):
    slug: str
    name: str
    plan: str
    size: Size


class SignIn(msgspec.Struct, frozen=True):
    """A person of a demo clinic who can sign in."""

    clinic: str
    title: str
    email: str
    password: str = PASSWORD


class Demo:
    """What a `demo.py` is given: an open transaction of the clinic, a seeded generator, the day, what others made.

    `made` is shared between rooms: `made["core.branch"]` are ids, plain structs where others need more.
    """

    def __init__(
        self,
        maint: AsyncEngine,
        db: ClinicSession,
        clinic: ClinicState,
        about: DemoClinic,
        today: dt.date,
        password_hash: str,
        progress: Progress,
        config: Config,
        system: System,
    ) -> None:
        self._maint = maint
        self._system = system
        self.db = db
        self.clinic = clinic
        self.slug = about.slug
        self.size = about.size
        self.today = today
        self._password_hash = password_hash
        self.progress = progress
        self.config = config
        self.made: dict[str, Any] = {}

    def random(self, room: str) -> Random:
        """The room's own generator: rooms do not disturb each other's numbers."""
        return Random(f"{self.slug}:{room}")

    async def enqueue(self, job: Callable[..., Any], payload: msgspec.Struct) -> None:
        """Ask for a job of the clinic: it is done once the demo is up."""
        await write_job(self.db, self._system.job_of(job), payload, None)

    async def accounts(self, emails: Sequence[str]) -> list[int]:
        """Accounts with the demo's password, in the order of the addresses. Accounts are global: committed at once."""
        rows = [{"email": email, "password_hash": self._password_hash} for email in emails]
        async with self._maint.begin() as db:
            made = await db.execute(insert(Account).returning(Account.id, sort_by_parameter_order=True), rows)
            return list(made.scalars())

    async def add(self, model: type[TenantModel], rows: Sequence[dict[str, Any]], label: str = "") -> list[int]:
        """Insert rows by Core, a few thousand to a statement; ids in the order of the rows.

        Columns that only some rows name are NULL in the others. Into the table, not the model: the ORM would send
        rows that differ in what is NULL one by one.
        """
        ids: list[int] = []
        table = model.__table__
        row = insert(cast("Table", table))
        columns = dict.fromkeys(name for row in rows for name in row)
        for start in range(0, len(rows), CHUNK):
            part = [{**columns, **row} for row in rows[start : start + CHUNK]]
            made = await self.db.execute(row.returning(table.c.id, sort_by_parameter_order=True), part)
            ids.extend(made.scalars())
            if label:
                self.progress(label, len(ids), len(rows))
        return ids
