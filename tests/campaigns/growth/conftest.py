"""The wide installation: one database, a clinic with our plugins and thirty more."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from prikus.host.system import System
from prikus.testing.clinics import TestClinic
from prikus.testing.house import migrated, opened
from prikus.testing.plugin import session
from prikus.testing.servers import Servers
from tests.campaigns.growth import generated, wide

REDIS_NUMBER = 14


class Wide(msgspec.Struct):
    """A clinic with all of them, and two web processes of the same database: with few of them and with all."""

    clinic: TestClinic
    few: wide.Running
    many: wide.Running


@session
async def installation(
    servers: Servers, system: System, worker_number: int, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Wide]:
    ours = len(wide.OURS)
    few = generated.write_plugins(tmp_path_factory.mktemp("few"), wide.FEW - ours)
    many = generated.write_plugins(tmp_path_factory.mktemp("many"), wide.MANY - ours)
    config = await migrated(servers, f"wide_{worker_number}", REDIS_NUMBER)
    async with opened(config, system) as house:
        clinic = await wide.furnish(house, many)
        async with wide.web(config, few) as small, wide.web(config, many) as large:
            yield Wide(clinic, small, large)
