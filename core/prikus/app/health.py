"""`/health/live`: the loop turns. `/health/ready`: the database is writable and migrated (reliability 58)."""

from __future__ import annotations

from litestar import Request, Response, get
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

READY = text("select not pg_is_in_recovery()")


@get("/health/live", include_in_schema=False)
async def live() -> dict[str, str]:
    return {"state": "live"}


@get("/health/ready", include_in_schema=False)
async def ready(request: Request) -> Response[dict[str, str]]:
    """503 while the database cannot be written. A missing Redis or provider never makes us unready."""
    try:
        async with request.app.state.runtime.door.connect() as connection:
            if await connection.scalar(READY):
                return Response({"state": "ready"})
            reason = "база данных только для чтения"
    except (SQLAlchemyError, OSError):
        reason = "база данных недоступна"
    return Response({"state": "unready", "reason": reason}, status_code=503)
