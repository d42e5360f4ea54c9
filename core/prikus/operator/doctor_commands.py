"""`prikus doctor`: what is wrong with this installation, and the mend."""

from __future__ import annotations

import asyncio

import click
import msgspec

from prikus.config import Config
from prikus.embedded.commands import pass_equipped_config
from prikus.errors import Conflict
from prikus.host.system import System
from prikus.operator.examining import Ailment, of_database, of_machine, of_plugins, of_valkey


@click.command()
@click.option("--format", "shape", type=click.Choice(("text", "json")), default="text", help="Вид ответа.")
@pass_equipped_config
def doctor(config: Config, shape: str) -> None:
    """Осмотреть установку: модули, папку данных, базу, Valkey."""
    found = [*of_plugins(), *of_machine(config)]
    if not any(ailment.part == "модули" for ailment in found):
        found += asyncio.run(_of_servers(config))
    if shape == "json":
        click.echo(msgspec.json.encode(found))
    else:
        for ailment in found:
            click.echo(f"{ailment.part}: {ailment.sentence} {ailment.mend}")
    if found:
        raise Conflict(f"Неполадок: {len(found)}.")
    if shape == "text":
        click.echo("Всё в порядке.")


async def _of_servers(config: Config) -> list[Ailment]:
    found = [ailment async for ailment in of_database(config, System.load(with_texts=False))]
    return [*found, *[ailment async for ailment in of_valkey(config)]]
