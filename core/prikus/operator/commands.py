"""`prikus clinic`: opening clinics and what they subscribe to."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Any

import click
import msgspec

from prikus.access.performing import Performer
from prikus.clinics.state import ClinicState, States
from prikus.config import Config
from prikus.embedded.commands import pass_equipped_config
from prikus.events.runtime import opened_runtime
from prikus.operator.services import NewClinic, Opened, create_clinic
from prikus.operator.subscriptions import Terms, change_subscription

MODES = {"normal": "работает", "read_only": "только просмотр", "suspended": "приостановлена"}


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


@clinic.command()
@click.argument("slug")
@click.option("--plan", help="Тариф: start или practice.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Последний оплаченный день, пример: 2027-01-31.")
@click.option("--without-end", is_flag=True, help="Бессрочно.")
@click.option("--suspend/--resume", default=None, help="Приостановить или возобновить работу клиники.")
@pass_equipped_config
def subscribe(config: Config, slug: str, **options: Any) -> None:
    """Изменить подписку клиники: тариф, срок, приостановку."""
    state = asyncio.run(_subscribe(config, slug, terms_of(**options)))
    click.echo(f"Клиника «{state.name}»: тариф «{state.plan_title}», {MODES[state.mode]}.")


def terms_of(plan: str | None, until: dt.datetime | None, without_end: bool, suspend: bool | None) -> Terms:
    """What was said on the command line; what was not said stays as it is."""
    ends_on = None if without_end else until.date() if until else msgspec.UNSET
    state = msgspec.UNSET if suspend is None else "suspended" if suspend else "active"
    return Terms(plan=plan or msgspec.UNSET, ends_on=ends_on, state=state)


async def _subscribe(config: Config, slug: str, terms: Terms) -> ClinicState:
    async with opened_runtime(config) as runtime:
        return await change_subscription(runtime, slug, terms)


async def open_clinic(config: Config, new: NewClinic) -> Opened:
    """Create the clinic and do at once what its plugins prepare when they are switched on."""
    async with opened_runtime(config) as runtime:
        opened = await create_clinic(runtime, new)
        await Performer(runtime, States(runtime), together=1).settle(opened.clinic_id)
        return opened
