"""`prikus clinic`: opening clinics."""

from __future__ import annotations

import asyncio

import click

from prikus.access.performing import Performer
from prikus.clinics.state import States
from prikus.config import Config
from prikus.embedded.commands import pass_equipped_config
from prikus.events.runtime import Runtime
from prikus.host.system import System
from prikus.operator.services import NewClinic, Opened, create_clinic


@click.group()
def clinic() -> None:
    """Клиники."""


@clinic.command()
@click.option("--slug", required=True, help="Короткое имя латиницей.")
@click.option("--name", required=True, help="Название клиники.")
@click.option("--plan", required=True, help="Тариф: start или practice.")
@click.option("--admin-email", required=True, help="Почта руководителя, под ней он входит.")
@click.option("--admin-password", required=True, help="Пароль руководителя, от 12 знаков.")
@click.option("--time-zone", default="Europe/Moscow", show_default=True, help="Часовой пояс.")
@pass_equipped_config
def create(config: Config, **values: str) -> None:
    """Открыть клинику с её руководителем."""
    opened = asyncio.run(open_clinic(config, NewClinic(**values)))
    click.echo(f"Клиника «{values['name']}» открыта (№ {opened.clinic_id}). Вход: {values['admin_email']}")


async def open_clinic(config: Config, new: NewClinic) -> Opened:
    """Create the clinic and do at once what its plugins prepare when they are switched on."""
    runtime = Runtime(config, System.load())
    try:
        opened = await create_clinic(runtime, new)
        await Performer(runtime, States(runtime)).settle(opened.clinic_id)
        return opened
    finally:
        await runtime.close()
