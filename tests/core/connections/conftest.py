"""An installation with the sample integration and its fake post office over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from prikus.connections.services import outgoing
from prikus.host import rooms
from prikus.host.system import System
from prikus.testing.clinics import TestClinic
from prikus.testing.fakes import fake_provider
from prikus.testing.house import House, migrated, opened
from prikus.testing.live import PATIENCE
from prikus.testing.plugin import session
from prikus.testing.servers import Servers
from prikus.testing.unguarded import take_guards_away
from tests.core.conftest import SAMPLES, entry, offer_plan


@session
async def post_office() -> AsyncIterator[str]:
    async with fake_provider("prikus_parcels.fake:build", folders=[SAMPLES]) as url:
        yield url


@session
async def parcels_house(servers: Servers, post_office: str) -> AsyncIterator[House]:
    system = System(rooms.installed([entry("parcels")]))
    config = await migrated(servers, "parcels", 0, system)
    await offer_plan(config, "practice", "Почтовый", "parcels")
    async with opened(config, system, fakes={"post.example": post_office}) as house:
        yield house


@session
async def unguarded(servers: Servers, worker_number: int) -> AsyncIterator[House]:
    """The same without policies between clinics, for twins."""
    system = System(rooms.installed([entry("parcels")]))
    config = await migrated(servers, f"parcels_unguarded_{worker_number}", 8 + worker_number, system)
    await offer_plan(config, "practice", "Почтовый", "parcels")
    await take_guards_away(config)
    async with opened(config, system) as house:
        yield house


@pytest.fixture
def house(parcels_house: House) -> House:
    return parcels_house


@pytest.fixture
def system(house: House) -> System:
    return house.system


@pytest.fixture
async def clinic(make_clinic: Callable[..., Awaitable[TestClinic]], post_office: str) -> TestClinic:
    """A clinic with the integration switched on; the post office behaves, and nobody has failed yet."""
    async with httpx.AsyncClient(base_url=post_office, timeout=PATIENCE) as control:
        await control.post("/faults/none")
    outgoing.breaker.forget()
    return await make_clinic()
