"""The check of what is installed, on an empty database of its own, and of the invariants of existing clinics."""

from __future__ import annotations

import asyncio
import importlib
import secrets
import tempfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
from sqlalchemy import text
from sqlalchemy.engine import make_url

from prikus import embedded
from prikus.config import Config
from prikus.data.check import faults
from prikus.data.roles import ROLES, RoleUrls, role_name
from prikus.data.session import ClinicSession, Scope, make_engine
from prikus.data.upgrade import plain
from prikus.events.runtime import role_urls
from prikus.host.system import System
from prikus.operator.truths import untruths
from prikus.operator.upgrade import upgrade_database


def check_installed(config: Config) -> list[str]:
    """A sentence for everything wrong. Without `DATABASE_URL` a server is started for the time of the check."""
    system = System.load()
    if config.database_url is not None:
        return asyncio.run(_check(config, system))
    with tempfile.TemporaryDirectory(prefix="prikus-check-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        away = msgspec.structs.replace(config, data=folder)
        with embedded.services(away, durable=False) as (database_url, redis_url):
            running = msgspec.structs.replace(away, database_url=database_url, redis_url=redis_url)
            return asyncio.run(_check_empty(running, system))


async def _check(config: Config, system: System) -> list[str]:
    return await _check_empty(config, system) + await invariants(config, system)


async def _check_empty(config: Config, system: System) -> list[str]:
    """Upgrade an empty scratch database beside the real one, look at it, remove it."""
    assert config.database_url is not None
    name = f"check_{secrets.token_hex(5)}"
    admin = await asyncpg.connect(plain(config.database_url))
    try:
        await admin.execute(f'CREATE DATABASE "{name}"')
        url = make_url(config.database_url).set(database=name).render_as_string(hide_password=False)
        with tempfile.TemporaryDirectory(prefix="prikus-check-") as folder:
            scratch = msgspec.structs.replace(config, database_url=url, data=Path(folder), role_urls={})
            await upgrade_database(scratch, system=system)
            return await faults(role_urls(scratch), system.installed.histories())
    finally:
        await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        for role in (*ROLES, "definer"):
            await admin.execute(f'DROP ROLE IF EXISTS "{role_name(name, role)}"')
        await admin.close()


async def invariants(config: Config, system: System) -> list[str]:
    """What is not true of the rows of all clinics, and what the `check(db)` of plugins' `public` rooms finds in each:
    e.g. ledgers that do not balance."""
    checks = {plugin.id: check for plugin in system.plugins.values() if (check := _check_of(plugin.package))}
    urls = role_urls(config)
    if not await _is_upgraded(urls):
        return []
    maint = make_engine(urls.url("maint"), pooled=False)
    async with maint.connect() as everything:
        found = await untruths(everything, [history.owner for history in system.installed.histories()])
        clinics = list(await everything.scalars(text("select id from core.clinic order by id")))
    await maint.dispose()
    # As the application, so that a check sees the clinic that it is asked about and no other.
    engine = make_engine(urls.url("app"), pooled=False)
    for clinic_id in clinics:
        for plugin_id, check in checks.items():
            async with ClinicSession(engine, Scope(clinic_id)) as db:
                found += [f"клиника {clinic_id}, {plugin_id}: {sentence}" for sentence in await check(db)]
    await engine.dispose()
    return found


async def _is_upgraded(urls: RoleUrls) -> bool:
    admin = await asyncpg.connect(plain(urls.admin_url.render_as_string(hide_password=False)))
    try:
        return await admin.fetchval("select to_regclass('core.clinic')") is not None
    finally:
        await admin.close()


def _check_of(package: str) -> Callable[[Any], Any] | None:
    if find_spec(f"{package}.public") is None:
        return None
    return getattr(importlib.import_module(f"{package}.public"), "check", None)
