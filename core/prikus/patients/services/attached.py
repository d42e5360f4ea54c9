"""Files that rows about a patient point at: found by keys of the database, whatever plugin's rows they are."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import msgspec
from sqlalchemy import text

from prikus.access.context import Context
from prikus.files.jobs import ForgetBytes, forget_bytes
from prikus.patients.services.tracing import Map, Reached, Reference

FILE = "core.stored_file"
BLANK = """
    update core.stored_file set name = '', size = 0, sha256 = '', width = null, height = null, key = gen_random_uuid()
    where id = any (:files)
"""


class Attached(msgspec.Struct, frozen=True):
    """A file of the patient, and the table whose row points at it."""

    table: str
    id: int
    name: str
    key: uuid.UUID


async def attached(ctx: Context, found: Map, patient_id: int) -> list[Attached]:
    """Every file of the patient, by tables; the same file under each that points at it."""
    parts = [_pointed(one, where) for one, where in _pointers(found, found.reach())]
    if not parts:
        return []
    query = f"""
        select distinct p.place, f.id, f.name, f.key from ({" union all ".join(parts)}) p
        join core.stored_file f on f.id = p.file where f.size > 0 order by 1, 2
    """
    return [Attached(*row) for row in await ctx.db.execute(text(query), {"patient": patient_id})]


async def files_to_erase(ctx: Context, found: Map, reached: Sequence[Reached], patient_id: int) -> list[int]:
    """Files of rows that are deleted or emptied with the patient's data. What also belongs to other rows stays.

    Asked while the rows still are there.
    """
    touched = [one for one in reached if one.is_owned or one.personal]
    pointers = _pointers(found, touched)
    if not pointers:
        return []
    wheres = {(one.table, one.column): where for one, where in pointers}
    elsewhere = [
        f"select 1 from {one.table} where {one.column} = f.id"
        + (f" and ({where}) is not true" if (where := wheres.get((one.table, one.column))) else "")
        for one in _all_pointers(found)
    ]
    query = f"""
        select f.id from core.stored_file f
        where f.id in (select file from ({" union all ".join(_pointed(*one) for one in pointers)}) p)
          and not exists ({" union all ".join(elsewhere)})
        order by f.id for update
    """
    return list(await ctx.db.scalars(text(query), {"patient": patient_id}))


async def erase_files(ctx: Context, found: Map, files: Sequence[int]) -> int:
    """Delete the files, their bytes after the commit. A row that cannot be without its file keeps an empty one."""
    if not files:
        return 0
    values = {"files": list(files)}
    keys = list(await ctx.db.scalars(text("select key from core.stored_file where id = any (:files)"), values))
    pointers = _all_pointers(found)
    for one in pointers:
        if not one.obligatory:
            await ctx.db.execute(
                text(f"update {one.table} set {one.column} = null where {one.column} = any (:files)"), values
            )
    kept = " union all ".join(f"select 1 from {one.table} where {one.column} = f.id" for one in pointers)
    gone = text(f"delete from core.stored_file f where id = any (:files) and not exists ({kept}) returning id")
    deleted = set(await ctx.db.scalars(gone, values))
    await ctx.db.execute(text(BLANK), {"files": [id for id in files if id not in deleted]})
    await ctx.enqueue(forget_bytes, ForgetBytes(keys))
    return len(keys)


def _all_pointers(found: Map) -> list[Reference]:
    return [one for one in found.references if one.target == FILE]


def _pointers(found: Map, reached: Sequence[Reached]) -> list[tuple[Reference, str]]:
    """References to files out of these tables, with what says which of their rows are the patient's."""
    wheres = {one.table: one.where for one in reached}
    return [(one, wheres[one.table]) for one in _all_pointers(found) if one.table in wheres]


def _pointed(one: Reference, where: str) -> str:
    return f"select '{one.table}' as place, {one.column} as file from {one.table} where ({where})"
