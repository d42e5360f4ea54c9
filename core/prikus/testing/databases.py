"""Databases of our own on the server under test: one for a run, and scratch ones for tests of migrations."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import msgspec
from sqlalchemy.engine import make_url

from prikus.config import Config
from prikus.data.roles import ROLES, role_name
from prikus.data.upgrade import plain


def named(url: str, database: str) -> str:
    """The same server's address with another database."""
    return make_url(url).set(database=database).render_as_string(hide_password=False)


async def create_database(admin_url: str, name: str) -> str:
    """Make an empty database; return the administrator's address of it."""
    admin = await asyncpg.connect(plain(admin_url))
    try:
        await admin.execute(f'CREATE DATABASE "{name}"')
    finally:
        await admin.close()
    return named(admin_url, name)


async def drop_database(admin_url: str, name: str) -> None:
    """Remove a database and its roles, whoever is still connected."""
    admin = await asyncpg.connect(plain(admin_url))
    try:
        await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        for role in (*ROLES, "definer"):
            await admin.execute(f'DROP ROLE IF EXISTS "{role_name(name, role)}"')
    finally:
        await admin.close()


@asynccontextmanager
async def scratch_database(config: Config) -> AsyncIterator[Config]:
    """Settings that name a new, empty database on the same server and files of its own; it is gone afterwards."""
    assert config.database_url is not None
    name = f"scratch_{secrets.token_hex(5)}"
    try:
        url = await create_database(config.database_url, name)
        yield msgspec.structs.replace(config, database_url=url, files=str(config.data / "files" / name))
    finally:
        await drop_database(config.database_url, name)
