"""Where the database keeps something about a patient: read from its own catalogue, so nothing has to be installed.

Foreign keys come from `pg_constraint`, soft references and personal texts from the comments that models give columns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from prikus.data.base import PERSONAL, SOFT_REF

PATIENT = "core.patient"
REFERENCES = text("""
    select format('%I.%I', n.nspname, c.relname) as "table", format('%I', a.attname) as "column",
      format('%I.%I', tn.nspname, tc.relname) as target, k.confdeltype::text as on_delete, a.attnotnull as obligatory
    from pg_constraint k
      join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
      join pg_class tc on tc.oid = k.confrelid join pg_namespace tn on tn.oid = tc.relnamespace
      join unnest(k.conkey, k.confkey) as pair (here, there) on true
      join pg_attribute a on a.attrelid = c.oid and a.attnum = pair.here
      join pg_attribute t on t.attrelid = tc.oid and t.attnum = pair.there and t.attname = 'id'
    where k.contype = 'f' and k.conparentid = 0
      and exists (select 1 from pg_attribute o where o.attrelid = c.oid and o.attname = 'row_version')
    union all
    select format('%I.%I', n.nspname, c.relname), format('%I', a.attname), substr(d.description, :length), '',
      a.attnotnull
    from pg_description d
      join pg_class c on c.oid = d.objoid and d.classoid = 'pg_class'::regclass and c.relkind in ('r', 'p')
      join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum = d.objsubid
    where starts_with(d.description, :soft)
    order by 1, 2
""")
PERSONAL_COLUMNS = text("""
    select format('%I.%I', n.nspname, c.relname) as "table", format('%I', a.attname) as name,
      case when not a.attnotnull then 'null' when t.typcategory = 'S' then '''''' else '''{}''' end as empty
    from pg_description d
      join pg_class c on c.oid = d.objoid and d.classoid = 'pg_class'::regclass and c.relkind in ('r', 'p')
      join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum = d.objsubid join pg_type t on t.oid = a.atttypid
    where d.description = :personal order by 1, 2
""")


class Reference(msgspec.Struct, frozen=True):
    """A column that holds the id of a row of `target`. `on_delete` is PostgreSQL's letter, empty for a soft one."""

    table: str
    column: str
    target: str
    on_delete: str
    obligatory: bool

    @property
    def is_owned(self) -> bool:
        """Whether the row is nothing without its target and goes with it."""
        return self.on_delete == "c"


class Reached(msgspec.Struct, frozen=True):
    """A table with rows about a patient: `where` is SQL over its columns, with the parameter `:patient`."""

    table: str
    where: str
    is_owned: bool
    personal: dict[str, str]


class Map(msgspec.Struct, frozen=True):
    """All references between tables of clinics, and the personal columns with what empties them."""

    references: Sequence[Reference]
    personal: dict[str, dict[str, str]]

    @property
    def to_patient(self) -> list[Reference]:
        return [reference for reference in self.references if reference.target == PATIENT]

    def direct(self) -> list[Reached]:
        """Tables whose rows name the patient themselves."""
        return [
            self._reached(table, " or ".join(f"{one.column} = :patient" for one in own), any(o.is_owned for o in own))
            for table, own in self._own().items()
        ]

    def reach(self) -> list[Reached]:
        """Every table with rows about the patient, nearest first.

        A row with a reference of its own is reached by that alone, any other one through the rows it belongs to.
        """
        placed = {one.table: one for one in self.direct()}
        while level := self._next_level(placed):
            placed |= level
        for table, own in self._own().items():
            if not any(one.obligatory for one in own):
                placed[table] = self._also_without_own(placed, table, own)
        return list(placed.values())

    def _own(self) -> dict[str, list[Reference]]:
        own: dict[str, list[Reference]] = defaultdict(list)
        for reference in self.to_patient:
            own[reference.table].append(reference)
        return own

    def _also_without_own(self, placed: dict[str, Reached], table: str, own: list[Reference]) -> Reached:
        """Rows whose own reference is empty belong to the patient through another row, if at all."""
        others = [one for one in self.references if one.table == table and one.target in placed and one.target != table]
        if not others:
            return placed[table]
        empty = " and ".join(f"{one.column} is null" for one in own)
        known = placed[table]
        where = f"{known.where} or ({empty} and ({_within(others, placed)}))"
        return Reached(table, where, known.is_owned, known.personal)

    def _next_level(self, placed: dict[str, Reached]) -> dict[str, Reached]:
        above: dict[str, list[Reference]] = defaultdict(list)
        for one in self.references:
            if one.target in placed and one.table not in placed and one.table != PATIENT:
                above[one.table].append(one)
        return {table: self._reached(table, _within(own, placed), False) for table, own in above.items()}

    def _reached(self, table: str, where: str, is_owned: bool) -> Reached:
        return Reached(table, where, is_owned, self.personal.get(table, {}))


def _within(references: list[Reference], placed: dict[str, Reached]) -> str:
    return " or ".join(
        f"{one.column} in (select id from {one.target} where {placed[one.target].where})" for one in references
    )


async def read_map(db: AsyncSession) -> Map:
    """Two statements over the catalogue, whatever is installed."""
    values = {"soft": SOFT_REF, "length": len(SOFT_REF) + 1}
    references = [Reference(*row) for row in await db.execute(REFERENCES, values)]
    personal: dict[str, dict[str, str]] = defaultdict(dict)
    for row in await db.execute(PERSONAL_COLUMNS, {"personal": PERSONAL}):
        personal[row.table][row.name] = row.empty
    return Map(references, dict(personal))


async def count_rows(db: AsyncSession, tables: Sequence[Reached], patient_id: int) -> dict[str, int]:
    """How many rows about the patient each table has, in one statement; tables without any are left out."""
    if not tables:
        return {}
    parts = [
        f"select {place} as place, count(*) as rows from {one.table} where {one.where}"
        for place, one in enumerate(tables)
    ]
    rows: Any = await db.execute(text(" union all ".join(parts)), {"patient": patient_id})
    return {tables[row.place].table: row.rows for row in rows if row.rows}
