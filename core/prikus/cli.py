"""`prikus`: the command line. Areas bring their own commands; a module is imported only when its command is called."""

import os
from importlib import import_module
from importlib.util import find_spec
from typing import IO, Any

import click

from prikus.config import Config
from prikus.embedded.commands import pass_equipped_config
from prikus.errors import Misconfigured, Problem

COMMANDS = {
    "db": "prikus.data.commands",
    "clinic": "prikus.operator.commands",
    "plan": "prikus.operator.plan_commands",
    "api-key": "prikus.developers.commands",
    "plugin": "prikus.host.commands",
    "work": "prikus.events.commands",
    "demo": "prikus.operator.demo_commands",
    "doctor": "prikus.operator.doctor_commands",
}
"""A command's name, and the module that holds a click command under the same name (`_` for `-`)."""


class Failure(click.ClickException):
    """A problem as the command line tells it: one sentence and an exit code."""

    exit_code = 1

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.message, file=file, err=file is None)


class InstallationFailure(Failure):
    exit_code = 2


class Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        present = (name for name, module in COMMANDS.items() if find_spec(module))
        return sorted((*super().list_commands(ctx), *present))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in COMMANDS and find_spec(COMMANDS[cmd_name]):
            return getattr(import_module(COMMANDS[cmd_name]), cmd_name.replace("-", "_"))
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (Problem, OSError) as error:
            if os.environ.get("PRIKUS_DEBUG") == "1":
                raise
            raise _failure(error) from None


@click.group(cls=Commands)
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Prikus – система для стоматологических клиник."""
    ctx.obj = Config.load()


@cli.command()
@click.option("--demo", is_flag=True, help="Загрузить демонстрационные клиники, если их ещё нет.")
@click.pass_obj
def up(config: Config, demo: bool) -> None:
    """Запустить всё на одной машине."""
    from prikus.app import supervisor

    supervisor.up(config, demo=demo)


@cli.command()
@click.pass_obj
def dev(config: Config) -> None:
    """Запустить всё для разработки: с демоклиниками, поддельными сервисами и перезапуском после правок."""
    from prikus.app import workshop

    workshop.main(config)


@cli.command()
@pass_equipped_config
def serve(config: Config) -> None:
    """Запустить веб-процесс."""
    from prikus import logs
    from prikus.app import serve as web

    logs.configure()
    web.main(config)


@cli.command()
@pass_equipped_config
def worker(config: Config) -> None:
    """Запустить обработчик фоновых работ."""
    from prikus import logs
    from prikus.app import worker as process

    logs.configure()
    process.main(config)


@cli.command()
@pass_equipped_config
def scheduler(config: Config) -> None:
    """Запустить планировщик."""
    from prikus import logs
    from prikus.app import scheduler as process

    logs.configure()
    process.main(config)


@cli.command()
@click.option("--port", type=int, required=True, help="Порт, на котором отвечают поддельные сервисы.")
def fakes(port: int) -> None:
    """Запустить поддельные сервисы установленных модулей: для проверки и обучения."""
    from prikus.app import fakes as process

    process.main(port)


def main() -> None:
    cli(prog_name="prikus")


def _failure(error: Problem | OSError) -> Failure:
    if isinstance(error, OSError):
        return Failure(f"Система отказала: {error}.")
    return (InstallationFailure if isinstance(error, Misconfigured) else Failure)(error.sentence)
