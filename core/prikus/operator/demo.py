"""Furnished demo clinics: opened like any other, then filled by the `demo.py` of every area and plugin.

Rows are invented from a fixed seed and the day of the load, and go in by bulk inserts, ledger and counters included.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from sqlalchemy import select, text

from prikus.access.furnishing import PASSWORD, Demo, DemoClinic, Progress, SignIn, Size
from prikus.access.passwords import hash_password
from prikus.access.performing import Performer
from prikus.clinics.models import Clinic
from prikus.clinics.state import States
from prikus.data.session import Scope, make_engine
from prikus.events.runtime import JOB_TIMEOUT_MS, Runtime
from prikus.host.rooms import AREAS
from prikus.operator.services import NewClinic, create_clinic

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
) -> None:
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
    await Performer(runtime, states, together=1).settle(opened.clinic_id)
    clinic = await states.get(opened.clinic_id)
    hashed = await hash_password(PASSWORD)
    maint = make_engine(runtime.urls.url("maint"), pooled=False)
    try:
        scope = Scope(clinic.id, statement_timeout_ms=JOB_TIMEOUT_MS)
        async with runtime.session(scope) as db, db.begin():
            day = today or dt.datetime.now(clinic.zone).date()
            demo = Demo(maint, db, clinic, about, day, hashed, progress, runtime.config, runtime.system)
            demo.made["head"] = opened.admin_staff_id
            for fill in rooms(runtime):
                await fill(demo)
            await db.execute(text("select core.bump_state()"))
    finally:
        await maint.dispose()
    await _analyse(runtime)


async def _analyse(runtime: Runtime) -> None:
    """Give the planner its statistics now: a load as large as this leaves it guessing until the server finds time."""
    owner = make_engine(runtime.urls.url("owner"), pooled=False, autocommit=True)
    async with owner.connect() as db:
        await db.execute(text("analyze"))
    await owner.dispose()


def sign_ins(about: DemoClinic) -> list[SignIn]:
    """Who is shown as able to sign in, whenever the clinic was loaded."""
    people = (("Руководитель", "director"), ("Врач", "doctor1"), ("Администратор", "admin"))
    return [SignIn(about.name, title, f"{name}@{about.slug}.example") for title, name in people]


async def is_loaded(runtime: Runtime, about: DemoClinic) -> bool:
    async with runtime.relay.connect() as db:
        return await db.scalar(select(Clinic.id).where(Clinic.slug == about.slug)) is not None
