"""Here the installation has «Альбом», a plugin that keeps pictures of patients."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from PIL import Image

from prikus.host.system import System
from prikus.testing.clinics import TestClinic
from prikus.testing.house import House, migrated, opened
from prikus.testing.plugin import own, session
from prikus.testing.servers import Servers
from tests.core.conftest import entry, offer_plan


@session
async def album_house(servers: Servers) -> AsyncIterator[House]:
    system = System.load([entry("album")])
    config = await migrated(servers, "album", 0, system)
    await offer_plan(config, "album", "С альбомом", "album")
    async with opened(config, system) as house:
        yield house


@pytest.fixture
def house(album_house: House) -> House:
    return album_house


@pytest.fixture
def system(house: House) -> System:
    return house.system


@own
async def clinic(make_clinic: Callable[..., Awaitable[TestClinic]]) -> TestClinic:
    return await make_clinic(plan="album")


@pytest.fixture
def folder(house: House, clinic: TestClinic) -> Path:
    """Where the clinic's bytes lie."""
    return Path(house.config.files) / str(clinic.id)


def lying(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()} if folder.exists() else set()


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 480), mode: str = "RGB", **options: object) -> bytes:
    """A picture with a gradient, as a camera would write it."""
    file = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(file, kind, **options)
    return file.getvalue()
