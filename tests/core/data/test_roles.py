"""What each role may not do (reliability 2), and keys added under loud policies."""

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from prikus.data.protect import APPEND_ONLY
from prikus.data.session import make_engine
from prikus.data.upgrade import plain

ROLES = ("app", "relay", "operator")


async def refused(runtime, role: str, statement: str) -> str:
    connection = await asyncpg.connect(plain(runtime.urls.url(role)))
    try:
        with pytest.raises(asyncpg.PostgresError) as raised:
            await connection.execute(statement)
        return raised.value.sqlstate
    finally:
        await connection.close()


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "statement",
    [
        "create table teahouse.own (id int)",
        "create table public.own (id int)",
        "create schema own",
        "truncate teahouse.tea",
        "alter table teahouse.tea no force row level security",
        "drop policy clinic on teahouse.tea",
        "alter table teahouse.tea disable trigger touch",
        "set role postgres",
        "select * from core.account",
        "select * from core.session",
        "select * from core.one_use_link",
    ],
)
async def test_running_roles_cannot(runtime, role: str, statement: str) -> None:
    assert await refused(runtime, role, statement) == "42501"


async def test_only_maintenance_bypasses_policies(runtime) -> None:
    connection = await asyncpg.connect(plain(runtime.urls.url("maint")))
    rows = await connection.fetch("""
        select rolname, rolbypassrls, rolsuper from pg_roles where starts_with(rolname, 'prikus_' || current_database())
    """)
    await connection.close()
    bypassing = {row["rolname"].rsplit("_", 1)[1] for row in rows if row["rolbypassrls"]}
    assert bypassing == {"maint", "definer"}
    assert not any(row["rolsuper"] for row in rows)


async def test_the_application_cannot_rewrite_what_is_append_only(runtime, clinic) -> None:
    for table in APPEND_ONLY:
        for change in (f"update {table} set row_version = 1", f"delete from {table}"):
            inside = f"begin; set local app.clinic_id = '{clinic.id}'; {change}"
            assert await refused(runtime, "app", inside) == "42501", change


async def test_the_application_reads_no_table_without_a_clinic(runtime) -> None:
    for table in ("core.clinic", "core.work", "core.subscription", "core.subscription_plan", "core.plan_plugin"):
        assert await refused(runtime, "app", f"select 1 from {table}") == "42501"


async def test_definer_functions_are_closed_to_everybody_else(runtime) -> None:
    connection = await asyncpg.connect(plain(runtime.urls.url("maint")))
    rows = await connection.fetch("""
        select p.proname, r.rolname as owner, p.proconfig,
          exists (select 1 from aclexplode(p.proacl) a where a.grantee = 0) as for_all
        from pg_proc p join pg_roles r on r.oid = p.proowner
        where p.pronamespace = 'core'::regnamespace and p.prosecdef
    """)
    await connection.close()
    assert len(rows) > 10
    for row in rows:
        assert row["owner"].endswith("_definer"), row["proname"]
        assert any(setting.startswith("search_path=core") for setting in row["proconfig"]), row["proname"]
        assert not row["for_all"], row["proname"]


async def test_the_limits_of_time_are_set(runtime) -> None:
    async with runtime.app.connect() as db:
        shown = [await db.scalar(text(f"show {name}")) for name in ("lock_timeout", "statement_timeout")]
        idle = await db.scalar(text("show idle_in_transaction_session_timeout"))
    assert (shown, idle) == (["3s", "15s"], "30s")


async def test_the_owner_too_is_under_the_loud_policy(runtime) -> None:
    engine = make_engine(runtime.urls.url("owner"), pooled=False)
    async with engine.connect() as db:
        with pytest.raises(DBAPIError) as raised:
            await db.execute(text("update teahouse.tea set name = 'всем'"))
        assert raised.value.orig.sqlstate == "42704"
    await engine.dispose()
