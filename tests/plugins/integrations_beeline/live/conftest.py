"""The same with real web and worker processes, which the fake exchange sends to."""

from __future__ import annotations

from collections.abc import AsyncIterator

from prikus.host.system import System
from prikus.testing.house import House, migrated, opened
from prikus.testing.live import serving
from prikus.testing.plugin import session
from prikus.testing.servers import Servers

REDIS_NUMBER = 6


@session
async def live_house(
    servers: Servers, system: System, worker_number: int, fakes: dict[str, str]
) -> AsyncIterator[House]:
    config = await migrated(servers, f"beeline_live_{worker_number}", REDIS_NUMBER + worker_number)
    async with opened(config, system, fakes=fakes) as house:
        yield house


@session
async def live_server(live_house: House) -> AsyncIterator[str]:
    async with serving(live_house.config) as url:
        yield url
