"""Here the installation has «Самовар», a plugin that keeps all kinds of things about patients."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import text

from prikus.host import rooms
from prikus.host.system import System
from prikus.testing.clinics import TestClinic
from prikus.testing.house import House, migrated, opened
from prikus.testing.plugin import own, session
from prikus.testing.servers import Servers
from tests.core.conftest import entry, offer_plan

DAY = dt.date(2026, 11, 24)
Tell = Callable[..., Awaitable[None]]


@pytest.fixture(scope="session")
def samovar_system() -> System:
    return System(rooms.installed([entry("samovar")]))


@session
async def samovar_house(servers: Servers, samovar_system: System) -> AsyncIterator[House]:
    config = await migrated(servers, "samovar", 0, samovar_system)
    await offer_plan(config, "samovar", "С самоваром", "samovar")
    async with opened(config, samovar_system) as house:
        yield house


@pytest.fixture
def house(samovar_house: House) -> House:
    return samovar_house


@own
async def clinic(make_clinic: Callable[..., Awaitable[TestClinic]]) -> TestClinic:
    return await make_clinic(plan="samovar")


@pytest.fixture
def rows(clinic: TestClinic) -> Callable[..., Awaitable[list[tuple[Any, ...]]]]:
    """Rows that the clinic sees: `await rows("select … where patient_id = :id", id=7)`."""

    async def read(query: str, where: TestClinic = clinic, **values: Any) -> list[tuple[Any, ...]]:
        async with where.ctx_as("system") as ctx:
            return [tuple(row) for row in await ctx.db.execute(text(query), values)]

    return read


@pytest.fixture
def drink(clinic: TestClinic) -> Tell:
    """Gives a patient one thing of every kind: `await drink(patient_id, "слово")`; the word is in every text."""

    async def make(
        patient_id: int, word: str, day: dt.date = DAY, where: TestClinic = clinic, guest: bool = True
    ) -> None:
        values = {"id": patient_id, "word": word, "day": day}
        async with where.ctx_as("system") as ctx:
            if guest:
                await ctx.db.execute(text("insert into samovar.guest (patient_id, habits) values (:id, :word)"), values)
            visit = "insert into samovar.visit (patient_id, day, wish) values (:id, :day, :word) returning id"
            values["visit"] = await ctx.db.scalar(text(visit), values)
            for statement in (
                "insert into samovar.talk (visit_id, words) values (:visit, :word)",
                "insert into samovar.ticket (patient_id, visit_id, name) values (:id, :visit, :word)",
                "insert into samovar.ticket (patient_id, visit_id, name) values (null, :visit, :word)",
                "insert into samovar.coin (patient_id, amount) values (:id, 5), (:id, -5)",
            ):
                await ctx.db.execute(text(statement), values)

    return make
