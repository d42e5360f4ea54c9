"""What the models promise and tables do not say: policies, triggers, grants. Applied to every schema at every upgrade.

Kept out of migrations on purpose: nobody can forget it in one, and a rule mended here is mended everywhere.
"""

from __future__ import annotations

from collections.abc import Collection
from importlib import resources

import asyncpg

from prikus.data.roles import role_name

POLICY = "clinic_id = (current_setting('app.clinic_id'))::bigint"

LEFTOVERS = """
    select n.nspname from pg_namespace n join pg_class c on c.relnamespace = n.oid and c.relname = 'alembic_version'
    where pg_get_userbyid(n.nspowner) = $1 and n.nspname <> all($2::text[]) order by 1
"""
TENANT_TABLES = """
    select c.relname, c.relrowsecurity and c.relforcerowsecurity as forced,
      exists (select 1 from pg_policy p where p.polrelid = c.oid and p.polname = 'clinic') as has_policy,
      exists (select 1 from pg_trigger t where t.tgrelid = c.oid and t.tgname = 'touch') as has_touch
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'row_version'
    where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p')
"""

# Global tables that roles reach directly; everything else goes through definer functions.
GLOBAL_GRANTS = {
    "relay": {"core.work": "SELECT, UPDATE, DELETE", "core.clinic": "SELECT"},
    "lifecycle": {"core.work": "SELECT"},
    "operator": {
        "core.clinic": "SELECT, INSERT, UPDATE",
        "core.subscription_plan": "SELECT, INSERT, UPDATE",
        "core.plan_plugin": "SELECT, INSERT, DELETE",
        "core.subscription": "SELECT, INSERT, UPDATE",
        "core.work": "SELECT, UPDATE, DELETE",
    },
}

# What the application may only add to, and what merging and erasing a patient may change there.
APPEND_ONLY = {
    "core.audit_record": "UPDATE (before, after)",
    "core.patient_event": "UPDATE (patient_id, text, payload)",
    "core.outbox_event": "UPDATE (payload), DELETE",
}


def sql_file(name: str) -> str:
    return resources.files("prikus.data").joinpath("sql", name).read_text("utf-8")


async def leftovers(db: asyncpg.Connection, database: str, known: Collection[str]) -> list[str]:
    """Schemas of plugins that none of the `known` owners has, in order."""
    return [row["nspname"] for row in await db.fetch(LEFTOVERS, role_name(database, "owner"), list(known))]


async def protect_schema(owner: asyncpg.Connection, schema: str, database: str) -> None:
    """Policies, triggers and grants of every tenant table in the schema, as its owner. Idempotent."""
    app, maint, lifecycle = (role_name(database, role) for role in ("app", "maint", "lifecycle"))
    for role in ("app", "maint", "lifecycle", "definer", "relay", "operator"):
        await owner.execute(f'GRANT USAGE ON SCHEMA "{schema}" TO "{role_name(database, role)}"')
    await owner.execute(f'GRANT ALL ON ALL TABLES IN SCHEMA "{schema}" TO "{maint}"')
    await owner.execute(f'GRANT SELECT ON "{schema}".alembic_version TO "{app}"')
    for row in await owner.fetch(TENANT_TABLES, schema):
        table = f'"{schema}"."{row["relname"]}"'
        if not row["has_policy"]:
            await owner.execute(f"CREATE POLICY clinic ON {table} USING ({POLICY})")
        if not row["forced"]:
            await owner.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        if not row["has_touch"]:
            await owner.execute(
                f"CREATE TRIGGER touch BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION core.touch()"
            )
        changeable = APPEND_ONLY.get(f"{schema}.{row['relname']}")
        rights = "SELECT, INSERT" if changeable else "SELECT, INSERT, UPDATE, DELETE"
        for role in (app, lifecycle):
            await owner.execute(f'GRANT {rights} ON {table} TO "{role}"')
            if changeable:
                await owner.execute(f'REVOKE UPDATE, DELETE ON {table} FROM "{role}"')
        if changeable:
            await owner.execute(f'GRANT {changeable} ON {table} TO "{lifecycle}"')


async def protect_core(owner: asyncpg.Connection, admin: asyncpg.Connection, database: str) -> None:
    """Grants on global tables and the definer functions, which belong to a role that bypasses policies."""
    for role, tables in GLOBAL_GRANTS.items():
        for table, rights in tables.items():
            await owner.execute(f'GRANT {rights} ON {table} TO "{role_name(database, role)}"')
    definer = role_name(database, "definer")
    await admin.execute(f'GRANT ALL ON ALL TABLES IN SCHEMA core TO "{definer}"')
    await admin.execute(f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA core TO "{definer}"')
    await admin.execute(f'GRANT CREATE ON SCHEMA core TO "{definer}"')
    async with admin.transaction():
        await admin.execute(f'SET LOCAL ROLE "{definer}"')
        await admin.execute(sql_file("definer.sql"))
        functions = await admin.fetch(
            "select oid::regprocedure::text as name from pg_proc "
            "where pronamespace = 'core'::regnamespace and prosecdef"
        )
        for function in functions:
            await admin.execute(f"REVOKE ALL ON FUNCTION {function['name']} FROM PUBLIC")
            for role in ("app", "relay", "operator", "maint", "lifecycle"):
                await admin.execute(f'GRANT EXECUTE ON FUNCTION {function["name"]} TO "{role_name(database, role)}"')
    await admin.execute(f'REVOKE CREATE ON SCHEMA core FROM "{definer}"')
