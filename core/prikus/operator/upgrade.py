"""Upgrading the whole database: roles and migrations below, the operator's seeded rows on top."""

from __future__ import annotations

from collections.abc import Callable

from prikus.config import Config
from prikus.data.session import ClinicSession, make_engine
from prikus.data.upgrade import upgrade_all
from prikus.events.runtime import role_urls
from prikus.host.system import System
from prikus.operator.services import seed_plans


async def upgrade_database(
    config: Config, progress: Callable[[str], None] = lambda _: None, system: System | None = None
) -> None:
    """Roles, schemas, migrations, protection, plans. Safe to repeat."""
    urls = role_urls(config)
    await upgrade_all(urls, (system or System.load()).installed.histories(), progress)
    engine = make_engine(urls.url("maint"), pooled=False)
    async with ClinicSession(engine, None) as db, db.begin():
        await seed_plans(db)
    await engine.dispose()
