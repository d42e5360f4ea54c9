"""Schemas whose package is not installed any more: what they hold, and removing them for good (contract 7)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import asyncpg
import msgspec

from prikus.data.base import SOFT_REF
from prikus.data.protect import leftovers
from prikus.data.roles import RoleUrls
from prikus.data.upgrade import ONE_AT_A_TIME, plain

TABLES = """
    select format('%I.%I', n.nspname, c.relname) as name,
      exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'clinic_id') as has_clinic
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = $1 and c.relkind in ('r', 'p') and not c.relispartition and c.relname <> 'alembic_version'
    order by 1
"""
# Foreign keys, views and triggers of others that would go with the schema.
HOLDERS = """
    select distinct holder::regclass::text as name from (
      select k.conrelid as holder, t.relnamespace as held from pg_constraint k join pg_class t on t.oid = k.confrelid
      where k.contype = 'f'
      union all
      select r.ev_class, t.relnamespace from pg_depend d join pg_rewrite r on r.oid = d.objid
        join pg_class t on t.oid = d.refobjid
      where d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass
      union all
      select g.tgrelid, f.pronamespace from pg_trigger g join pg_proc f on f.oid = g.tgfoid
    ) found join pg_class h on h.oid = holder
    where held = $1::regnamespace and h.relnamespace <> held
"""
SOFT_HOLDERS = """
    select format('%I.%I.%I', n.nspname, c.relname, a.attname) from pg_description d
      join pg_class c on c.oid = d.objoid and d.classoid = 'pg_class'::regclass
      join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum = d.objsubid
    where starts_with(d.description, $1) and n.nspname <> $2 order by 1
"""

# Columns that point at files, by key or softly, and whether they stand in the schema.
POINTERS = """
    select format('%I.%I', n.nspname, c.relname) as place, format('%I', a.attname) as name, n.nspname = $1 as is_own
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
      left join pg_constraint k on k.conrelid = c.oid and k.contype = 'f' and a.attnum = any (k.conkey)
        and k.confrelid = 'core.stored_file'::regclass and a.attname <> 'clinic_id'
    where c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
      and (k.oid is not null or col_description(c.oid, a.attnum) = $2)
    order by 1, 2
"""

AUDIT = """
    insert into core.audit_record (action, object_kind, sentence, after)
    values ('plugin.purged', 'plugin', $1, cast($2::text as jsonb))
"""


class Contents(msgspec.Struct, frozen=True):
    """What stands in a schema. `rows` counts by table and clinic, 0 for a table without one.

    `holders` are tables of others whose keys lead here, `soft` their columns that would lead nowhere.
    """

    schema: str
    rows: dict[str, dict[int, int]]
    holders: list[str]
    soft: list[str]

    @property
    def clinics(self) -> list[int]:
        return sorted({clinic for counted in self.rows.values() for clinic in counted if clinic})

    def of_clinic(self, clinic_id: int) -> dict[str, int]:
        """The clinic's rows by table, without tables where it has none."""
        return {table: counted[clinic_id] for table, counted in self.rows.items() if clinic_id in counted}


async def read_leftovers(urls: RoleUrls, known: Collection[str]) -> list[str]:
    """Schemas of plugins that none of the `known` owners has."""
    admin = await asyncpg.connect(plain(urls.admin_url.render_as_string(hide_password=False)))
    try:
        return await leftovers(admin, urls.database, known)
    finally:
        await admin.close()


async def read_contents(urls: RoleUrls, schema: str) -> Contents:
    """Counted past the policies, since the rows of all clinics are about to go."""
    maint = await asyncpg.connect(plain(urls.url("maint")))
    try:
        rows: dict[str, dict[int, int]] = {}
        for name, has_clinic in await maint.fetch(TABLES, schema):
            clinic = "clinic_id" if has_clinic else "0"
            rows[name] = dict(await maint.fetch(f"select {clinic}, count(*) from {name} group by 1 order by 1"))
        holders = sorted(row["name"] for row in await maint.fetch(HOLDERS, schema))
        soft = [row[0] for row in await maint.fetch(SOFT_HOLDERS, f"{SOFT_REF}{schema}.", schema)]
        return Contents(schema, rows, holders, soft)
    finally:
        await maint.close()


async def drop_schema(urls: RoleUrls, contents: Contents, audit: Sequence[tuple[int, str, str]]) -> None:
    """Drop the schema as its owner and write `audit` of it, (clinic, sentence, what went as JSON), in one transaction.

    The switches of the plugin go too: installed again it is switched on and prepared as a new one. No upgrade runs
    beside it. Files that only its rows point at go too, their bytes by the next sweep.
    """
    owner = await asyncpg.connect(plain(urls.url("owner")))
    try:
        await owner.execute(ONE_AT_A_TIME)
        async with owner.transaction():
            await owner.execute("select set_config('app.actor_kind', 'operator', true)")
            pointers = await owner.fetch(POINTERS, contents.schema, f"{SOFT_REF}core.stored_file")
            files: dict[int, list[int]] = {}
            for row in await owner.fetch("select id from core.clinic order by id"):
                await _in_clinic(owner, row["id"])
                await owner.execute("delete from core.clinic_plugin where plugin_id = $1", contents.schema)
                files[row["id"]] = await _pointed_at(owner, pointers)
            for clinic_id, sentence, after in audit:
                await _in_clinic(owner, clinic_id)
                await owner.execute(AUDIT, sentence, after)
            await owner.execute(f'DROP SCHEMA "{contents.schema}" CASCADE')
            for clinic_id, ids in files.items():
                await _in_clinic(owner, clinic_id)
                await _drop_files(owner, pointers, ids)
    finally:
        await owner.close()


async def _in_clinic(owner: asyncpg.Connection, clinic_id: int) -> None:
    await owner.execute("select set_config('app.clinic_id', $1, true)", str(clinic_id))


async def _pointed_at(owner: asyncpg.Connection, pointers: Sequence[asyncpg.Record]) -> list[int]:
    """Files of the clinic that the schema's own rows point at."""
    parts = [f"select {one['name']} from {one['place']}" for one in pointers if one["is_own"]]
    return [row[0] for row in await owner.fetch(" union ".join(parts)) if row[0]] if parts else []


async def _drop_files(owner: asyncpg.Connection, pointers: Sequence[asyncpg.Record], ids: Sequence[int]) -> None:
    others = [f"select 1 from {p['place']} where {p['name']} = f.id" for p in pointers if not p["is_own"]]
    unless = f" and not exists ({' union all '.join(others)})" if others else ""
    await owner.execute(f"delete from core.stored_file f where id = any ($1){unless}", ids)
