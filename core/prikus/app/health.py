"""`/health/live`: the loop turns. `/health/ready`: the database is writable and migrated (reliability 58)."""

from __future__ import annotations

from collections.abc import Sequence
from mmap import mmap

from litestar import Request, Response, get
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from prikus.data.history import History

READY = text("select not pg_is_in_recovery()")
_leaving = mmap(-1, 1)  # memory that the process shares with the workers that it forks


def leave() -> None:
    """Say that this process and its workers are about to stop: a proxy is to send requests elsewhere."""
    _leaving[0] = 1


def is_leaving() -> bool:
    return bool(_leaving[0])


class Versions:
    """Whether the database has what this code needs. A newer database, while we are replaced, will do."""

    def __init__(self, histories: Sequence[History]) -> None:
        self._outdated = {history.owner: history.older() for history in histories}
        columns = ", ".join(f'(select version_num from "{owner}".alembic_version)' for owner in self._outdated)
        self._query = text(f"select {columns}")

    async def missing(self, db: AsyncConnection) -> list[str]:
        """Owners whose migrations are still to be run."""
        row = (await db.execute(self._query)).one()
        return [
            owner for (owner, old), now in zip(self._outdated.items(), row, strict=True) if now is None or now in old
        ]


@get("/health/live", include_in_schema=False)
async def live() -> dict[str, str]:
    return {"state": "live"}


@get("/health/ready", include_in_schema=False)
async def ready(request: Request) -> Response[dict[str, str]]:
    """503 while the database cannot be written, or when we are about to stop.

    A missing Redis or provider never makes us unready.
    """
    if is_leaving():
        return Response({"state": "unready", "reason": "процесс завершает работу"}, status_code=503)
    try:
        async with request.app.state.runtime.door.connect() as connection:
            if not await connection.scalar(READY):
                reason = "база данных только для чтения"
            elif missing := await request.app.state.versions.missing(connection):
                reason = f"не выполнены миграции: {', '.join(missing)}"
            else:
                return Response({"state": "ready"})
    except (SQLAlchemyError, OSError):
        reason = "база данных недоступна"
    return Response({"state": "unready", "reason": reason}, status_code=503)
