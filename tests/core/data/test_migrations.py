"""Migrations of their own for every owner, up, down and up again; and keys added under loud policies."""

from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from prikus.data import migrate
from prikus.data.history import History
from prikus.data.session import make_engine
from prikus.data.upgrade import plain, upgrade_all
from prikus.events.runtime import role_urls
from prikus.testing.databases import scratch_database

SCHEMAS = "select nspname from pg_namespace where nspname in ('core', 'teahouse') order by 1"
TABLES = "select count(*) from pg_tables where schemaname = $1 and tablename <> 'alembic_version'"


@pytest.fixture
async def scratch(house):
    async with scratch_database(house.config) as config:
        yield config


@pytest.fixture
async def owner(scratch):
    """A connection of the owner; what it runs in one go is one transaction."""
    engine = make_engine(role_urls(scratch).url("owner"), pooled=False)
    yield engine
    await engine.dispose()


async def fetch(url, query, *values):
    connection = await asyncpg.connect(plain(url))
    try:
        return await connection.fetch(query, *values)
    finally:
        await connection.close()


async def run(engine, work, *args):
    async with engine.connect() as db:
        made = await db.run_sync(work, *args)
        await db.commit()
        return made


async def test_up_down_and_up_again(scratch, owner, tea_system) -> None:
    urls, histories = role_urls(scratch), tea_system.installed.histories()
    assert [history.owner for history in histories] == ["core", "teahouse"]
    await upgrade_all(urls, histories)
    for history in histories:
        assert await run(owner, migrate.current, history) == await run(owner, lambda _, h=history: migrate.head(h))
        assert await run(owner, migrate.differences, history) == []
    for history in reversed(histories):
        await run(owner, migrate.downgrade, history)
        (row,) = await fetch(scratch.database_url, TABLES, history.owner)
        assert row["count"] == 0, history.owner
    await upgrade_all(urls, histories)
    for history in histories:
        assert await run(owner, migrate.differences, history) == []


async def test_an_upgrade_can_be_repeated(scratch, owner, tea_system) -> None:
    urls, histories = role_urls(scratch), tea_system.installed.histories()
    for _ in range(2):
        await upgrade_all(urls, histories)
    assert [r["nspname"] for r in await fetch(scratch.database_url, SCHEMAS)] == ["core", "teahouse"]


async def test_a_plugins_history_sees_its_own_schema_only(scratch, owner, tea_system) -> None:
    core, teahouse = tea_system.installed.histories()
    await upgrade_all(role_urls(scratch), [core])
    assert await run(owner, migrate.differences, core) == []
    missing = await run(owner, migrate.differences, teahouse)
    assert {change[1].schema for change in missing if change[0] == "add_table"} == {"teahouse"}


async def test_a_failed_migration_leaves_nothing(scratch, owner, tea_system, tmp_path: Path) -> None:
    core, teahouse = tea_system.installed.histories()
    await upgrade_all(role_urls(scratch), [core])
    good = next(teahouse.folder.glob("0001_*.py")).read_text()
    (tmp_path / "0001_bad.py").write_text(
        good.replace("def downgrade", '    op.execute("select 1/0")\n\n\ndef downgrade')
    )
    await fetch(scratch.database_url, f'create schema teahouse authorization "{(await _owner_name(scratch))}"')
    with pytest.raises(DBAPIError, match="division by zero"):
        await run(owner, migrate.upgrade, History("teahouse", tmp_path))
    (row,) = await fetch(scratch.database_url, TABLES, "teahouse")
    assert row["count"] == 0
    await upgrade_all(role_urls(scratch), [core, teahouse])
    assert await run(owner, migrate.differences, teahouse) == []


async def _owner_name(config):
    (row,) = await fetch(
        config.database_url, "select nspowner::regrole::text as owner from pg_namespace where nspname = 'core'"
    )
    return row["owner"].strip('"')


LATER = """
revision = "teahouse_0002"
down_revision = "teahouse_0001"

from alembic import op


def upgrade():
    op.drop_constraint("cup_clinic_id_tea_id_fkey", "cup", schema="teahouse", type_="foreignkey")
    op.create_foreign_key("cup_clinic_id_tea_id_fkey", "cup", "tea", ["clinic_id", "tea_id"], ["clinic_id", "id"],
                          source_schema="teahouse", referent_schema="teahouse")


def downgrade():
    pass
"""
TWO_CLINICS = """
    insert into core.clinic (id, slug, name) overriding system value values (1, 'one', '1'), (2, 'two', '2');
    insert into teahouse.tea (clinic_id, id, name) overriding system value values (1, 1, 'a'), (2, 2, 'b');
    insert into teahouse.cup (clinic_id, tea_id, number) values (1, 1, 1), (2, 2, 1);
"""


@pytest.fixture
async def two_clinics(scratch, tea_system, tmp_path: Path):
    """Rows of two clinics, and a next migration that adds a foreign key."""
    teahouse = tea_system.installed.histories()[1]
    await upgrade_all(role_urls(scratch), tea_system.installed.histories())
    connection = await asyncpg.connect(plain(role_urls(scratch).url("maint")))
    await connection.execute(TWO_CLINICS)
    await connection.close()
    for path in teahouse.folder.glob("0*.py"):
        (tmp_path / path.name).write_text(path.read_text())
    (tmp_path / "0002_key.py").write_text(LATER)
    return History("teahouse", tmp_path)


async def test_a_foreign_key_is_added_under_loud_policies_and_they_are_forced_again(
    owner, scratch, two_clinics
) -> None:
    await run(owner, migrate.upgrade, two_clinics)
    assert await run(owner, migrate.current, two_clinics) == "teahouse_0002"
    rows = await fetch(
        scratch.database_url,
        "select relforcerowsecurity from pg_class where oid in ('teahouse.tea'::regclass, 'teahouse.cup'::regclass)",
    )
    assert [row["relforcerowsecurity"] for row in rows] == [True, True]


async def test_without_the_environment_adding_it_would_raise(owner, two_clinics) -> None:
    async with owner.connect() as db:
        with pytest.raises(DBAPIError) as raised:
            await db.execute(
                text(
                    "alter table teahouse.cup add foreign key (clinic_id, tea_id) "
                    "references teahouse.tea (clinic_id, id)"
                )
            )
        assert raised.value.orig.sqlstate == "42704"


async def test_a_key_that_any_clinic_violates_is_refused(owner, scratch, two_clinics) -> None:
    await fetch(
        scratch.database_url,
        "insert into teahouse.cup (clinic_id, tea_id, number) select 2, 1, 2 "
        "where set_config('session_replication_role', 'replica', true) is not null",
    )
    with pytest.raises(DBAPIError, match="cup_clinic_id_tea_id_fkey"):
        await run(owner, migrate.upgrade, two_clinics)


def test_older_revisions_are_known_without_alembic(tmp_path) -> None:
    """What `/health/ready` compares with, against what Alembic itself makes of the same files."""
    for number, ancestor in ((1, None), (2, "x_0001"), (3, "x_0002")):
        (tmp_path / f"{number:04d}_x.py").write_text(f'revision = "x_{number:04d}"\ndown_revision = {ancestor!r}\n')
    history = History("x", tmp_path)
    walked = {revision.revision for revision in migrate.script_of(history)[1].walk_revisions()}
    assert history.older() == walked - {migrate.head(history)} == {"x_0001", "x_0002"}
