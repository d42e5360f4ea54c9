"""Comparing a migrated database with one built from the models, down to what autogenerate is blind to.

Columns, constraints, indexes, policies, grants, triggers, functions and sequences are read from both catalogues in
PostgreSQL's own words; every difference is a sentence.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy.engine import make_url

from prikus.data.base import Base
from prikus.data.history import History
from prikus.data.protect import protect_core, protect_schema, sql_file
from prikus.data.roles import RoleUrls, role_name
from prikus.data.session import make_engine
from prikus.data.upgrade import EXTENSIONS, plain

Snapshot = Mapping[tuple[str, str], str]

# Each query answers with the name of a thing and everything that is to be equal about it.
QUERIES = {
    "таблица": """
        select c.oid::regclass::text,
          concat_ws(', ', 'владелец ' || r.rolname, 'защита строк ' || c.relrowsecurity || '/' || c.relforcerowsecurity)
        from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_roles r on r.oid = c.relowner
        where n.nspname = any($1) and c.relkind in ('r', 'p', 'v', 'm') and c.relname <> 'alembic_version'
    """,
    "столбец": """
        select c.oid::regclass || '.' || a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod),
          case when a.attnotnull then 'not null' end, 'default ' || pg_get_expr(d.adbin, d.adrelid),
          case when a.attidentity <> '' then 'identity ' || a.attidentity::text end,
          '«' || col_description(c.oid, a.attnum) || '»')
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
          join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
          left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
        where n.nspname = any($1) and c.relkind in ('r', 'p') and c.relname <> 'alembic_version'
    """,
    "ограничение": """
        select k.conrelid::regclass || '.' || k.conname, pg_get_constraintdef(k.oid)
        from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = any($1) and k.contype not in ('n', 't') and c.relname <> 'alembic_version'
    """,
    "индекс": """
        select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
        from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = any($1) and c.relname <> 'alembic_version'
    """,
    "политика": """
        select p.polrelid::regclass || '.' || p.polname, concat_ws(' ', p.polcmd::text, p.polpermissive::text,
          'для ' || p.polroles::regrole[]::text, 'using ' || pg_get_expr(p.polqual, p.polrelid),
          'check ' || pg_get_expr(p.polwithcheck, p.polrelid))
        from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = any($1)
    """,
    "право": """
        select thing || ' ' || case when x.grantee = 0 then 'PUBLIC' else x.grantee::regrole::text end,
          string_agg(x.privilege_type, ', ' order by x.privilege_type)
        from (
          select c.oid::regclass::text, c.relacl from pg_class c
          where c.relnamespace = any($1::text[]::regnamespace[]) and c.relkind in ('r', 'p', 'v', 'm', 'S')
          union all
          select c.oid::regclass || '.' || a.attname, a.attacl from pg_class c join pg_attribute a on a.attrelid = c.oid
          where c.relnamespace = any($1::text[]::regnamespace[]) and a.attacl is not null
          union all
          select p.oid::regprocedure::text, p.proacl from pg_proc p
          where p.pronamespace = any($1::text[]::regnamespace[])
          union all
          select n.nspname, n.nspacl from pg_namespace n where n.oid = any($1::text[]::regnamespace[])
        ) granted (thing, acl), aclexplode(acl) x group by 1
    """,
    "триггер": """
        select t.tgrelid::regclass || '.' || t.tgname, t.tgenabled::text || ' ' || pg_get_triggerdef(t.oid)
        from pg_trigger t join pg_class c on c.oid = t.tgrelid
        where c.relnamespace = any($1::text[]::regnamespace[]) and not t.tgisinternal
    """,
    "функция": """
        select p.oid::regprocedure::text, p.proowner::regrole || ' ' || pg_get_functiondef(p.oid)
        from pg_proc p where p.pronamespace = any($1::text[]::regnamespace[]) and p.prokind in ('f', 'p')
    """,
    "последовательность": """
        select s.oid::regclass::text, concat_ws(' ', s.relowner::regrole::text,
          (select d.refobjid::regclass || '.' || a.attname from pg_depend d
             join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
           where d.objid = s.oid and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i')))
        from pg_class s where s.relnamespace = any($1::text[]::regnamespace[]) and s.relkind = 'S'
    """,
}


async def snapshot(admin: asyncpg.Connection, schemas: Sequence[str]) -> Snapshot:
    """Everything in the schemas by kind and name, with its definition."""
    found: dict[tuple[str, str], str] = {}
    for kind, query in QUERIES.items():
        for name, definition in await admin.fetch(query, list(schemas)):
            found[kind, name] = " ".join(definition.split())
    return found


def differences(migrated: Snapshot, modelled: Snapshot) -> list[str]:
    """A sentence for each thing that only one of the two has, or that they define differently."""
    found = []
    for kind, name in sorted(migrated.keys() | modelled.keys()):
        by_migrations, by_models = migrated.get((kind, name)), modelled.get((kind, name))
        if by_migrations == by_models:
            continue
        if by_models is None:
            found.append(f"{name}: {kind} есть после миграций, но не в моделях: {by_migrations}.")
        elif by_migrations is None:
            found.append(f"{name}: {kind} есть в моделях, но не после миграций: {by_models}.")
        else:
            found.append(f"{name}: {kind} после миграций «{by_migrations}», по моделям «{by_models}».")
    return found


async def compare(urls: RoleUrls, histories: Sequence[History]) -> list[str]:
    """What differs between the upgraded database of `urls` and one built from the models beside it."""
    schemas = [history.owner for history in histories]
    here = await asyncpg.connect(plain(urls.admin_url.render_as_string(hide_password=False)))
    try:
        migrated = await snapshot(here, schemas)
        async with built_from_models(here, urls, schemas) as there:
            return differences(migrated, await snapshot(there, schemas))
    finally:
        await here.close()


@asynccontextmanager
async def built_from_models(
    admin: asyncpg.Connection, urls: RoleUrls, schemas: Sequence[str]
) -> AsyncIterator[asyncpg.Connection]:
    """The administrator's connection to a database built from the models, with the roles of the first; then gone."""
    name = f"{urls.database}_models"
    await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    await admin.execute(f'CREATE DATABASE "{name}"')
    try:
        there: asyncpg.Connection = await asyncpg.connect(
            _in(urls.admin_url.render_as_string(hide_password=False), name)
        )
        try:
            await _build(there, urls, name, schemas)
            yield there
        finally:
            await there.close()
    finally:
        await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _in(url: str, database: str) -> str:
    return plain(make_url(url).set(database=database).render_as_string(hide_password=False))


async def _build(admin: asyncpg.Connection, urls: RoleUrls, name: str, schemas: Sequence[str]) -> None:
    owner_role = role_name(urls.database, "owner")
    await admin.execute(f'GRANT CREATE, CONNECT ON DATABASE "{name}" TO "{owner_role}"')
    for extension in EXTENSIONS:
        await admin.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    for schema in schemas:
        await admin.execute(f'CREATE SCHEMA "{schema}" AUTHORIZATION "{owner_role}"')
    url = _in(urls.url("owner"), name)
    owner = await asyncpg.connect(url)
    try:
        await owner.execute(sql_file("touch.sql"))
        engine = make_engine(url, pooled=False)
        async with engine.begin() as db:
            tables = [table for table in Base.metadata.sorted_tables if table.schema in schemas]
            await db.run_sync(Base.metadata.create_all, tables=tables, checkfirst=False)
        await engine.dispose()
        for schema in schemas:
            await owner.execute(f'CREATE TABLE "{schema}".alembic_version (version_num text primary key)')
            await protect_schema(owner, schema, urls.database)
        await protect_core(owner, admin, urls.database)
    finally:
        await owner.close()
