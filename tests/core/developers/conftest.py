"""The installation of the tests, with a program outside that hears webhooks over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from prikus.testing.fakes import fake_provider
from prikus.testing.live import PATIENCE
from prikus.testing.plugin import own, session


@session
async def hook_url() -> AsyncIterator[str]:
    async with fake_provider("hook_fake:build", folders=[Path(__file__).parent]) as url:
        yield url


@session
async def fakes(hook_url: str) -> dict[str, str]:
    return {"hook.example": hook_url}


@own
async def hook(hook_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """The program outside, well again."""
    async with httpx.AsyncClient(base_url=hook_url, timeout=PATIENCE) as client:
        await client.post("/answer/204")
        yield client
