"""`prikus db`: upgrade, check, shell, revision."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import click
from rich.console import Console

from prikus.config import Config
from prikus.data import migrate
from prikus.errors import Misconfigured, NotFound


@click.group()
def db() -> None:
    """База данных."""


@db.command()
@click.pass_obj
def upgrade(config: Config) -> None:
    """Привести базу к состоянию установленных модулей."""
    from prikus.operator.upgrade import upgrade_database

    console = Console(stderr=True)
    with console.status("обновление базы") as status:
        asyncio.run(upgrade_database(config, status.update))


@db.command()
@click.argument("plugin")
@click.argument("message")
@click.pass_obj
def revision(config: Config, plugin: str, message: str) -> None:
    """Написать миграцию модуля PLUGIN (или core) по разнице моделей и базы."""
    from prikus.data.session import make_engine
    from prikus.events.runtime import role_urls
    from prikus.host.rooms import installed

    history = next((h for h in installed().histories() if h.owner == plugin), None)
    if history is None:
        raise NotFound(f"Модуль «{plugin}» не установлен.")

    async def write() -> None:
        engine = make_engine(role_urls(config).url("owner"), pooled=False)
        async with engine.connect() as connection:
            click.echo(await connection.run_sync(migrate.write_revision, history, message))
        await engine.dispose()

    asyncio.run(write())


@db.command()
@click.pass_obj
def shell(config: Config) -> None:
    """Открыть psql."""
    if config.database_url is None:
        raise Misconfigured("Не задан DATABASE_URL.")
    sys.exit(subprocess.call(["psql", config.database_url]))
