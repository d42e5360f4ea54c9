"""The installation of the tests, with a program outside that hears webhooks over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import msgspec

from prikus.testing.fakes import fake_provider
from prikus.testing.house import House, opened
from prikus.testing.plugin import own, session


@session
async def hook_url() -> AsyncIterator[str]:
    async with fake_provider("hook_fake:build", folders=[Path(__file__).parent]) as url:
        yield url


@session
async def hearing_house(quiet_house: House, hook_url: str) -> AsyncIterator[House]:
    config = msgspec.structs.replace(quiet_house.config, fakes={"hook.example": hook_url})
    async with opened(config, quiet_house.system) as hearing:
        yield hearing


@own
async def hook(hook_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """The program outside, well again."""
    async with httpx.AsyncClient(base_url=hook_url) as client:
        await client.post("/answer/204")
        yield client
