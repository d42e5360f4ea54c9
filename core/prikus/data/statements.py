"""Fast statements: built and compiled once, then only run. Building one takes longer than answering it."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Hashable, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import ClauseElement, Dialect, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from prikus.data import lines

T = TypeVar("T")
Process = Callable[[Any], Any]


class Prepared:
    """A statement for many runs; what differs between runs are its `bindparam`s, given by name.

    It runs in the session's transaction, after what is pending there. An `IN` list is `= any(…)` of an array, since the
    text may not change. Errors are those of the session.
    """

    def __init__(self, statement: ClauseElement, columns: Sequence[str] = ()) -> None:
        """`columns` are those that an `insert(Model)` fills, each from the value of its name."""
        self._statement = statement
        self._columns = columns
        self._sql = ""
        self._make: Callable[[Any], Any] | None = None

    def _compile(self, dialect: Dialect) -> None:
        compiled: Any = self._statement.compile(dialect=dialect, column_keys=self._columns or None)
        binds = [(name, compiled.binds[name]) for name in compiled.positiontup or ()]
        if any(bind.expanding for _, bind in binds):
            raise ValueError("IN (…) changes the text of a prepared statement: compare with any(array)")
        self._fixed: dict[str, Any] = {name: bind.value for name, bind in binds if not bind.required}
        self._arguments = [(name, _of(bind.type, dialect, "bind_processor")) for name, bind in binds]
        self._sql = compiled.string

    async def _run(self, db: AsyncSession, values: dict[str, Any]) -> Sequence[Any]:
        session = db.sync_session
        if session.new or session.dirty or session.deleted:
            await db.flush()
        line = lines.of(session) or await db.run_sync(lines.opened)
        if not self._sql:
            self._compile(line.connection.dialect)
        given = {**self._fixed, **values}
        arguments = tuple(given[name] if process is None else process(given[name]) for name, process in self._arguments)
        rows = await line.fetch(self._sql, arguments)
        if not rows:
            return rows
        if self._make is None:
            self._make = await self._maker(line, list(rows[0].keys()))
        return [self._make(row) for row in rows]

    async def _maker(self, line: lines.Line, names: list[str]) -> Callable[[Any], Any]:
        """What makes a row with names of the driver's row, and decodes what the driver leaves, such as JSON."""
        row = namedtuple("Row", names, rename=True)
        dialect = line.connection.dialect
        columns = getattr(self._statement, "exported_columns", ())
        kinds = await line.kinds(self._sql)
        found = [
            _of(column.type, dialect, "result_processor", kind) for column, kind in zip(columns, kinds, strict=False)
        ]
        if not any(found):
            return row._make
        return lambda values: row._make(
            value if decode is None else decode(value) for value, decode in zip(values, found, strict=True)
        )

    async def rows(self, db: AsyncSession, **values: Any) -> Sequence[Any]:
        """All rows, as tuples with names."""
        return await self._run(db, values)

    async def row(self, db: AsyncSession, **values: Any) -> Any | None:
        """The first row, None when there is none."""
        rows = await self._run(db, values)
        return rows[0] if rows else None

    async def scalar(self, db: AsyncSession, **values: Any) -> Any | None:
        """The first column of the first row, None when there is none."""
        rows = await self._run(db, values)
        return rows[0][0] if rows else None

    async def structs(self, into: Callable[..., T], db: AsyncSession, **values: Any) -> list[T]:
        """All rows, each made into a struct whose fields stand in the order of the columns."""
        return [into(*row) for row in await self._run(db, values)]


def _of(type_: Any, dialect: Dialect, what: str, *given: Any) -> Process | None:
    return getattr(type_.dialect_impl(dialect), what)(dialect, *given)


def prepared_sql(sql: str, **types: Any) -> Prepared:
    """A statement written by hand, for a change of several tables in one round trip; `types` of its `:parameters`."""
    return Prepared(text(sql).bindparams(*(bindparam(name, type_=type_) for name, type_ in types.items())))


def prepared(build: Callable[..., ClauseElement]) -> Callable[..., Prepared]:
    """Decorates the function that builds a statement: once for each combination of its arguments, which must be few."""

    @cache
    def once(*shape: Hashable) -> Prepared:
        return Prepared(build(*shape))

    return once
