"""`prikus db upgrade`: roles, schemas, migrations, protection. Safe to run again and beside a running system."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import asyncpg
from sqlalchemy.engine import make_url

from prikus.data import migrate
from prikus.data.migrate import History
from prikus.data.protect import protect_core, protect_schema, sql_file
from prikus.data.roles import RoleUrls, ensure_roles, role_name
from prikus.data.session import make_engine

EXTENSIONS = ("btree_gist", "btree_gin", "pg_trgm")
Progress = Callable[[str], None]


def plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


async def upgrade_all(urls: RoleUrls, histories: Sequence[History], progress: Progress = lambda _: None) -> None:
    """Bring the database to the newest state of the core and of every installed plugin, core first."""
    admin = await asyncpg.connect(plain(urls.admin_url.render_as_string(hide_password=False)))
    try:
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
            for history in histories:
                await protect_schema(owner, history.owner, urls.database)
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
            await connection.run_sync(migrate.upgrade, history)
            await connection.commit()
    await engine.dispose()
