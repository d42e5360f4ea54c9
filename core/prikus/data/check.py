"""`prikus db check`: whether migrations make what the models say, and every table keeps the rules of isolation."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
from sqlalchemy import Table

from prikus.data import migrate
from prikus.data.base import Base, GlobalModel
from prikus.data.compare import compare
from prikus.data.history import History
from prikus.data.roles import RoleUrls
from prikus.data.session import make_engine
from prikus.data.upgrade import plain

TABLES = """
    select n.nspname as schema, c.relname as name, c.relkind, c.relforcerowsecurity and c.relrowsecurity as forced,
      (select array_agg(a.attname order by k.place) from pg_index i
         cross join unnest(i.indkey::int[]) with ordinality k(number, place)
         join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number
       where i.indrelid = c.oid and i.indisprimary) as key,
      (select array_agg(p.polname || ': ' || pg_get_expr(p.polqual, p.polrelid)) from pg_policy p
       where p.polrelid = c.oid) as policies,
      exists (select 1 from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'touch' and t.tgenabled <> 'D') as touch
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any($1) and c.relkind in ('r', 'p', 'v', 'm') and c.relname <> 'alembic_version' order by 1, 2
"""
UNIQUES = """
    select n.nspname as schema, c.relname as name, x.relname as index, a.attname as first
    from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
      join pg_class x on x.oid = i.indexrelid
      left join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
    where n.nspname = any($1) and i.indisunique and c.relname <> 'alembic_version' order by 1, 2, 3
"""
KEYS = """
    select n.nspname as schema, c.relname as name, k.conname as key, k.confrelid::regclass::text as target,
      (select array_agg(attname order by place) from unnest(k.conkey) with ordinality u(number, place)
         join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number) as columns,
      (select array_agg(attname) from unnest(k.confdelsetcols) u(number)
         join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.number) as emptied,
      k.confdeltype = 'n' as empties
    from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = any($1) and k.contype = 'f' order by 1, 2, 3
"""
ENUMS = """
    select n.nspname || '.' || t.typname as name from pg_type t join pg_namespace n on n.oid = t.typnamespace
    where n.nspname = any($1) and t.typtype = 'e' order by 1
"""
POLICY = "clinic: (clinic_id = (current_setting('app.clinic_id'::text))::bigint)"


def global_tables() -> frozenset[str]:
    """Full names of the tables without a clinic: a closed list, the `GlobalModel`s of the core."""
    tables = (mapper.local_table for mapper in Base.registry.mappers if issubclass(mapper.class_, GlobalModel))
    return frozenset(table.fullname for table in tables if isinstance(table, Table))


async def faults(urls: RoleUrls, histories: Sequence[History]) -> list[str]:
    """Everything wrong with an upgraded database, a sentence each; empty when all is well."""
    found = await _differences(urls, histories)
    admin = await asyncpg.connect(plain(urls.admin_url.render_as_string(hide_password=False)))
    try:
        found += await breaches(admin, [history.owner for history in histories])
    finally:
        await admin.close()
    return found + await compare(urls, histories)


async def _differences(urls: RoleUrls, histories: Sequence[History]) -> list[str]:
    engine = make_engine(urls.url("owner"), pooled=False)
    async with engine.connect() as connection:
        found = [
            f"{history.owner}: миграции и модели расходятся: {change}"
            for history in histories
            for change in await connection.run_sync(migrate.differences, history)
        ]
    await engine.dispose()
    return found


async def breaches(admin: asyncpg.Connection, schemas: Sequence[str]) -> list[str]:
    """Tables, indexes and keys that do not keep the rules of isolation (reliability 1, 3)."""
    known = global_tables()
    found: list[str] = []
    for row in await admin.fetch(TABLES, schemas):
        name = f"{row['schema']}.{row['name']}"
        found += [f"{name}: {sentence}" for sentence in _of_table(row, is_global=name in known)]
    for row in await admin.fetch(UNIQUES, schemas):
        name = f"{row['schema']}.{row['name']}"
        if name not in known and row["first"] != "clinic_id":
            found.append(f"{name}: уникальность {row['index']} начинается не с clinic_id.")
    for row in await admin.fetch(KEYS, schemas):
        found += _of_key(row, known)
    found += [f"{row['name']}: вместо перечисления нужен text с CHECK." for row in await admin.fetch(ENUMS, schemas)]
    return found


def _of_table(row: asyncpg.Record, *, is_global: bool) -> list[str]:
    if row["relkind"] in ("v", "m", b"v", b"m"):
        return ["представления не допускаются: они обходят политики."]
    if is_global:
        return []
    rules = (
        ((row["key"] or [None])[0] == "clinic_id", "первичный ключ начинается не с clinic_id."),
        (row["forced"], "защита строк включена не для всех."),
        (row["policies"] == [POLICY], f"ожидалась одна политика «{POLICY}», а не {row['policies']}."),
        (row["touch"], "нет триггера touch, версии строк не растут."),
    )
    return [sentence for is_kept, sentence in rules if not is_kept]


def _of_key(row: asyncpg.Record, known: frozenset[str]) -> list[str]:
    name = f"{row['schema']}.{row['name']}"
    if name in known or row["target"] in known:
        return []
    found = []
    if "clinic_id" not in row["columns"]:
        found.append(f"{name}: ссылка {row['key']} не содержит clinic_id.")
    if row["empties"] and (not row["emptied"] or "clinic_id" in row["emptied"]):
        found.append(f"{name}: при удалении {row['key']} опустошает clinic_id; назовите столбец в SET NULL.")
    return found
