"""A transaction lent to somebody who must give it back whole: it cannot be ended, nor used when the time is over."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

LENT = "lent"
UNTIL = "prikus_lent_until"
ENDING = re.compile(r"\s*(begin|start|commit|end|abort|rollback(?!\s+(work\s+|transaction\s+)?to\b))\b", re.IGNORECASE)
RETURNING = ("ROLLBACK TO", "RELEASE")


class LoanRefused(Exception):
    """The borrower wanted to end the lender's transaction, or to go on after its time."""


@contextmanager
def lent(session: AsyncSession, connection: AsyncConnection, seconds: float) -> Iterator[None]:
    """Whatever this session does until the end of the block is the borrower's doing."""
    info = connection.sync_connection.info  # type: ignore[union-attr]
    info[UNTIL] = time.monotonic() + seconds
    session.info[LENT] = True
    try:
        yield
    finally:
        take_back(session, connection)


def take_back(session: AsyncSession, connection: AsyncConnection) -> None:
    """End the loan. A borrower that goes on all the same finds the session closed by its lender."""
    session.info.pop(LENT, None)
    if not connection.closed:
        connection.sync_connection.info.pop(UNTIL, None)  # type: ignore[union-attr]


def is_lent(session: AsyncSession) -> bool:
    return LENT in session.info


def is_busy(connection: AsyncConnection) -> bool:
    """Whether a statement is under way: cancelling its task would lose the transaction (contract 4)."""
    driver: Any = connection.sync_connection.connection.dbapi_connection  # type: ignore[union-attr]
    return driver._execute_mutex.locked()


def watch(engine: Engine) -> None:
    """Make the connections of an engine lendable."""
    event.listen(engine, "before_cursor_execute", _refuse)


def _refuse(connection: Connection, cursor: Any, statement: str, *_: Any) -> None:
    until = connection.info.get(UNTIL)
    if until is None or statement.startswith(RETURNING):
        return
    if ENDING.match(statement):
        raise LoanRefused(f"the transaction belongs to the asker: {statement.split()[0]} is refused")
    if time.monotonic() > until:
        raise LoanRefused("the time for answering is over")
