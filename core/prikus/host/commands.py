"""`prikus plugin`: what is installed."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

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
