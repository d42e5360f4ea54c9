"""`prikus plugin`: what is installed, and whether it keeps the rules."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from prikus.errors import Conflict, NotFound
from prikus.host.rules import Finding, rules_table
from prikus.host.scaffolding import KINDS, NewPlugin, write_plugin
from prikus.host.survey import survey
from prikus.host.system import System


@click.group()
def plugin() -> None:
    """Модули."""


@plugin.command("list")
def show() -> None:
    """Перечислить установленные модули: что требуют и с чем полезнее."""
    table = Table("Модуль", "Название", "Версия", "Требует", "Полезнее с")
    for found in System.load().plugins.values():
        table.add_row(found.id, found.title, found.version, ", ".join(found.requires), ", ".join(found.enhances))
    Console().print(table)


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
    if found:
        raise Conflict(f"Нарушений: {len(found)}.")
    if shape == "text":
        click.echo("Правила соблюдены.")


@plugin.command()
@click.argument("kind", metavar="ВИД", type=click.Choice(KINDS))
@click.argument("plugin_id", metavar="ID")
@click.option("--title", required=True, help="Название по-русски, как в меню.")
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), default=".", help="Где создать папку.")
def new(kind: str, plugin_id: str, title: str, into: Path) -> None:
    """Написать новый плагин с проходящими тестами. ВИД: module или webhook."""
    root = write_plugin(NewPlugin(kind, plugin_id, title), into)
    click.echo(
        f"Плагин написан в {root}. Дальше: pip install -e {root}, prikus plugin check {plugin_id}, pytest {root}"
    )


@plugin.command()
def rules() -> None:
    """Напечатать правила, которые соблюдает каждый модуль."""
    click.echo(rules_table())


def _as_json(finding: Finding) -> dict[str, object]:
    return {**msgspec.structs.asdict(finding), "mend": finding.mend}
