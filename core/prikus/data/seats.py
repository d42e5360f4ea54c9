"""A clinic's share of the connections of one process: who hangs keeps out its own colleagues and nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Seats:
    """At most `most` requests of one clinic hold a connection at a time; others of it wait `patience` seconds for one.

    Raises `TimeoutError` when they waited in vain.
    """

    def __init__(self, most: int, patience: float = 10.0) -> None:
        self.most = most
        self.patience = patience
        self._taken: dict[int, int] = {}
        self._waiting: dict[int, asyncio.Event] = {}

    def held(self, clinic_id: int) -> int:
        """How many of the clinic's seats are taken."""
        return self._taken.get(clinic_id, 0)

    @asynccontextmanager
    async def taken(self, clinic_id: int) -> AsyncIterator[None]:
        """One of the clinic's seats, for the length of the block."""
        if self.held(clinic_id) >= self.most:
            async with asyncio.timeout(self.patience):
                await self._free(clinic_id)
        self._taken[clinic_id] = self.held(clinic_id) + 1
        try:
            yield
        finally:
            self._give_back(clinic_id)

    async def _free(self, clinic_id: int) -> None:
        while self.held(clinic_id) >= self.most:
            event = self._waiting.setdefault(clinic_id, asyncio.Event())
            await event.wait()

    def _give_back(self, clinic_id: int) -> None:
        left = self._taken.pop(clinic_id) - 1
        if left:
            self._taken[clinic_id] = left
        if event := self._waiting.pop(clinic_id, None):
            event.set()
