"""Taking everything that says who somebody was out of the rows that lead to a card."""

from __future__ import annotations

from sqlalchemy import text

from prikus.access.context import Context
from prikus.patients.services.attached import FILE, erase_files, files_to_erase
from prikus.patients.services.tracing import PATIENT, Map, Reached, read_map

# What was audited about the card or about any row of it; plugins name the kind with or without their schema.
AUDIT = """
    update core.audit_record set before = null, after = null
    where object_kind in (:table, :full_name) and object_id in ({ids})
"""


async def empty_rows(ctx: Context, patient_id: int) -> dict[str, int]:
    """Empty the texts, delete what is nothing without the card, and its files; the rows of each table, zeros too.

    In a `lifecycle_unit`. Done again it finds only what was added since.
    """
    found = await read_map(ctx.db)
    reached = found.reach()
    files = await files_to_erase(ctx, found, reached, patient_id)
    rows: dict[str, int] = {}
    await _empty_audit(ctx, patient_id, reached)
    for table in reached:
        if table.personal:
            rows[table.table] = await _empty(ctx, table, patient_id)
    for table in reversed(reached):
        if table.is_owned and not table.personal:
            rows[table.table] = await _delete(ctx, table, found, patient_id)
    rows[FILE] = await erase_files(ctx, found, files)
    return rows


async def _empty(ctx: Context, table: Reached, patient_id: int) -> int:
    """Empty the personal columns; the number of rows that had something in them."""
    sets = ", ".join(f"{name} = {empty}" for name, empty in table.personal.items())
    full = " or ".join(f"{name} is distinct from {empty}" for name, empty in table.personal.items())
    change = f"update {table.table} set {sets} where ({table.where}) and ({full}) returning 1"
    return len((await ctx.db.execute(text(change), {"patient": patient_id})).all())


async def _delete(ctx: Context, table: Reached, found: Map, patient_id: int) -> int:
    """Delete rows that belong to the card; what refers to them softly refers to nothing now."""
    for one in found.references:
        if one.target == table.table and not one.on_delete and not one.obligatory:
            rows = f"select id from {table.table} where {table.where}"
            softly = f"update {one.table} set {one.column} = null where {one.column} in ({rows})"
            await ctx.db.execute(text(softly), {"patient": patient_id})
    gone = f"delete from {table.table} where {table.where} returning 1"
    return len((await ctx.db.execute(text(gone), {"patient": patient_id})).all())


async def _empty_audit(ctx: Context, patient_id: int, reached: list[Reached]) -> None:
    """While the rows can still be found: who did what and when stays, what it was about the person goes."""
    about = {PATIENT: ":patient"} | {one.table: f"select id from {one.table} where {one.where}" for one in reached}
    for table, ids in about.items():
        full_name = table.replace('"', "")
        values = {"table": full_name.split(".", 1)[1], "full_name": full_name, "patient": patient_id}
        await ctx.db.execute(text(AUDIT.format(ids=ids)), values)
