"""The bounds of one answer inside the asker's transaction: a savepoint, a time, and no way to end the transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from prikus.data.lending import is_busy, lent, take_back

LOOK_AGAIN_SECONDS = 0.05
CANCELS = 20


class Clinic(Protocol):
    @property
    def id(self) -> int: ...
    @property
    def version(self) -> int: ...


class Asker(Protocol):
    """The part of a context that the dispatcher needs. `missing` collects what the page has to do without.

    `ask_timeout_ms` holds for a whole answer, and by the server for each of its statements.
    """

    missing: dict[tuple[str, str], Any]
    ask_timeout_ms: int

    @property
    def db(self) -> AsyncSession: ...
    @property
    def clinic(self) -> Clinic: ...
    @property
    def statement_timeout_ms(self) -> int: ...
    def is_effective(self, owners: tuple[str, ...]) -> bool: ...
    def note_ask(self) -> None: ...


class AnswerLate(Exception):
    """The time is over and the answer was given up; what it had written is rolled back."""


class AnswerStuck(Exception):
    """The answer can be given up neither by cancelling nor by the server: the request ends with it."""


async def bounded(ctx: Asker, call: Callable[[], Awaitable[Any]]) -> Any:
    """The answer. Raises what the implementation raised, or `AnswerLate`; the asker's work is whole either way."""
    connection = await ctx.db.connection()
    task = asyncio.create_task(_in_savepoint(ctx, connection, call))
    try:
        done, _ = await asyncio.wait({task}, timeout=ctx.ask_timeout_ms / 1000)
        if not done:
            await _give_up(task, connection)
    except asyncio.CancelledError:
        # The asker itself is given up: its transaction ends anyway.
        task.cancel()
        await asyncio.wait({task}, timeout=LOOK_AGAIN_SECONDS * CANCELS)
        raise
    finally:
        if not task.done():
            take_back(ctx.db, connection)
    if task.cancelled():
        raise AnswerLate
    return task.result()


async def _in_savepoint(ctx: Asker, connection: AsyncConnection, call: Callable[[], Awaitable[Any]]) -> Any:
    async with ctx.db.begin_nested():
        await ctx.db.execute(text(f"SET LOCAL statement_timeout = {ctx.ask_timeout_ms}"))
        with lent(ctx.db, connection, ctx.ask_timeout_ms / 1000):
            value = await call()
            await ctx.db.flush()
        # Put back before the savepoint ends: an error of the database that the plugin kept to itself shows now,
        # while there is a savepoint to return to. Returning there puts the timeout back by itself.
        await ctx.db.execute(text(f"SET LOCAL statement_timeout = {ctx.statement_timeout_ms}"))
    return value


async def _give_up(task: asyncio.Task[Any], connection: AsyncConnection) -> None:
    """Cancel while no statement is under way; one that is, the server ends. What refuses to hear is told again."""
    told = 0
    while not task.done():
        if not is_busy(connection):
            if told == CANCELS:
                raise AnswerStuck
            task.cancel()
            told += 1
        await asyncio.wait({task}, timeout=LOOK_AGAIN_SECONDS)
