"""What may be wrong with an installation: the machine, the database, Valkey. Nothing is changed by looking."""

from __future__ import annotations

import datetime as dt
import shutil
import stat
from collections.abc import AsyncIterator, Iterator

import asyncpg
import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from prikus.config import Config
from prikus.data.check import breaches
from prikus.data.protect import leftovers
from prikus.data.roles import ROLES, RoleUrls, role_name
from prikus.data.upgrade import plain
from prikus.events.runtime import role_urls
from prikus.host.survey import survey
from prikus.host.system import System

LEAST_DISK = 1 << 30
OLDEST_POSTGRESQL = 150000
LARGEST_SKEW = dt.timedelta(seconds=5)
UPGRADE = "Выполните prikus db upgrade."
UNOWNED = """
    select p.proname from pg_proc p join pg_roles r on r.oid = p.proowner
    where p.pronamespace = to_regnamespace('core') and p.prosecdef and r.rolname <> $1 order by 1
"""
UNKNOWN_WORK = """
    select kind, count(*) as heads from core.work where kind <> all($1::text[]) group by 1 order by 1
"""
SCHEMAS = "select schemaname from pg_tables where tablename = 'alembic_version' order by 1"
SERVER = """
    select current_setting('server_version_num')::int as version, pg_encoding_to_char(d.encoding) as encoding,
      r.rolsuper or (r.rolcreaterole and r.rolbypassrls) as may_make_roles
    from pg_database d, pg_roles r where d.datname = current_database() and r.rolname = current_user
"""


class Ailment(msgspec.Struct, frozen=True):
    """What is wrong and what to do about it. `part` is what was looked at."""

    part: str
    sentence: str
    mend: str


def of_plugins() -> Iterator[Ailment]:
    for finding in survey()[0]:
        yield Ailment("модули", finding.text, "Подробно: prikus plugin check.")


def of_machine(config: Config) -> Iterator[Ailment]:
    """The data folder, its secrets, the disk."""
    if not config.data.is_dir():
        return
    for name in ("secret", "master.key", "roles.json"):
        path = config.data / name
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield Ailment("папка данных", f"{path} могут читать другие.", f"Выполните chmod 600 {path}.")
    free = shutil.disk_usage(config.data).free
    if free < LEAST_DISK:
        yield Ailment("диск", f"свободно {free >> 20} МиБ.", "Освободите место: нужно не меньше 1 ГиБ.")


async def of_valkey(config: Config) -> AsyncIterator[Ailment]:
    redis = Redis.from_url(str(config.redis_url), socket_timeout=2, socket_connect_timeout=2)
    try:
        seconds, _ = await redis.time()
        for ailment in _of_clock("часы Valkey", dt.datetime.fromtimestamp(seconds, dt.UTC)):
            yield ailment
    except (RedisError, OSError) as error:
        yield Ailment("Valkey", f"не отвечает: {error}.", "Запустите его или исправьте REDIS_URL.")
    finally:
        await redis.aclose()


async def of_database(config: Config, system: System) -> AsyncIterator[Ailment]:
    """The server, its roles, schemas, migrations and the rules of isolation."""
    urls = role_urls(config)
    try:
        admin = await asyncpg.connect(plain(str(config.database_url)), timeout=5)
    except (OSError, asyncpg.PostgresError) as error:
        yield Ailment("база данных", f"недоступна: {error}.", "Запустите её или исправьте DATABASE_URL.")
        return
    try:
        async for ailment in _of_server(admin):
            yield ailment
        missing = [ailment async for ailment in _of_roles(admin, urls)]
        for ailment in missing or [one async for one in _of_schemas(admin, urls, system)]:
            yield ailment
    finally:
        await admin.close()


async def _of_server(admin: asyncpg.Connection) -> AsyncIterator[Ailment]:
    server, now = await admin.fetchrow(SERVER), await admin.fetchval("select clock_timestamp()")
    assert server is not None
    assert now is not None
    if server["version"] < OLDEST_POSTGRESQL:
        yield Ailment("база данных", f"версия {server['version'] // 10000}.", "Нужен PostgreSQL 15 или новее.")
    if server["encoding"] != "UTF8":
        yield Ailment("база данных", f"кодировка {server['encoding']}.", "Создайте базу с кодировкой UTF8.")
    if not server["may_make_roles"]:
        mend = "Дайте ему CREATEROLE и BYPASSRLS или создайте роли и задайте DATABASE_URL_<РОЛЬ>."
        yield Ailment("роли", "пользователь из DATABASE_URL не может создавать роли.", mend)
    for ailment in _of_clock("часы базы данных", now):
        yield ailment


def _of_clock(part: str, theirs: dt.datetime) -> Iterator[Ailment]:
    skew = abs(dt.datetime.now(dt.UTC) - theirs)
    if skew > LARGEST_SKEW:
        yield Ailment(part, f"расходятся с нашими на {skew.total_seconds():.0f} с.", "Включите синхронизацию времени.")


async def _of_roles(admin: asyncpg.Connection, urls: RoleUrls) -> AsyncIterator[Ailment]:
    query = "select rolname, rolsuper or rolbypassrls as bypasses from pg_roles where starts_with(rolname, 'prikus_')"
    bypasses = {row["rolname"]: row["bypasses"] for row in await admin.fetch(query)}
    for role in (*ROLES, "definer"):
        name = role_name(urls.database, role)
        if name not in bypasses and role not in urls.given:
            yield Ailment("роли", f"нет роли {name}.", UPGRADE)
        elif role in ("owner", "app", "relay", "operator") and bypasses.get(name):
            yield Ailment("роли", f"роль {name} обходит политики.", UPGRADE)


async def _of_schemas(admin: asyncpg.Connection, urls: RoleUrls, system: System) -> AsyncIterator[Ailment]:
    present = {row["schemaname"] for row in await admin.fetch(SCHEMAS)}
    histories = system.installed.histories()
    for history in histories:
        if history.owner not in present:
            yield Ailment("схемы", f"«{history.owner}» установлен, а его схемы в базе нет.", UPGRADE)
            continue
        version = await admin.fetchval(f'select version_num from "{history.owner}".alembic_version')
        if version is None or version in history.older():
            yield Ailment("миграции", f"«{history.owner}» остановился на {version}.", UPGRADE)
    left = await leftovers(admin, urls.database, ("core", *system.plugins))
    for schema in left:
        mend = f"Установите его снова или удалите данные: prikus plugin purge {schema}."
        yield Ailment("схемы", f"в базе есть схема «{schema}», а модуль не установлен.", mend)
    for row in await admin.fetch(UNOWNED, role_name(urls.database, "definer")):
        yield Ailment("роли", f"функция core.{row['proname']} принадлежит не роли definer.", UPGRADE)
    for sentence in await breaches(admin, sorted({*left, *(present & {history.owner for history in histories})})):
        yield Ailment("изоляция", sentence, UPGRADE)
    if "core" in present:
        async for ailment in _of_work(admin, system):
            yield ailment


async def _of_work(admin: asyncpg.Connection, system: System) -> AsyncIterator[Ailment]:
    """Work of removed plugins waits for their return: nobody takes it, nobody drops it."""
    for row in await admin.fetch(UNKNOWN_WORK, system.kinds()):
        owner = row["kind"].partition(":")[2].partition(".")[0]
        sentence = f"{row['heads']} шт. вида «{row['kind']}» никто не умеет делать."
        yield Ailment("работа", sentence, f"Установите модуль «{owner}» снова.")
