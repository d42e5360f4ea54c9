"""An installation with the sample integration and its fake post office over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest

from prikus.connections.services import outgoing
from prikus.host import rooms
from prikus.host.system import System
from prikus.testing.clinics import TestClinic, open_test_clinic
from prikus.testing.fakes import fake_provider
from prikus.testing.house import House, migrated, opened
from prikus.testing.plugin import session
from prikus.testing.servers import Servers
from tests.core.conftest import SAMPLES, entry, offer_plan


@session
async def post_office() -> AsyncIterator[str]:
    async with fake_provider("prikus_parcels.fake:build", folders=[SAMPLES]) as url:
        yield url


@session
async def parcels_house(servers: Servers, post_office: str) -> AsyncIterator[House]:
    system = System(rooms.installed([entry("parcels")]))
    config = await migrated(servers, "parcels", 0, system)
    await offer_plan(config, "post", "Почтовый", "parcels")
    async with opened(msgspec.structs.replace(config, fakes={"post.example": post_office}), system) as house:
        yield house


@pytest.fixture
async def clinic(parcels_house: House, post_office: str) -> AsyncIterator[TestClinic]:
    """A clinic with the integration switched on; the post office behaves, and nobody has failed yet."""
    async with httpx.AsyncClient(base_url=post_office) as control:
        await control.post("/faults/none")
    outgoing.breaker.forget()
    clinic = await open_test_clinic(parcels_house, plan="post")
    yield clinic
    await clinic.close()
