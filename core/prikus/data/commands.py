"""`prikus db`: upgrade, check, shell, revision."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys

import click
from rich.console import Console

from prikus.config import Config
from prikus.data.revisions import write_revision
from prikus.embedded.commands import pass_equipped_config
from prikus.embedded.postgres import wheel_binaries
from prikus.errors import Conflict, NotFound


@click.group()
def db() -> None:
    """База данных."""


@db.command()
@pass_equipped_config
def upgrade(config: Config) -> None:
    """Привести базу к состоянию установленных модулей."""
    from prikus.operator.upgrade import upgrade_database

    console = Console(stderr=True)
    with console.status("обновление базы") as status:
        asyncio.run(upgrade_database(config, status.update))


@db.command()
@click.pass_obj
def check(config: Config) -> None:
    """Проверить миграции и правила изоляции на пустой базе."""
    from prikus.operator.checking import check_installed

    found = check_installed(config)
    for sentence in found:
        click.echo(sentence, err=True)
    if found:
        raise Conflict(f"Нарушений: {len(found)}.")
    click.echo("База соответствует моделям, правила изоляции соблюдены.")


@db.command()
@click.argument("plugin")
@click.argument("message")
@pass_equipped_config
def revision(config: Config, plugin: str, message: str) -> None:
    """Написать миграцию модуля PLUGIN (или core) по разнице моделей и базы, сначала обновив базу."""
    from prikus.data.session import make_engine
    from prikus.events.runtime import role_urls
    from prikus.host.rooms import installed
    from prikus.operator.upgrade import upgrade_database

    history = next((h for h in installed().histories() if h.owner == plugin), None)
    if history is None:
        raise NotFound(f"Модуль «{plugin}» не установлен.")

    async def write() -> None:
        await upgrade_database(config)
        engine = make_engine(role_urls(config).url("owner"), pooled=False)
        async with engine.connect() as connection:
            click.echo(await connection.run_sync(write_revision, history, message))
        await engine.dispose()

    asyncio.run(write())


@db.command()
@pass_equipped_config
def shell(config: Config) -> None:
    """Открыть psql."""
    psql = shutil.which("psql") or str(wheel_binaries() / "psql")
    sys.exit(subprocess.call([psql, str(config.database_url)]))
