"""A package goes and comes back: its rows wait, and merging, erasing and export reach them meanwhile (contract 7)."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import text

from prikus.config import Config
from prikus.data import migrate, upgrade
from prikus.data.check import faults
from prikus.data.roles import role_name
from prikus.data.session import make_engine
from prikus.data.upgrade import plain
from prikus.errors import Conflict, NotFound
from prikus.events.runtime import role_urls
from prikus.host import rooms
from prikus.host.system import System
from prikus.operator.checking import invariants
from prikus.operator.examining import of_database
from prikus.operator.purging import purge, what_would_go
from prikus.operator.upgrade import upgrade_database
from prikus.patients.services.erasing import erase_patient
from prikus.patients.services.exporting import export_patient, note_export
from prikus.patients.services.merging import merge_patients
from prikus.testing.clinics import TestClinic, open_test_clinic
from prikus.testing.databases import scratch_database
from prikus.testing.house import opened
from prikus.testing.plugin import own
from tests.core.conftest import offer_plan
from tests.core.patients.lifecycle.conftest import DAY
from tests.core.patients.lifecycle.test_erase import traces

WORDS = ("незабудкин", "с лимоном")
ROWS = {"guest": 2, "visit": 2, "talk": 2, "ticket": 4, "coin": 4}
LEFT = "Установите его снова или удалите данные: prikus plugin purge samovar."


@pytest.fixture(scope="session")
def bare_system() -> System:
    """The same installation without the package."""
    return System(rooms.installed([]))


@own
async def config(house) -> AsyncIterator[Config]:
    """An empty database of this test's own."""
    async with scratch_database(house.config) as config:
        yield config


@own
async def admin(config: Config) -> AsyncIterator[asyncpg.Connection]:
    connection: asyncpg.Connection = await asyncpg.connect(plain(config.database_url))
    yield connection
    await connection.close()


@pytest.fixture
async def furnished(config, samovar_system, add, drink) -> tuple[TestClinic, list[int]]:
    """A clinic with two patients, each with one thing of every kind, told to everybody. The application has ended."""
    await upgrade_database(config, system=samovar_system)
    await offer_plan(config, "samovar", "С самоваром", "samovar")
    async with opened(config, samovar_system) as house:
        clinic = await open_test_clinic(house, plan="samovar")
        patients = [(await add(f"{name} Ася", where=clinic)).id for name in ("Незабудкина", "Морозова")]
        for day, patient in enumerate(patients, 20):
            await drink(patient, "с лимоном", DAY.replace(day=day), where=clinic)
        await clinic.drain()
    return clinic, patients


async def counts(admin: asyncpg.Connection, patient: int | None = None) -> dict[str, int]:
    own = "" if patient is None else f" where patient_id = {patient}"
    tables = [table for table in ROWS if patient is None or table != "talk"]
    return {table: await admin.fetchval(f"select count(*) from samovar.{table}{own}") for table in tables}


async def test_rows_of_a_removed_package_wait_and_come_back(
    config, admin, furnished, samovar_system, bare_system
) -> None:
    clinic, (gone, kept) = furnished
    urls = role_urls(config)
    await upgrade_database(config, system=bare_system)
    assert [(one.sentence, one.mend) async for one in of_database(config, bare_system)] == [
        ("в базе есть схема «samovar», а модуль не установлен.", LEFT)
    ]
    assert await faults(urls, bare_system.installed.histories()) == []
    assert await invariants(config, bare_system) == []
    assert await counts(admin) == ROWS
    async with opened(config, bare_system) as house:
        clinic = TestClinic(house, clinic.id, clinic.slug, clinic.head)
        assert (await (await clinic.client_as("director")).get(f"/patients/{gone}")).status_code == 200
        assert (await (await clinic.client_as("director")).get("/samovar")).status_code == 404
        async with clinic.ctx_as("director") as ctx:
            await merge_patients(ctx, gone, kept)
        assert await counts(admin, gone) == {"guest": 0, "visit": 0, "ticket": 0, "coin": 0}
        async with clinic.ctx_as("director") as ctx:
            parts = [part async for part in export_patient(ctx, await note_export(ctx, kept))]
        archive = zipfile.ZipFile(io.BytesIO(b"".join(parts)))
        exported = {name: archive.read(name).decode() for name in archive.namelist() if "samovar" in name}
        assert {name: found.count("\n") for name, found in exported.items()} == {
            f"данные/samovar.{table}.jsonl": rows for table, rows in (ROWS | {"guest": 1}).items()
        }
        assert exported["данные/samovar.talk.jsonl"].count("с лимоном") == 2
        assert "samovar.talk.words" in await traces(clinic, WORDS)
        async with clinic.ctx_as("director") as ctx:
            await erase_patient(ctx, kept, "Заявление")
        await clinic.drain()
        assert await traces(clinic, WORDS) == []
    await upgrade_database(config, system=samovar_system)
    assert await counts(admin) == ROWS | {"guest": 0}
    assert await faults(urls, samovar_system.installed.histories()) == []
    assert [one async for one in of_database(config, samovar_system)] == []
    engine = make_engine(urls.url("owner"), pooled=False)
    async with engine.connect() as db:
        for history in samovar_system.installed.histories():
            assert await db.run_sync(migrate.current, history) == migrate.head(history)
    await engine.dispose()
    async with opened(config, samovar_system) as house:
        clinic = TestClinic(house, clinic.id, clinic.slug, clinic.head)
        async with clinic.ctx_as("director") as ctx:
            assert "samovar" in ctx.clinic.effective
            assert await ctx.db.scalar(text("select count(*) from samovar.visit where patient_id = :id"), {"id": kept})


async def make_old(admin: asyncpg.Connection, database: str) -> None:
    """As a package leaves it that was removed before there was the role `lifecycle`, or this table's policy."""
    lifecycle = role_name(database, "lifecycle")
    await admin.execute(f'revoke all on all tables in schema samovar from "{lifecycle}"')
    await admin.execute(f'revoke all on schema samovar from "{lifecycle}"')
    await admin.execute("drop policy clinic on samovar.talk")


async def merged(config: Config, system: System, clinic: TestClinic, patients: list[int]) -> None:
    async with opened(config, system) as house:
        clinic = TestClinic(house, clinic.id, clinic.slug, clinic.head)
        async with clinic.ctx_as("director") as ctx:
            await merge_patients(ctx, *patients)


async def test_what_was_removed_before_an_upgrade_is_reached_after_it(
    config, admin, furnished, bare_system, monkeypatch
) -> None:
    """The twin comes first: an upgrade that protects only what is installed leaves the rows out of reach."""
    clinic, patients = furnished
    await make_old(admin, role_urls(config).database)

    async def nothing(*_: object) -> list[str]:
        return []

    with monkeypatch.context() as without:
        without.setattr(upgrade, "leftovers", nothing)
        await upgrade_database(config, system=bare_system)
    found = " ".join([one.sentence async for one in of_database(config, bare_system)])
    assert "samovar.talk: ожидалась одна политика" in found
    with pytest.raises(Conflict, match="удалённого модуля"):
        await merged(config, bare_system, clinic, patients)

    await upgrade_database(config, system=bare_system)
    assert len([one async for one in of_database(config, bare_system)]) == 1
    await merged(config, bare_system, clinic, patients)
    assert await counts(admin, patients[1]) == {"guest": 1, "visit": 2, "ticket": 2, "coin": 4}


async def test_purging_is_refused_while_somebody_needs_the_data_and_says_so_to_every_clinic(
    config, admin, furnished, samovar_system, bare_system
) -> None:
    clinic, _ = furnished
    owner = role_name(role_urls(config).database, "owner")
    with pytest.raises(Conflict, match="«samovar» установлен"):
        await purge(config, samovar_system, "samovar")
    for core in ("core", "public", "pg_catalog"):
        with pytest.raises((Conflict, NotFound)):
            await purge(config, bare_system, core)
    for hold, held, release in (
        (
            "create table other.bill (clinic_id bigint, visit_id bigint, "
            "foreign key (clinic_id, visit_id) references samovar.visit (clinic_id, id))",
            "other.bill",
            "drop table other.bill",
        ),
        ("create view other.visits as select * from samovar.visit", "other.visits", "drop view other.visits"),
    ):
        await admin.execute(f'create schema if not exists other authorization "{owner}"')
        await admin.execute(hold)
        with pytest.raises(Conflict, match=f"ссылаются {held}"):
            await purge(config, bare_system, "samovar")
        await admin.execute(release)
    assert await counts(admin) == ROWS
    await admin.execute("create table other.note (visit_id bigint)")
    await admin.execute("comment on column other.note.visit_id is 'soft_ref samovar.visit'")
    contents = await what_would_go(config, bare_system, "samovar")
    assert contents.rows == {f"samovar.{table}": {clinic.id: rows} for table, rows in sorted(ROWS.items())}
    assert (contents.clinics, contents.holders, contents.soft) == ([clinic.id], [], ["other.note.visit_id"])
    await purge(config, bare_system, "samovar")
    assert await admin.fetchval("select to_regnamespace('samovar')") is None
    record = await admin.fetchrow(
        "select clinic_id, created_by_kind, sentence, after ->> 'rows' as rows from core.audit_record "
        "where action = 'plugin.purged'"
    )
    assert tuple(record)[:3] == (clinic.id, "operator", "Удалены все данные удалённого модуля «samovar».")
    assert '"samovar.coin": 4' in record["rows"]
    assert [one async for one in of_database(config, bare_system)] == []
    with pytest.raises(NotFound, match="Данных удалённых модулей нет"):
        await purge(config, bare_system, "samovar")
    await upgrade_database(config, system=samovar_system)
    assert set((await counts(admin)).values()) == {0}
    async with opened(config, samovar_system) as house:
        clinic = TestClinic(house, clinic.id, clinic.slug, clinic.head)
        async with clinic.ctx_as("director") as ctx:
            assert "samovar" not in ctx.clinic.effective, "it is prepared like a new one when it is switched on"


def command(config: Config, *words: str, said: str = "") -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PRIKUS_DATA": str(config.data), "DATABASE_URL": str(config.database_url)}
    environ["REDIS_URL"] = str(config.redis_url)
    argv = [sys.executable, "-m", "prikus", "plugin", *words]
    return subprocess.run(argv, env=environ, input=said, capture_output=True, text=True, check=False, timeout=300)


async def test_the_command_lists_what_goes_and_asks_for_the_name(config, admin, furnished) -> None:
    """A real process: there the three real plugins are installed and «Самовар» is not."""
    await admin.execute("insert into core.work (clinic_id, kind, ref) values (1, 'job:samovar.brew', 1)")
    listed = command(config, "list")
    assert "Модуль «samovar» не установлен" in listed.stdout
    assert "prikus plugin purge samovar" in listed.stdout
    wrong = command(config, "purge", "samovar", said="самовар\n")
    assert (wrong.returncode, "ничего не удалено" in wrong.stderr) == (1, True)
    assert all(f"samovar.{table}" in wrong.stdout for table in ROWS)
    assert await counts(admin) == ROWS
    done = command(config, "purge", "samovar", "--yes", "samovar")
    assert (done.returncode, "Данные модуля «samovar» удалены." in done.stdout) == (0, True)
    assert await admin.fetchval("select to_regnamespace('samovar')") is None
    assert await admin.fetchval("select count(*) from core.work where kind = 'job:samovar.brew'") == 1
