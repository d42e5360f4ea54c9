"""`prikus work`: what waits and what was given up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click
from rich.console import Console
from rich.table import Table

from prikus.config import Config
from prikus.data.session import make_engine
from prikus.embedded.commands import pass_equipped_config
from prikus.errors import NotFound
from prikus.events.queue import Queue
from prikus.events.runtime import role_urls

T = TypeVar("T")


def _with_queue(config: Config, ask: Callable[[Queue], Awaitable[T]]) -> T:
    async def run() -> T:
        relay = make_engine(role_urls(config).url("relay"), pooled=False)
        try:
            return await ask(Queue(relay))
        finally:
            await relay.dispose()

    return asyncio.run(run())


@click.group()
def work() -> None:
    """Фоновая работа."""


@work.command("list")
@click.option("--state", type=click.Choice(["dead", "due", "running", "parked"]), default="dead", show_default=True)
@pass_equipped_config
def show(config: Config, state: str) -> None:
    """Показать работу: по умолчанию ту, от которой отказались после всех попыток."""
    letters = _with_queue(config, lambda queue: queue.letters(state=state))
    table = Table("№", "Клиника", "Вид", "Попыток", "Ждут её", "Причина")
    for letter in letters:
        numbers = (letter.attempt, letter.holds_back or "")
        table.add_row(str(letter.id), str(letter.clinic_id), letter.kind, *map(str, numbers), letter.error or "")
    Console().print(table if letters else "Такой работы нет.")


@work.command()
@click.argument("number", type=int)
@pass_equipped_config
def retry(config: Config, number: int) -> None:
    """Повторить работу NUMBER из списка оставленных."""
    if not _with_queue(config, lambda queue: queue.retry(number)):
        raise NotFound(f"Оставленной работы № {number} нет.")
    click.echo(f"Работа № {number} будет повторена.")


@work.command()
@click.argument("number", type=int)
@pass_equipped_config
def drop(config: Config, number: int) -> None:
    """Отказаться от работы NUMBER насовсем."""
    if not _with_queue(config, lambda queue: queue.drop(number)):
        raise NotFound(f"Оставленной работы № {number} нет.")
    click.echo(f"Работа № {number} удалена.")
