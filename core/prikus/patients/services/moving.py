"""Turning rows from one patient to another and back, whatever table they stand in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from prikus.access.context import Context
from prikus.errors import Conflict
from prikus.host.system import System
from prikus.patients.services.tracing import Reference

# Unique, exclusion, check; what a trigger or a missing grant refuses.
REFUSALS = ("23505", "23P01", "23514", "23001", "23503", "42501")
UNIQUES = text("""
    select array(select format('%I', a.attname) from unnest(i.indkey[0:i.indnkeyatts - 1]) number
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = number
        where a.attname <> 'clinic_id' and format('%I', a.attname) <> :column) as others,
      pg_get_expr(i.indpred, i.indrelid) as condition
    from pg_index i
    where i.indrelid = cast(:table as regclass) and i.indisunique and not i.indisprimary and 0 <> all (i.indkey)
      and exists (select 1 from pg_attribute a where a.attrelid = i.indrelid and format('%I', a.attname) = :column
        and a.attnum = any (i.indkey[0:i.indnkeyatts - 1]))
""")


def owner_title(system: System, schema: str) -> str:
    """«Модуль „Расписание“», «Карточка пациента», or the schema of a package that is not installed."""
    if schema == "core":
        return "Карточка пациента"
    plugin = system.plugins.get(schema)
    return f"Модуль «{plugin.title}»" if plugin else f"Данные удалённого модуля {schema}"


async def give_way(ctx: Context, reference: Reference, gone_id: int, patient_id: int) -> list[dict[str, Any]]:
    """Rows of the leaving card where the other one has its own and only one may be: deleted and answered.

    Only rows that belong to a card give way; raises `Conflict` for any other.
    """
    lost: list[dict[str, Any]] = []
    uniques = (await ctx.db.execute(UNIQUES, {"table": reference.table, "column": reference.column})).all()
    for unique in uniques:
        clashes = _clashes(reference, unique.others, unique.condition)
        values = {"gone": gone_id, "patient": patient_id}
        if reference.is_owned:
            gone = text(f"delete from {reference.table} t where t.id in ({clashes}) returning to_jsonb(t)")
            lost.extend(await ctx.db.scalars(gone, values))
        elif await ctx.db.scalar(text(f"select exists ({clashes})"), values):
            owner = owner_title(ctx.system, reference.table.split(".", 1)[0])
            raise Conflict(
                f"{owner}: у обеих карточек есть запись, которая может быть только одна ({reference.table}). "
                "Оставьте одну из них и повторите."
            )
    return lost


def _clashes(reference: Reference, others: Sequence[str], condition: str | None) -> str:
    """Ids of the leaving card's rows that equal one of the other card's in all other unique columns."""
    also = f" and ({condition})" if condition else ""
    table, column = reference.table, reference.column
    theirs = f"from {table} where {column} = :patient{also}"
    equal = (
        f"({', '.join(others)}) in (select {', '.join(others)} {theirs})" if others else f"exists (select 1 {theirs})"
    )
    return f"select id from {table} where {column} = :gone{also} and {equal}"


async def move(db: AsyncSession, reference: Reference, gone_id: int, patient_id: int) -> list[int]:
    """Turn every row of one table from one card to the other; their ids."""
    change = f"update {reference.table} set {reference.column} = :patient where {reference.column} = :gone returning id"
    return sorted(await db.scalars(text(change), {"gone": gone_id, "patient": patient_id}))


async def move_back(db: AsyncSession, table: str, column: str, ids: list[int], gone_id: int, patient_id: int) -> None:
    """Turn those of the rows that still are there, and still are the other card's. The table may be gone."""
    if await db.scalar(text("select to_regclass(:table)"), {"table": table}) is None:
        return
    change = f"update {table} set {column} = :gone where id = any(:ids) and {column} = :patient"
    await db.execute(text(change), {"gone": gone_id, "patient": patient_id, "ids": ids})


async def move_facts(db: AsyncSession, gone_id: int, patient_id: int) -> None:
    """Facts about the leaving card are told about the other one, to listeners that have not heard them yet too."""
    change = """
        update core.outbox_event set payload = jsonb_set(payload, '{patient_id}', to_jsonb(cast(:patient as bigint)))
        where payload -> 'patient_id' = to_jsonb(cast(:gone as bigint))
    """
    await db.execute(text(change), {"gone": gone_id, "patient": patient_id})


async def restore_rows(db: AsyncSession, table: str, rows: list[dict[str, Any]]) -> None:
    """Put rows back as they were, as a change of now for whoever follows changes. The table may be gone."""
    if await db.scalar(text("select to_regclass(:table)"), {"table": table}) is None:
        return
    # What was added to the table since then gets its default.
    columns = ", ".join(f'"{name}"' for name in rows[0])
    back = f"""
        insert into {table} ({columns}) select {columns} from jsonb_populate_recordset(null::{table}, (
          select jsonb_agg(row || jsonb_build_object('changed_xid', pg_current_xact_id()::text))
          from jsonb_array_elements(cast(:rows as jsonb)) row))
    """
    await db.execute(text(back), {"rows": msgspec.json.encode(rows).decode()})


def refusal_of(system: System, error: DBAPIError) -> Exception:
    """A sentence for what a table's own rules refuse; any other error as it is."""
    cause = error.orig.__cause__ if error.orig else None
    if getattr(error.orig, "sqlstate", None) not in REFUSALS:
        return error
    schema, table = (getattr(cause, name, None) or "" for name in ("schema_name", "table_name"))
    rule = getattr(cause, "constraint_name", None) or getattr(cause, "message", "")
    return Conflict(
        f"{owner_title(system, schema)}: записи карточек мешают друг другу ({table}, правило {rule}). "
        "Например, у обеих есть приём в одно и то же время. Измените одну из записей и повторите."
    )
