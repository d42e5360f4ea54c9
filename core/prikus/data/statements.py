"""Fast statements: built and compiled once, then only run. Building one takes longer than answering it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import ClauseElement, Dialect, Row
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

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

    def _compile(self, dialect: Dialect) -> None:
        compiled: Any = self._statement.compile(dialect=dialect, column_keys=self._columns or None)
        binds = [(name, compiled.binds[name]) for name in compiled.positiontup or ()]
        if any(bind.expanding for _, bind in binds):
            raise ValueError("IN (…) changes the text of a prepared statement: compare with any(array)")
        self._fixed: dict[str, Any] = {name: bind.value for name, bind in binds if not bind.required}
        self._arguments = [(name, _of(bind.type, dialect, "bind_processor")) for name, bind in binds]
        columns = getattr(self._statement, "exported_columns", ())
        results = [_of(column.type, dialect, "result_processor", None) for column in columns]
        self._results = results if any(results) else None
        self._sql = compiled.string

    def _run(self, session: Session, values: dict[str, Any]) -> Sequence[Any]:
        if session.new or session.dirty or session.deleted:
            session.flush()
        connection = session.connection()
        if not self._sql:
            self._compile(connection.dialect)
        given = {**self._fixed, **values}
        arguments = tuple(given[name] if process is None else process(given[name]) for name, process in self._arguments)
        result = connection.exec_driver_sql(self._sql, arguments)
        if not result.returns_rows:
            return ()
        rows = result.all()
        return rows if self._results is None else [self._processed(row) for row in rows]

    def _processed(self, row: Row[Any]) -> tuple[Any, ...]:
        assert self._results is not None
        return tuple(
            value if process is None else process(value) for value, process in zip(row, self._results, strict=True)
        )

    async def rows(self, db: AsyncSession, **values: Any) -> Sequence[Any]:
        """All rows, as tuples with names; without names where a column's type has to be decoded."""
        return await db.run_sync(self._run, values)

    async def row(self, db: AsyncSession, **values: Any) -> Any | None:
        """The first row, None when there is none."""
        rows = await db.run_sync(self._run, values)
        return rows[0] if rows else None

    async def scalar(self, db: AsyncSession, **values: Any) -> Any | None:
        """The first column of the first row, None when there is none."""
        rows = await db.run_sync(self._run, values)
        return rows[0][0] if rows else None

    async def structs(self, into: Callable[..., T], db: AsyncSession, **values: Any) -> list[T]:
        """All rows, each made into a struct whose fields stand in the order of the columns."""
        return [into(*row) for row in await db.run_sync(self._run, values)]


def _of(type_: Any, dialect: Dialect, what: str, *given: Any) -> Process | None:
    return getattr(type_.dialect_impl(dialect), what)(dialect, *given)


def prepared(build: Callable[..., ClauseElement]) -> Callable[..., Prepared]:
    """Decorates the function that builds a statement: once for each combination of its arguments, which must be few."""

    @cache
    def once(*shape: Hashable) -> Prepared:
        return Prepared(build(*shape))

    return once
