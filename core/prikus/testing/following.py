"""Following a list of the API as a program does, page after page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from typing import Any

from sqlalchemy import text

from prikus.events.runtime import Runtime
from prikus.testing.clinics import Client

PAUSE = 0.1
IS_TOLD = text("select cast(cast(:now as text) as xid8) < pg_snapshot_xmin(pg_current_snapshot())")


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

    Asks until the `wanted` ids have come, for as long as the test may take: a transaction of another test may hold the
    end of the list back. The key should have `per_minute=3000`.
    """
    found: dict[int, dict[str, Any]] = {}
    while True:
        async for page in pages(program, path, cursor):
            found |= {item["id"]: item for item in page["items"]}
            cursor = page["cursor"]
        if cursor is not None and found.keys() >= set(wanted):
            return found, cursor
        await asyncio.sleep(PAUSE)


async def until_told(runtime: Runtime) -> None:
    """Return when such lists tell of everything that is committed now.

    They end before the oldest open transaction of the whole server, which may be another test's.
    """
    async with runtime.relay.execution_options(isolation_level="AUTOCOMMIT").connect() as db:
        now = {"now": await db.scalar(text("select pg_current_xact_id()::text"))}
        while not await db.scalar(IS_TOLD, now):  # noqa: ASYNC110
            await asyncio.sleep(PAUSE)
