"""A database that nobody else uses, and the next release of a module."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

from prikus.data import migrate
from prikus.data.session import make_engine
from prikus.events.runtime import role_urls
from prikus.host.system import System
from prikus.testing.clinics import TestClinic, open_test_clinic
from prikus.testing.house import House, migrated, opened
from prikus.testing.plugin import own, session
from prikus.testing.servers import Servers
from prikus_catalog.schemas import CategoryForm
from prikus_catalog.services import add_category
from tests.campaigns.versions import newer
from tests.campaigns.versions.traffic import Proxy, Traffic, headers
from tests.contract import samples

REDIS_NUMBER = 13


@session
async def house_of_versions(servers: Servers, system: System, worker_number: int) -> AsyncIterator[House]:
    async with opened(await migrated(servers, f"versions_{worker_number}", REDIS_NUMBER), system) as house:
        yield house


@own
async def clinic(house_of_versions: House) -> AsyncIterator[TestClinic]:
    clinic = await open_test_clinic(house_of_versions)
    yield clinic
    await clinic.close()


@own
async def release(clinic: TestClinic, tmp_path: Path) -> AsyncIterator[Path]:
    """The folder of release N; afterwards the database is that of N-1 again."""
    history = newer.write_release(tmp_path)
    yield tmp_path
    owner = make_engine(role_urls(clinic.house.config).url("owner"), pooled=False)
    async with owner.begin() as db:
        if await db.run_sync(migrate.current, history) == migrate.head(history):
            await db.run_sync(migrate.downgrade, history, migrate.head(newer.installed()))
    await owner.dispose()


@own
async def traffic(clinic: TestClinic, chance) -> AsyncIterator[Traffic]:
    async with clinic.ctx_as("director") as ctx:
        patient = await samples.patient(ctx, "Первый", 1_000_000)
        category = await add_category(ctx, CategoryForm(name="Осмотры"))
    proxy = Proxy(await headers(clinic))
    yield Traffic(proxy, chance, patient, category)
    await proxy.close()
