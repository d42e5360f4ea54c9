"""`prikus demo`: furnished clinics to look around in."""

from __future__ import annotations

import asyncio
from itertools import groupby

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from prikus.access.furnishing import PASSWORD, SignIn
from prikus.access.furnishing import Progress as Report
from prikus.config import Config
from prikus.embedded.commands import pass_equipped_config
from prikus.events.runtime import opened_runtime
from prikus.operator.demo import CLINICS, is_loaded, load, sign_ins


@click.group()
def demo() -> None:
    """Демонстрационные клиники."""


@demo.command("load")
@click.option("--if-absent", is_flag=True, help="Ничего не делать, если клиника уже есть.")
@pass_equipped_config
def load_command(config: Config, if_absent: bool) -> None:
    """Открыть и наполнить демонстрационные клиники. Кто в них может войти, покажет demo show."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bars:
        asyncio.run(_load(config, if_absent, bars))


@demo.command("show")
@click.pass_obj
def show_command(config: Config) -> None:
    """Показать, кто может войти."""
    show([sign for about in CLINICS for sign in sign_ins(about)], f"{config.url}/")


async def _load(config: Config, if_absent: bool, bars: Progress) -> None:
    async with opened_runtime(config) as runtime:
        for about in CLINICS:
            if if_absent and await is_loaded(runtime, about):
                continue
            await load(runtime, about, progress=_reporter(bars, about.name))


def _reporter(bars: Progress, clinic: str) -> Report:
    tasks: dict[str, TaskID] = {}

    def report(label: str, done: int, total: int) -> None:
        if label not in tasks:
            tasks[label] = bars.add_task(f"{clinic}: {label}", total=total)
        bars.update(tasks[label], completed=done)

    return report


def show(signs: list[SignIn], address: str) -> None:
    """Print who may sign in."""
    click.echo(f"\nВход: {address}  Пароль у всех: {PASSWORD}")
    for clinic, people in groupby(signs, key=lambda sign: sign.clinic):
        click.echo(f"  {clinic}")
        for sign in people:
            click.echo(f"    {sign.title:<14} {sign.email}")
