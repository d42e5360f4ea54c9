"""`prikus plan`: what plans give, beside the modules that `prikus plugin offer` puts into them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import TypeVar

import click

from prikus.config import Config
from prikus.embedded.commands import pass_equipped_config
from prikus.errors import Invalid
from prikus.events.runtime import Runtime, opened_runtime
from prikus.operator import offering
from prikus.ui.filters import file_size, money

T = TypeVar("T")
GIGABYTE = 10**9
MOST = 1_000_000


@click.group()
def plan() -> None:
    """Тарифы."""


@plan.command("list")
@pass_equipped_config
def list_command(config: Config) -> None:
    """Показать тарифы: цену в месяц и место на диске."""
    for one in _run(config, offering.plans):
        disk = "без ограничения" if one.disk is None else file_size(one.disk)
        click.echo(f"{one.code}: «{one.title}», {money(one.price)}, диск {disk}")


@plan.command()
@click.argument("code", metavar="ТАРИФ")
@click.option("--gigabytes", type=Decimal, help="Сколько гигабайт могут занять файлы клиники, пример: 50.")
@click.option("--without-limit", is_flag=True, help="Без ограничения.")
@pass_equipped_config
def disk(config: Config, code: str, gigabytes: Decimal | None, without_limit: bool) -> None:
    """Отвести место на диске каждой клинике тарифа."""
    if (gigabytes is None) is not without_limit or (gigabytes is not None and not 0 <= gigabytes <= MOST):
        raise Invalid({}, f"Укажите --gigabytes от 0 до {MOST} или --without-limit.")
    size = None if gigabytes is None else int(gigabytes * GIGABYTE)
    clinics = _run(config, lambda runtime: offering.give_disk(runtime, code, size))
    said = "без ограничения" if size is None else file_size(size)
    click.echo(f"Тариф «{code}»: место на диске – {said}. Клиник на тарифе: {len(clinics)}.")


def _run(config: Config, ask: Callable[[Runtime], Awaitable[T]]) -> T:
    async def asked() -> T:
        async with opened_runtime(config) as runtime:
            return await ask(runtime)

    return asyncio.run(asked())
