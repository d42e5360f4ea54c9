"""What a table of a plugin must keep, read from its model; `db check` asks the same of a database (architecture 5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Enum,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.types import TypeDecorator, TypeEngine

from prikus.data.types import XID8

INDEXABLE = (Integer, String, Uuid, Date, DateTime, Boolean, XID8)
"""Types whose comparison is leakproof: under forced policies an index on any other is of no use."""


class Breach(NamedTuple):
    """A rule by its code, the sentence, and the column that it is about."""

    rule: str
    sentence: str
    column: str | None = None


def breaches_of(table: Table, schema: str, reachable: frozenset[str]) -> Iterator[Breach]:
    """Everything wrong with a table of `schema`, which may refer to tables of the schemas `reachable`."""
    if table.schema != schema:
        yield Breach("P080", f"таблица {table.fullname} лежит не в схеме «{schema}».")
    if next((column.name for column in table.primary_key.columns), None) != "clinic_id":
        yield Breach("P081", f"первичный ключ таблицы {table.fullname} начинается не с clinic_id.")
    elif "row_version" not in table.columns:
        yield Breach("P087", f"таблица {table.fullname} – не TenantModel, у неё не будет политики.")
    yield from _uniques(table)
    yield from _references(table, reachable)
    for column in table.columns:
        if _is_native_enum(column.type):
            yield Breach("P084", f"столбец {table.fullname}.{column.name} – перечисление PostgreSQL.", column.name)
    for index in sorted(table.indexes, key=lambda one: str(one.name)):
        yield from _index(table, index)


def _uniques(table: Table) -> Iterator[Breach]:
    named = [*table.indexes, *table.constraints]
    for one in sorted(named, key=lambda one: str(one.name)):
        if isinstance(one, UniqueConstraint) or (isinstance(one, Index) and one.unique):
            columns = [getattr(part, "name", str(part)) for part in one.columns]
        elif isinstance(one, ExcludeConstraint):
            columns = [column.name for column in one.columns]
        else:
            continue
        if columns[:1] != ["clinic_id"]:
            listed = ", ".join(columns)
            yield Breach("P082", f"уникальность ({listed}) таблицы {table.fullname} не внутри клиники.", columns[-1])


def _references(table: Table, reachable: frozenset[str]) -> Iterator[Breach]:
    for key in sorted(table.foreign_key_constraints, key=lambda one: tuple(one.column_keys)):
        target = next(iter(key.elements)).target_fullname.rpartition(".")[0]
        columns = key.column_keys
        if "clinic_id" not in columns:
            sentence = f"ссылка ({', '.join(columns)}) таблицы {table.fullname} не содержит clinic_id."
            yield Breach("P083", sentence, columns[-1])
        elif target.partition(".")[0] not in reachable or target not in table.metadata.tables:
            yield Breach("P088", f"ссылка таблицы {table.fullname} ведёт в {target}.", columns[-1])


def _is_native_enum(kind: TypeEngine[object]) -> bool:
    return isinstance(kind, Enum) and kind.native_enum


def _index(table: Table, index: Index) -> Iterator[Breach]:
    if index.unique:
        return
    for part in index.expressions:
        if not isinstance(part, Column):
            yield Breach("P085", f"индекс {index.name} таблицы {table.fullname} стоит на выражении {part}.")
        elif not isinstance(_plain(part.type), INDEXABLE) or _is_native_enum(part.type):
            kind = type(part.type).__name__
            sentence = f"индекс {index.name} стоит на {table.fullname}.{part.name} типа {kind}."
            yield Breach("P085", sentence, part.name)
    using = str(index.dialect_options["postgresql"]["using"] or "btree")
    if using != "btree":
        yield Breach("P085", f"индекс {index.name} таблицы {table.fullname} – {using}, а не b-tree.")


def _plain(kind: TypeEngine[object]) -> TypeEngine[object]:
    while isinstance(kind, TypeDecorator):
        kind = kind.impl if isinstance(kind.impl, TypeEngine) else kind.impl()
    return kind
