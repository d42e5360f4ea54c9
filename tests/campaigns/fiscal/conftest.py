"""An installation with a fake register, a web that takes its callbacks, and workers that die."""

from __future__ import annotations

from collections.abc import AsyncIterator

from prikus.host.system import System
from prikus.testing.house import House, migrated, opened
from prikus.testing.plugin import session
from prikus.testing.servers import Servers
from tests.campaigns.faults.conftest import machine
from tests.campaigns.faults.machine import PACE
from tests.plugins.fiscal.conftest import connected, fakes, front, till

__all__ = ["connected", "fakes", "front", "machine", "till"]
REDIS_NUMBER = 11


@session
async def quiet_house(
    servers: Servers, system: System, fakes: dict[str, str], worker_number: int
) -> AsyncIterator[House]:
    """In the place of the one without processes."""
    config = await migrated(servers, f"fiscal_faults_{worker_number}", REDIS_NUMBER + worker_number, system)
    async with opened(config, system, work=PACE, fakes=fakes) as house:
        yield house
