"""Sessions that know their clinic. BEGIN, clinic, actor and a first savepoint are one message (patterns 1)."""

from __future__ import annotations

from typing import Any, NamedTuple

import asyncpg
from sqlalchemy import event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session, SessionTransaction
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from prikus.data import lending


class Scope(NamedTuple):
    """Whose rows a transaction may touch and on whose behalf."""

    clinic_id: int
    actor_kind: str = "system"
    actor_id: int | None = None
    read_only: bool = False
    statement_timeout_ms: int | None = None

    def begin(self) -> str:
        """The statements that open the transaction; every value is a number or one of our own words."""
        actor_id = "" if self.actor_id is None else int(self.actor_id)
        parts = [
            "BEGIN READ ONLY" if self.read_only else "BEGIN",
            f"SET LOCAL app.clinic_id = '{int(self.clinic_id)}'",
            f"SET LOCAL app.actor_kind = '{_word(self.actor_kind)}'",
            f"SET LOCAL app.actor_id = '{actor_id}'",
        ]
        if self.statement_timeout_ms is not None:
            parts.append(f"SET LOCAL statement_timeout = {int(self.statement_timeout_ms)}")
        return "; ".join(parts)


def _word(kind: str) -> str:
    if not kind.replace(":", "").replace("_", "").isalnum():
        raise ValueError(f"{kind!r} is not an actor")
    return kind


class ClinicConnection(asyncpg.Connection):
    """The pending scope belongs to the next BEGIN only: a later transaction without one raises on first touch.

    A transaction that another left open is never joined: the connection ends, and the statement is refused.
    """

    pending_scope: Scope | None = None
    pending_savepoint: str | None = None
    is_release_spared = False
    """Whether a savepoint of this transaction is over without a word of it."""

    async def execute(self, query: str, *args: Any, **kw: Any) -> str:
        scope, self.pending_scope = self.pending_scope, None
        if scope is not None:
            if not query.startswith("BEGIN"):
                self.terminate()
                raise asyncpg.InterfaceError("the connection is inside another transaction")
            query = scope.begin()
        if query.startswith("BEGIN"):
            self.is_release_spared = False
            name, self.pending_savepoint = self.pending_savepoint, None
            query = f"{query.rstrip(';')}; SAVEPOINT {name}" if name else query
        return await super().execute(query, *args, **kw)


class ClinicDialect(PGDialect_asyncpg):
    """Spares the two messages that the savepoint of `once` would cost: sent with BEGIN, ended by COMMIT.

    Only the first savepoint of a transaction is left to its end, so that a long transaction never collects them.
    """

    supports_statement_cache = True

    def do_savepoint(self, connection: Connection, name: str) -> None:
        driver = _driver(connection)
        if driver.is_in_transaction():
            super().do_savepoint(connection, name)
        else:
            driver.pending_savepoint = name

    def do_rollback_to_savepoint(self, connection: Connection, name: str) -> None:
        driver = _driver(connection)
        if driver.pending_savepoint == name:
            driver.pending_savepoint = None
        else:
            super().do_rollback_to_savepoint(connection, name)

    def do_release_savepoint(self, connection: Connection, name: str) -> None:
        driver = _driver(connection)
        if driver.pending_savepoint == name:
            driver.pending_savepoint = None
        elif driver.is_release_spared:
            super().do_release_savepoint(connection, name)
        else:
            driver.is_release_spared = True


registry.register("postgresql.prikus", __name__, ClinicDialect.__name__)


def _driver(connection: Connection) -> ClinicConnection:
    driver: Any = connection.connection.driver_connection
    return driver


class _SyncSession(Session):
    """The synchronous heart of `ClinicSession`; a class of its own so that listeners hear only clinic sessions."""


class ClinicSession(AsyncSession):
    """A session of one clinic. `scope` must be given; without one the database refuses every tenant table."""

    sync_session_class = _SyncSession

    def __init__(self, engine: AsyncEngine, scope: Scope | None) -> None:
        super().__init__(engine, expire_on_commit=False, autoflush=True, close_resets_only=False)
        self.info["scope"] = scope

    async def commit(self) -> None:
        self._keep()
        await super().commit()

    async def rollback(self) -> None:
        self._keep()
        await super().rollback()

    async def close(self) -> None:
        self._keep()
        await super().close()

    def _keep(self) -> None:
        """Raise `LoanRefused` while the transaction is lent: only the lender may end it."""
        if lending.is_lent(self):
            raise lending.LoanRefused("the transaction belongs to the asker: it cannot be ended here")


@event.listens_for(_SyncSession, "after_begin")
def _give_scope(session: Session, transaction: SessionTransaction, connection: Any) -> None:
    if not transaction.nested:
        connection.connection.driver_connection.pending_scope = session.info["scope"]


def _look_over(connection: Any, record: ConnectionPoolEntry) -> None:
    """What comes back to the pool belongs to nobody: no scope waits on it, no transaction is open."""
    driver = connection.driver_connection if connection is not None else None
    if driver is None:
        return
    driver.pending_scope = driver.pending_savepoint = None
    if not driver.is_closed() and driver.is_in_transaction():
        record.invalidate()


def driver_url(url: str) -> str:
    """The same address for `ClinicDialect`."""
    return make_url(url).set(drivername="postgresql+prikus").render_as_string(hide_password=False)


def make_engine(url: str, *, pool_size: int = 5, pooled: bool = True, autocommit: bool = False) -> AsyncEngine:
    """An engine whose connections take scopes. SQL parameters never reach logs (reliability 50)."""
    options: dict[str, Any] = {"hide_parameters": True, "connect_args": {"connection_class": ClinicConnection}}
    if autocommit:
        options["isolation_level"] = "AUTOCOMMIT"
    if pooled:
        options |= {"pool_size": pool_size, "max_overflow": pool_size, "pool_timeout": 10, "pool_pre_ping": False}
    else:
        options["poolclass"] = NullPool
    engine = create_async_engine(driver_url(url), **options)
    lending.watch(engine.sync_engine)
    event.listen(engine.sync_engine, "checkin", _look_over)
    event.listen(engine.sync_engine, "checkout", replace_closed)
    return engine


def replace_closed(connection: Any, record: object, proxy: object) -> None:
    """A connection that died while it lay in the pool is replaced, and fails nobody's request."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError
