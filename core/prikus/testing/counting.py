"""How many statements something costs. Round trips are what requests spend their time on (performance.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from prikus.config import Config
from prikus.data.roles import role_name
from prikus.data.upgrade import plain
from prikus.events.runtime import role_urls


@contextmanager
def counted(engine: AsyncEngine) -> Iterator[list[str]]:
    """The statements that are sent to the database as the application while the block runs, in order."""
    statements: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        statements.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)


RESET = "select pg_stat_statements_reset($1::oid, (select oid from pg_database where datname = current_database()), 0)"
CALLS = """
    select query, sum(calls)::int as calls from pg_stat_statements
    where userid = $1::oid and dbid = (select oid from pg_database where datname = current_database()) group by query
"""


class ServerCount:
    """Counts in PostgreSQL itself what the application sends, whatever process of it does. Made by `on_server`."""

    def __init__(self, admin: asyncpg.Connection, role: int) -> None:
        self._admin = admin
        self._role = role

    @asynccontextmanager
    async def counting(self) -> AsyncIterator[Counter[str]]:
        """The statements of the block, each with the number of its calls; known at the end of the block."""
        await self._admin.fetchval(RESET, self._role)
        calls: Counter[str] = Counter()
        yield calls
        calls.update({row["query"]: row["calls"] for row in await self._admin.fetch(CALLS, self._role)})


@asynccontextmanager
async def on_server(config: Config) -> AsyncIterator[ServerCount]:
    """For a database to which nobody else sends anything in the meantime; the server has pg_stat_statements."""
    urls = role_urls(config)
    admin = await asyncpg.connect(plain(urls.admin_url.render_as_string(hide_password=False)))
    try:
        await admin.execute("create extension if not exists pg_stat_statements")
        role = await admin.fetchval("select oid from pg_roles where rolname = $1", role_name(urls.database, "app"))
        yield ServerCount(admin, role)
    finally:
        await admin.close()
