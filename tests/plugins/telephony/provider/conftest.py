"""An installation with telephony and a sample exchange over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from prikus.connections.services import opening
from prikus.host import rooms
from prikus.host.system import System
from prikus.testing.clinics import TestClinic
from prikus.testing.fakes import fake_provider
from prikus.testing.house import House, migrated, opened
from prikus.testing.plugin import session
from prikus.testing.servers import Servers
from tests.core.conftest import SAMPLES, entry
from tests.plugins.telephony.conftest import Exchange, make_connection


@session
async def ringer() -> AsyncIterator[str]:
    async with fake_provider("prikus_ringer.fake:build", folders=[SAMPLES]) as url:
        yield url


@session
async def quiet_house(servers: Servers, ringer: str) -> AsyncIterator[House]:
    system = System(rooms.installed([entry("telephony"), entry("ringer")]))
    config = await migrated(servers, "ringer", 0, system)
    async with opened(config, system, fakes={"ringer.example": ringer}) as house:
        yield house


@pytest.fixture
async def exchange(clinic: TestClinic) -> Exchange:
    async with clinic.ctx_as("director") as ctx:
        connection = await make_connection(ctx)
        await opening.keep_secrets(ctx, connection, {"token": "ring-4711"})
        return Exchange(clinic.ctx_as, connection, ctx.now().replace(microsecond=0))
