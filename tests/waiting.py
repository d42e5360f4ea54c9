"""Waiting for what other processes do."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

PATIENCE = 60.0
T = TypeVar("T")


async def until(condition: Callable[[], Awaitable[bool]], patience: float = PATIENCE) -> None:
    """Wait until a condition holds; fail after `patience` seconds."""
    async with asyncio.timeout(patience):
        while not await condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def outcome(work: Awaitable[T]) -> T | BaseException:
    """What it came to, an error too: for tasks of a group, where an error would end the others."""
    [ended] = await asyncio.gather(work, return_exceptions=True)
    return ended
