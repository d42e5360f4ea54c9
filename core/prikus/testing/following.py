"""Following a list of the API as a program does, page after page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from typing import Any

from prikus.testing.clinics import Client


async def pages(program: Client, path: str, cursor: str | None = None, limit: int = 2) -> AsyncIterator[dict[str, Any]]:
    """Pages until there is no more now."""
    while True:
        asked = {"limit": limit} | ({"changed_since": cursor} if cursor else {})
        answer = await program.get(path, params=asked)
        assert answer.status_code == 200, answer.text
        yield answer.json()
        cursor = answer.json()["cursor"]
        if not answer.json()["has_more"]:
            return


async def followed(
    program: Client, path: str, wanted: Collection[int], cursor: str | None = None
) -> tuple[dict[int, dict[str, Any]], str]:
    """The newest word about each thing since the cursor, and the cursor behind them.

    Asks until the `wanted` ids have come: a transaction of another test may hold the end of the list back. The key
    should have `per_minute=3000`.
    """
    found: dict[int, dict[str, Any]] = {}
    async with asyncio.timeout(60):
        while not found.keys() >= set(wanted):
            async for page in pages(program, path, cursor):
                found |= {item["id"]: item for item in page["items"]}
                cursor = page["cursor"]
    assert cursor is not None
    return found, cursor
