"""`prikus plugin`: what is installed, and whether it keeps the rules."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click
import msgspec
from rich.console import Console
from rich.table import Table

from prikus.config import Config
from prikus.data.leftovers import Contents, read_leftovers
from prikus.embedded.commands import pass_equipped_config
from prikus.errors import Conflict, NotFound
from prikus.events.runtime import Runtime, opened_runtime, role_urls
from prikus.host.rules import Finding, rules_table
from prikus.host.scaffolding import KINDS, NewPlugin, write_plugin
from prikus.host.survey import survey
from prikus.host.system import System

T = TypeVar("T")


@click.group()
def plugin() -> None:
    """Модули."""


@plugin.command("list")
@click.pass_context
def show(ctx: click.Context) -> None:
    """Перечислить установленные модули: что требуют и с чем полезнее; и данные удалённых."""
    system = System.load(with_texts=False)
    table = Table("Модуль", "Название", "Версия", "Требует", "Полезнее с")
    for found in system.plugins.values():
        table.add_row(found.id, found.title, found.version, ", ".join(found.requires), ", ".join(found.enhances))
    Console().print(table)
    config: Config = ctx.obj
    if config.database_url is not None or (config.data / "postgresql").exists():
        ctx.invoke(_show_leftovers, system)


@pass_equipped_config
def _show_leftovers(config: Config, system: System) -> None:
    for schema in asyncio.run(read_leftovers(role_urls(config), ("core", *system.plugins))):
        click.echo(
            f"Модуль «{schema}» не установлен, а его данные остались в базе. "
            f"Установите его снова или удалите данные: prikus plugin purge {schema}"
        )


@plugin.command()
@click.argument("plugin_id", metavar="МОДУЛЬ")
@click.option("--yes", "said", metavar="МОДУЛЬ", help="Подтвердить без вопроса: имя модуля ещё раз.")
@pass_equipped_config
def purge(config: Config, plugin_id: str, said: str | None) -> None:
    """Удалить из базы данные модуля, пакет которого уже удалён. Вернуть их нельзя."""
    from prikus.operator import purging

    system = System.load(with_texts=False)
    _show_contents(asyncio.run(purging.what_would_go(config, system, plugin_id)))
    if (said or click.prompt("Чтобы удалить, введите имя модуля")) != plugin_id:
        raise Conflict("Имя не совпало, ничего не удалено.")
    asyncio.run(purging.purge(config, system, plugin_id))
    click.echo(f"Данные модуля «{plugin_id}» удалены.")


def _show_contents(contents: Contents) -> None:
    table = Table("Таблица", "Строк", "Клиник")
    for name, counted in contents.rows.items():
        table.add_row(name, str(sum(counted.values())), str(len(counted)))
    Console().print(table)
    for column in contents.soft:
        click.echo(f"Ссылки из {column} останутся без цели.")


@plugin.command()
@click.argument("plugin_id", metavar="[МОДУЛЬ]", required=False)
@click.option("--format", "shape", type=click.Choice(("text", "json")), default="text", help="Вид ответа.")
def check(plugin_id: str | None, shape: str) -> None:
    """Проверить, что модули соблюдают правила, ничего не запуская."""
    found, known = survey()
    if plugin_id is not None:
        if plugin_id not in known:
            raise NotFound(f"Модуль «{plugin_id}» не установлен.")
        found = [finding for finding in found if finding.plugin == plugin_id]
    if shape == "json":
        click.echo(msgspec.json.encode([_as_json(finding) for finding in found]))
    else:
        for finding in found:
            click.echo(finding.text)
    if broken := [finding for finding in found if not finding.is_warning]:
        raise Conflict(f"Нарушений: {len(broken)}.")
    if shape == "text":
        click.echo("Правила соблюдены.")


@plugin.command()
@click.argument("plugin_id", metavar="МОДУЛЬ")
@click.option("--plan", required=True, help="Тариф, пример: practice.")
@click.option("--on", "is_on", is_flag=True, help="И включить во всех клиниках тарифа.")
@pass_equipped_config
def offer(config: Config, plugin_id: str, plan: str, is_on: bool) -> None:
    """Включить модуль в тариф. Клиники тарифа смогут включить его в настройках."""
    from prikus.operator import offering

    clinics = asyncio.run(_with_runtime(config, lambda runtime: offering.offer(runtime, plugin_id, plan, is_on=is_on)))
    click.echo(f"Модуль «{plugin_id}» входит в тариф «{plan}». Клиник на тарифе: {len(clinics)}.")


@plugin.command()
@click.argument("plugin_id", metavar="МОДУЛЬ")
@click.option("--plan", required=True, help="Тариф, пример: practice.")
@pass_equipped_config
def withdraw(config: Config, plugin_id: str, plan: str) -> None:
    """Исключить модуль из тарифа. Данные клиник остаются."""
    from prikus.operator import offering

    clinics = asyncio.run(_with_runtime(config, lambda runtime: offering.withdraw(runtime, plugin_id, plan)))
    click.echo(f"Модуль «{plugin_id}» больше не входит в тариф «{plan}». Клиник на тарифе: {len(clinics)}.")


async def _with_runtime(config: Config, work: Callable[[Runtime], Awaitable[T]]) -> T:
    async with opened_runtime(config) as runtime:
        return await work(runtime)


@plugin.command()
@click.argument("kind", metavar="ВИД", type=click.Choice(KINDS))
@click.argument("plugin_id", metavar="ID")
@click.option("--title", required=True, help="Название по-русски, как в меню.")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), default=".", help="Где создать папку.")
def new(kind: str, plugin_id: str, title: str, into: Path) -> None:
    """Написать новый плагин с проходящими тестами. ВИД: module, webhook, telephony, register, messages, booking
    или imaging.
    """
    root = write_plugin(NewPlugin(kind, plugin_id, title), into)
    click.echo(
        f"Плагин написан в {root}. Дальше: pip install -e {root}, prikus plugin check {plugin_id}, pytest {root}"
    )


@plugin.command()
def rules() -> None:
    """Напечатать правила, которые соблюдает каждый модуль."""
    click.echo(rules_table())


def _as_json(finding: Finding) -> dict[str, object]:
    level = "warning" if finding.is_warning else "error"
    return {**msgspec.structs.asdict(finding), "mend": finding.mend, "level": level}
