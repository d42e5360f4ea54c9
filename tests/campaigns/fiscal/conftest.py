"""An installation with a fake register, a web that takes its callbacks, and workers that die."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec

from prikus.host.system import System
from prikus.testing.house import House, migrated, opened
from prikus.testing.plugin import session
from prikus.testing.servers import Servers
from prikus_integrations_evotor.fake import HOST
from tests.campaigns.faults.conftest import machine
from tests.campaigns.faults.machine import PACE
from tests.plugins.fiscal.conftest import clinic, connected, evotor_fake, front, house, till

__all__ = ["clinic", "connected", "evotor_fake", "front", "house", "machine", "till"]
REDIS_NUMBER = 11


@session
async def evotor_house(servers: Servers, system: System, evotor_fake: str) -> AsyncIterator[House]:
    """In the place of the one without processes."""
    config = await migrated(servers, "fiscal_faults", REDIS_NUMBER, system)
    async with opened(msgspec.structs.replace(config, work=PACE, fakes={HOST: evotor_fake}), system) as house:
        yield house
