"""Between clinics, in SQL: what the application's own role can do to rows of another clinic, table by table."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

import msgspec
import pytest
from sqlalchemy import UniqueConstraint, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from prikus.data.base import Base
from prikus.data.protect import APPEND_ONLY
from prikus.data.session import ClinicSession, Scope, make_engine
from prikus.testing.clinics import TestClinic, open_test_clinic
from prikus.testing.contract.base import tenant_tables
from prikus.testing.contract.isolation import Make, new_marker
from prikus.testing.house import House
from prikus.testing.unguarded import unguard
from tests.campaigns.clinics_apart import lived_in

# Past the policy other rules may refuse a second copy: uniqueness, overlaps, a ledger that must add up.
POLICY, NO_KEY, TAKEN, NEVER_SET, SET_BEFORE = "42501", "23503", ("23505", "23P01", "23000"), "42704", "22P02"
APPENDED = "append-only"
"""A trigger's word about a row of history: the statement has found it."""
Row = dict[str, Any]
NEW = 2**41
# History that is unique by what it belongs to: neither an update nor a copy of it gets as far as its keys.
UNIQUE_HISTORY = {"billing.payment", "billing.reversal", "billing.refunded_line"}
KEYS_WITHOUT_CLINIC = """
    select k.conname from pg_constraint k
    join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
    join pg_attribute b on b.attrelid = k.confrelid and b.attnum = k.confkey[1]
    where k.contype = 'f' and exists (select from pg_policy where polrelid = k.conrelid)
      and (a.attname, b.attname) <> ('clinic_id', 'clinic_id')
"""
INSERT = "insert into {0} select * from jsonb_populate_record(null::{0}, cast(:row as jsonb))"


async def tried(engine: AsyncEngine, clinic: int | None, statement: str, values: Mapping[str, Any]) -> int | str:
    """How many rows the statement found, or the code of its error; nothing of it stays."""
    async with ClinicSession(engine, Scope(clinic) if clinic is not None else None) as db:
        try:
            found: Any = await db.execute(text(statement), values)
            count = len(found.all()) if found.returns_rows else found.rowcount
            await db.execute(text("set constraints all immediate"))
        except DBAPIError as error:
            is_history = APPENDED in str(error.orig)
            return APPENDED if is_history else error.orig.sqlstate  # type: ignore[union-attr]
        return count


async def rows_of(clinic: TestClinic) -> dict[str, Row]:
    """The newest row of every table."""
    found, empty = {}, []
    async with clinic.house.runtime.session(Scope(clinic.id)) as db:
        for table in tenant_tables(clinic.house.system):
            query = f"select to_jsonb(t) from {table} t where clinic_id = :clinic order by id desc limit 1"
            row = await db.scalar(text(query), {"clinic": clinic.id})
            found[table] = row
            empty += [table] if row is None else []
    assert not empty, f"no row to try with in {empty}: let a sample make one"
    return found


async def row_with(clinic: TestClinic, table: str, column: str) -> Row:
    """The newest row in which the column stands, where there is one: some rows hold this or that, never both."""
    query = f"select to_jsonb(t) from {table} t where clinic_id = :clinic order by {column} is null, id desc limit 1"
    async with clinic.house.runtime.session(Scope(clinic.id)) as db:
        return (await db.execute(text(query), {"clinic": clinic.id})).scalar_one()


class Side(msgspec.Struct, frozen=True):
    """A clinic and a row of each of its tables."""

    clinic: TestClinic
    rows: dict[str, Row]


async def answers_of_table(stranger: Side, victim: Side, table: str) -> dict[str, int | str]:
    """What five statements about a row of the victim come to, and one about all rows without any clinic."""
    app, row, own = stranger.clinic.house.runtime.app, victim.rows[table], stranger.rows[table]
    where = f"{table} where clinic_id = {victim.clinic.id} and id = {row['id']}"
    moved = f"update {table} set clinic_id = {victim.clinic.id}, id = {NEW} where id = {own['id']}"
    statements = {
        "select": (f"select 1 from {where}", {}),
        "update": (f"update {where.replace(' where', ' set clinic_id = clinic_id where', 1)}", {}),
        "delete": (f"delete from {where}", {}),
        "insert": (INSERT.format(table), {"row": json.dumps(row | {"id": NEW})}),
        "move": (moved, {}),
    }
    answers = {name: await tried(app, stranger.clinic.id, *given) for name, given in statements.items()}
    answers["no clinic"] = await tried(app, None, f"select 1 from {table} limit 1", {})
    return answers


def keys(tables: Collection[str]) -> list[tuple[str, str, str]]:
    """Table, column and target of every reference from one of the tables to another."""
    return [
        (table.fullname, next(column.name for column in key.columns if column.name != "clinic_id"), target)
        for table in Base.metadata.sorted_tables
        for key in table.foreign_key_constraints
        if table.fullname in tables and (target := key.referred_table.fullname) in tables
    ]


def another(table: str, row: Row) -> Row:
    """A copy of a row with other values where they must be unique."""
    columns = Base.metadata.tables[table]
    parts = [*columns.indexes, *(part for part in columns.constraints if isinstance(part, UniqueConstraint))]
    unique = {column.name for part in parts if getattr(part, "unique", True) for column in part.columns}
    own = {name for name in unique if not columns.c[name].foreign_keys}
    other = {name: f"{row[name]} again" if isinstance(row[name], str) else NEW for name in own if row[name] is not None}
    return row | other | {"id": NEW}


async def answers_of_key(maint: AsyncEngine, stranger: Side, victim: Side, key: tuple[str, str, str]) -> set[int | str]:
    """What pointing a row of the stranger at one of the victim comes to, by role that no policy stops."""
    table, column, target = key
    own, foreign = await row_with(stranger.clinic, table, column), victim.rows[target]
    update = (
        f"update {table} set {column} = {foreign['id']} where clinic_id = {stranger.clinic.id} and id = {own['id']}"
    )
    row = {"row": json.dumps(another(table, own) | {column: foreign["id"]})}
    return {
        await tried(maint, stranger.clinic.id, update, {}),
        await tried(maint, stranger.clinic.id, INSERT.format(table), row),
    }


@pytest.fixture
async def maint(house: House):
    engine = make_engine(house.runtime.urls.url("maint"))
    yield engine
    await engine.dispose()


async def both(make: Make) -> tuple[Side, Side]:
    """A stranger and a victim in which everything was done once."""
    made = await make(), await make()
    for clinic in made:
        await lived_in(clinic, new_marker())
    return Side(made[0], await rows_of(made[0])), Side(made[1], await rows_of(made[1]))


async def test_no_statement_reaches_another_clinic(make_clinic: Make, maint: AsyncEngine) -> None:
    stranger, victim = await both(make_clinic)
    count = 0
    for table in victim.rows:
        answers = await answers_of_table(stranger, victim, table)
        closed = POLICY if table in APPEND_ONLY else 0
        nothing = {"select": 0, "update": closed, "delete": closed, "insert": POLICY}
        assert answers.pop("no clinic") in (NEVER_SET, SET_BEFORE), table
        assert answers.pop("move") in (POLICY, APPENDED), table
        assert answers == nothing, f"{table}: {answers}"
        count += 6
    answers_of_keys = {key: await answers_of_key(maint, stranger, victim, key) for key in keys(victim.rows)}
    by_catalogue = [key for key, found in answers_of_keys.items() if NO_KEY not in found]
    assert not any(1 in answers_of_keys[key] for key in by_catalogue), by_catalogue
    assert {table for table, _, _ in by_catalogue} <= UNIQUE_HISTORY, by_catalogue
    async with maint.connect() as db:
        assert (await db.scalars(text(KEYS_WITHOUT_CLINIC))).all() == []
    count += 2 * len(keys(victim.rows))
    print(f"{count} statements over {len(victim.rows)} tables and {len(keys(victim.rows))} keys, 0 through")


async def test_without_policies_and_keys_every_statement_would(unguarded: House) -> None:
    """The twin: the same statements, with policies open and keys dropped."""
    stranger, victim = await both(lambda: open_test_clinic(unguarded))
    await unguard(unguarded, stranger.clinic.id, victim.clinic.id, everything=True)
    maint = make_engine(unguarded.runtime.urls.url("maint"))
    for table in victim.rows:
        answers = await answers_of_table(stranger, victim, table)
        assert answers["select"] == 1, f"{table}: {answers}"
        assert answers["insert"] in (1, *TAKEN), f"{table}: {answers}"
        if table not in APPEND_ONLY:
            assert answers["move"] in (1, APPENDED, *TAKEN), f"{table}: {answers}"
            assert answers["update"] in (1, APPENDED), f"{table}: {answers}"
            assert answers["delete"] in (1, APPENDED), f"{table}: {answers}"
    answers_of_keys = {key: await answers_of_key(maint, stranger, victim, key) for key in keys(victim.rows)}
    await maint.dispose()
    tight = {key: found for key, found in answers_of_keys.items() if NO_KEY in found or not found & {1, *TAKEN}}
    assert not tight, f"refused without keys too: {tight}"
