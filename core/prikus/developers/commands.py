"""`prikus api-key`: keys of programs from the command line of the server."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click
from rich.console import Console
from rich.table import Table
from sqlalchemy import select, text

from prikus.access.actors import Actor
from prikus.access.context import Context, open_unit
from prikus.access.models import StaffMember
from prikus.access.visits import read_actor, read_rights
from prikus.clinics.state import States
from prikus.config import Config
from prikus.data.session import ClinicSession, Scope, make_engine
from prikus.developers.services import keys
from prikus.embedded.commands import pass_equipped_config
from prikus.errors import NotFound
from prikus.events.runtime import Runtime, opened_runtime, role_urls

T = TypeVar("T")
WORDS = {"works": "работает", "ended": "срок истёк", "revoked": "отозван", "orphaned": "сотрудник уволен"}


def _in_clinic(config: Config, slug: str, email: str, work: Callable[[Context], Awaitable[T]]) -> T:
    """Do the work in the name of a member of the clinic's staff, with that person's rights."""

    async def run() -> T:
        async with opened_runtime(config) as runtime:
            clinic = await States(runtime).get(await _clinic_id(config, slug))
            actor, rights = await _person(runtime, clinic.id, email)
            async with open_unit(runtime, clinic, actor, rights) as ctx:
                return await work(ctx)

    return asyncio.run(run())


async def _clinic_id(config: Config, slug: str) -> int:
    operator = make_engine(role_urls(config).url("operator"), pooled=False)
    try:
        async with operator.connect() as db:
            found = await db.scalar(text("select id from core.clinic where slug = :slug"), {"slug": slug})
    finally:
        await operator.dispose()
    if found is None:
        raise NotFound(f"Клиники «{slug}» нет.")
    return found


async def _person(runtime: Runtime, clinic_id: int, email: str) -> tuple[Actor, frozenset[str]]:
    async with ClinicSession(runtime.app, Scope(clinic_id)) as db:
        known = select(StaffMember.id).where(StaffMember.email == email.lower(), StaffMember.deleted_at.is_(None))
        staff_id = await db.scalar(known)
        if staff_id is None:
            raise NotFound(f"Сотрудника с почтой {email} в клинике нет.")
        return await read_actor(db, staff_id), await read_rights(db, staff_id)


CLINIC = click.option("--clinic", "slug", required=True, help="Короткое имя клиники.")
PERSON = click.option("--as", "email", required=True, help="Почта сотрудника, от чьего имени и с чьими правами.")


@click.group()
def api_key() -> None:
    """Ключи API клиник."""


@api_key.command()
@CLINIC
@PERSON
@click.option("--name", required=True, help="Название программы.")
@click.option("--scope", "scopes", multiple=True, required=True, help="Код права; можно несколько раз.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Последний день, пример: 2027-01-31.")
@click.option("--per-minute", default=300, show_default=True, help="Запросов в минуту, не больше.")
@pass_equipped_config
def create(
    config: Config, slug: str, email: str, name: str, scopes: list[str], until: dt.datetime | None, per_minute: int
) -> None:
    """Выпустить ключ и показать его секрет один раз."""
    fields = keys.KeyFields(
        name=name, scopes=list(scopes), expires_on=until.date() if until else None, per_minute=per_minute
    )
    click.echo(_in_clinic(config, slug, email, lambda ctx: keys.issue(ctx, fields)).token)


@api_key.command("list")
@CLINIC
@PERSON
@pass_equipped_config
def show(config: Config, slug: str, email: str) -> None:
    """Показать ключи клиники."""
    lines = _in_clinic(config, slug, email, keys.keys)
    table = Table("№", "Название", "Состояние", "Выпустил", "Последний запрос")
    for line in lines:
        used = f"{line.used_at:%d.%m.%Y %H:%M} UTC" if line.used_at else "не было"
        table.add_row(str(line.id), line.name, WORDS[line.state], line.person, used)
    Console().print(table if lines else "Ключей нет.")


@api_key.command()
@CLINIC
@PERSON
@click.argument("number", type=int)
@pass_equipped_config
def rotate(config: Config, slug: str, email: str, number: int) -> None:
    """Заменить секрет ключа NUMBER: прежний работает ещё сутки."""
    click.echo(_in_clinic(config, slug, email, lambda ctx: keys.rotate(ctx, number)).token)


@api_key.command()
@CLINIC
@PERSON
@click.argument("number", type=int)
@pass_equipped_config
def revoke(config: Config, slug: str, email: str, number: int) -> None:
    """Отозвать ключ NUMBER: он сразу перестаёт работать."""
    click.echo(f"Ключ «{_in_clinic(config, slug, email, lambda ctx: keys.revoke(ctx, number))}» отозван.")
