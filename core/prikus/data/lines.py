"""The driver's own way for statements that are compiled already: the session's transaction without its machinery.

SQLAlchemy's cursor, result and greenlet cost more than most of our statements. Here a statement goes straight to
asyncpg; the transaction, its scope, listeners of statements and errors stay the session's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.util import greenlet_spawn

LINE = "prikus_line"


class Line:
    """A session's connection within one transaction or savepoint, which is sent when the connection is asked for."""

    def __init__(self, connection: Connection, transaction: SessionTransaction) -> None:
        self.connection = connection
        self.transaction = transaction
        self._adapted: Any = connection.connection.dbapi_connection
        self._driver: Any = connection.connection.driver_connection

    async def fetch(self, sql: str, arguments: Sequence[Any]) -> list[Any]:
        """Rows of the driver, after BEGIN with the session's scope where nothing was sent yet. Raises `DBAPIError`.

        Given up on the way, the connection is thrown away: a BEGIN may have arrived that nobody will roll back.
        """
        for told in self.connection.dispatch.before_cursor_execute:
            told(self.connection, None, sql, arguments, None, False)
        try:
            async with self._adapted._execute_mutex:
                if self._adapted._transaction is None:
                    await self._adapted._start_transaction()
                return await self._driver.fetch(sql, *arguments)
        except Exception as error:
            return await greenlet_spawn(self._refuse, sql, error)
        except BaseException as given_up:
            self.connection.invalidate(given_up)
            raise

    async def kinds(self, sql: str) -> list[int]:
        """The numbers of the types of a statement's columns."""
        return [column.type.oid for column in (await self._driver.prepare(sql)).get_attributes()]

    def _refuse(self, sql: str, error: Exception) -> NoReturn:
        """Raise what the session's own execution would; a lost connection is noted as lost."""
        try:
            self._adapted._handle_exception(error)
        except Exception as told:
            self.connection._handle_dbapi_exception(told, sql, None, None, None)
        raise error


def of(session: Session) -> Line | None:
    """The line of the transaction that is open, when one was taken before."""
    line: Line | None = session.info.get(LINE)
    if line is None or line.transaction is not _innermost(session) or not line.transaction.is_active:
        return None
    return None if line.connection.closed or line.connection.invalidated else line


def opened(session: Session) -> Line:
    """The line of the transaction, which begins where none is open. Needs the session's greenlet."""
    connection = session.connection()
    transaction = _innermost(session)
    assert transaction is not None
    line = session.info[LINE] = Line(connection, transaction)
    return line


def _innermost(session: Session) -> SessionTransaction | None:
    return session.get_nested_transaction() or session.get_transaction()
