"""`prikus db upgrade`: roles, schemas, migrations, protection. Safe to run again and beside a running system."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence

import asyncpg
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from prikus.data import migrate
from prikus.data.history import History
from prikus.data.protect import leftovers, protect_core, protect_schema, sql_file
from prikus.data.roles import RoleUrls, ensure_roles, role_name
from prikus.data.session import make_engine
from prikus.errors import Conflict

EXTENSIONS = ("btree_gist", "btree_gin", "pg_trgm")
Progress = Callable[[str], None]
ONE_AT_A_TIME = "select pg_advisory_lock(hashtext('prikus.upgrade'))"
LOCK_NOT_AVAILABLE = "55P03"
PAUSES = (0.5, 1.0, 2.0, *(5.0,) * 60)
"""Seconds between two attempts to get the locks of a migration, about five minutes in all; each varies by a half."""


def plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


async def upgrade_all(urls: RoleUrls, histories: Sequence[History], progress: Progress = lambda _: None) -> None:
    """Bring the database to the newest state of the core and of every installed plugin, core first.

    What removed plugins left keeps its tables and gets the newest rules.
    """
    admin = await asyncpg.connect(plain(urls.admin_url.render_as_string(hide_password=False)))
    try:
        await admin.execute(ONE_AT_A_TIME)
        progress("роли и схемы")
        await ensure_roles(admin, urls)
        for extension in EXTENSIONS:
            await admin.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
        owner_name = role_name(urls.database, "owner")
        for history in histories:
            await admin.execute(f'CREATE SCHEMA IF NOT EXISTS "{history.owner}" AUTHORIZATION "{owner_name}"')
        await _migrate(urls, histories, progress)
        progress("права и политики")
        owner = await asyncpg.connect(plain(urls.url("owner")))
        try:
            known = [history.owner for history in histories]
            for schema in (*known, *await leftovers(owner, urls.database, known)):
                await protect_schema(owner, schema, urls.database)
            await protect_core(owner, admin, urls.database)
        finally:
            await owner.close()
    finally:
        await admin.close()


async def _migrate(urls: RoleUrls, histories: Sequence[History], progress: Progress) -> None:
    owner = await asyncpg.connect(plain(urls.url("owner")))
    try:
        await owner.execute(sql_file("touch.sql"))
    finally:
        await owner.close()
    engine = make_engine(urls.url("owner"), pooled=False)
    async with engine.connect() as connection:
        for history in histories:
            progress(f"миграции: {history.owner}")
            await _persist(connection, history, progress)
    await engine.dispose()


async def _persist(connection: AsyncConnection, history: History, progress: Progress) -> None:
    """Ask again for locks that are taken, and let those pass between who came in the meantime: they wait behind us."""
    for pause in PAUSES:
        try:
            await connection.run_sync(migrate.upgrade, history)
            await connection.commit()
            return
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
            await connection.rollback()
        progress(f"миграции: {history.owner}, ждут занятых таблиц")
        await asyncio.sleep(pause * random.uniform(0.5, 1.5))
    raise Conflict(
        f"Миграции «{history.owner}» не дождались занятых таблиц. Завершите долгие запросы к базе и "
        "повторите prikus db upgrade."
    )
