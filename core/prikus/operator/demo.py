"""Furnished demo clinics: opened like any other, then filled by the `demo.py` of every area and plugin.

Rows are invented from a fixed seed and the day of the load, and go in by bulk inserts, ledger and counters included.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from random import Random
from typing import Any

import msgspec
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from prikus.access.models import Account
from prikus.access.passwords import hash_password
from prikus.access.performing import Performer
from prikus.clinics.models import Clinic
from prikus.clinics.state import ClinicState, States
from prikus.data.base import TenantModel
from prikus.data.session import ClinicSession, Scope, make_engine
from prikus.events.runtime import JOB_TIMEOUT_MS, Runtime
from prikus.host.rooms import AREAS
from prikus.operator.services import NewClinic, create_clinic

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


CLINICS = (
    DemoClinic(
        slug="lesnaya",
        name="Стоматология на Лесной",
        plan="practice",
        size=Size(
            branches=("На Лесной", "На Садовой"), chairs=8, doctors=10, staff=6, patients=3000, months=12, weeks=2
        ),
    ),
    DemoClinic(
        slug="ulybka",
        name="Улыбка",
        plan="start",
        size=Size(branches=("Улыбка",), chairs=2, doctors=2, staff=2, patients=120, months=2, weeks=2),
    ),
)


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
    ) -> None:
        self._maint = maint
        self.db = db
        self.clinic = clinic
        self.slug = about.slug
        self.size = about.size
        self.today = today
        self._password_hash = password_hash
        self.progress = progress
        self.made: dict[str, Any] = {}
        self.sign_ins: list[SignIn] = []

    def random(self, room: str) -> Random:
        """The room's own generator: rooms do not disturb each other's numbers."""
        return Random(f"{self.slug}:{room}")

    def can_sign_in(self, title: str, email: str) -> None:
        """Note somebody to be shown after the load."""
        self.sign_ins.append(SignIn(self.clinic.name, title, email))

    async def accounts(self, emails: Sequence[str]) -> list[int]:
        """Accounts with the demo's password, in the order of the addresses. Accounts are global: committed at once."""
        rows = [{"email": email, "password_hash": self._password_hash} for email in emails]
        async with self._maint.begin() as db:
            made = await db.execute(insert(Account).returning(Account.id, sort_by_parameter_order=True), rows)
            return list(made.scalars())

    async def add(self, model: type[TenantModel], rows: Sequence[dict[str, Any]], label: str = "") -> list[int]:
        """Insert rows by Core, a few thousand to a statement; ids in the order of the rows."""
        ids: list[int] = []
        for start in range(0, len(rows), CHUNK):
            part = list(rows[start : start + CHUNK])
            made = await self.db.execute(insert(model).returning(model.id, sort_by_parameter_order=True), part)
            ids.extend(made.scalars())
            if label:
                self.progress(label, len(ids), len(rows))
        return ids


def rooms(runtime: Runtime) -> Iterator[Callable[[Demo], Any]]:
    """The `load` of every `demo.py`: core areas, then plugins after those that they require or gain from."""
    for area in AREAS:
        if find_spec(f"prikus.{area}.demo"):
            yield import_module(f"prikus.{area}.demo").load
    placed: set[str] = set()

    def place(id: str) -> Iterator[str]:
        if id in placed or id not in runtime.system.plugins:
            return
        placed.add(id)
        plugin = runtime.system.plugins[id]
        for other in (*plugin.requires, *plugin.enhances):
            yield from place(other)
        yield plugin.package

    for id in runtime.system.plugins:
        for package in place(id):
            if find_spec(f"{package}.demo"):
                yield import_module(f"{package}.demo").load


async def load(
    runtime: Runtime,
    about: DemoClinic,
    *,
    today: dt.date | None = None,
    progress: Progress = lambda label, done, total: None,
) -> list[SignIn]:
    """Open one demo clinic and fill it. Raises `Conflict` when it is there already."""
    head = f"director@{about.slug}.example"
    new = NewClinic(
        slug=about.slug,
        name=about.name,
        plan=about.plan,
        admin_email=head,
        admin_password=PASSWORD,
        admin_last_name="Воронцова",
        admin_first_name="Марина",
        admin_patronymic="Сергеевна",
        time_zone="Asia/Yekaterinburg",
    )
    opened = await create_clinic(runtime, new)
    states = States(runtime)
    await Performer(runtime, states).perform_due(opened.clinic_id)
    clinic = await states.get(opened.clinic_id)
    hashed = await hash_password(PASSWORD)
    maint = make_engine(runtime.urls.url("maint"), pooled=False)
    try:
        scope = Scope(clinic.id, statement_timeout_ms=JOB_TIMEOUT_MS)
        async with runtime.session(scope) as db, db.begin():
            demo = Demo(maint, db, clinic, about, today or dt.datetime.now(clinic.zone).date(), hashed, progress)
            demo.can_sign_in("Руководитель", head)
            demo.made["head"] = opened.admin_staff_id
            for fill in rooms(runtime):
                await fill(demo)
            await db.execute(text("select core.bump_state()"))
    finally:
        await maint.dispose()
    return demo.sign_ins


async def is_loaded(runtime: Runtime, about: DemoClinic) -> bool:
    async with runtime.relay.connect() as db:
        return await db.scalar(select(Clinic.id).where(Clinic.slug == about.slug)) is not None
