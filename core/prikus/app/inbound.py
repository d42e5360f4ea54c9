"""The door for providers: `/webhooks/<token>`, without a session; the token says whose it is."""

from __future__ import annotations

from typing import Any

import structlog
from litestar import HttpMethod, Request, Response, route
from sqlalchemy.exc import SQLAlchemyError

from prikus.connections.kinds import Arrived, Reply
from prikus.connections.services.inbound import TOO_LARGE, Inbound

log = structlog.get_logger("prikus.inbound")
LARGEST = 1024 * 1024
UNAVAILABLE = Reply(503, "try again later")
OPEN_PATHS = ("/webhooks/{token:str}", "/webhooks/{token:str}/{rest:path}")


@route(
    list(OPEN_PATHS),
    http_method=[HttpMethod.GET, HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE],
    include_in_schema=False,
    status_code=200,
)
async def webhook(request: Request[Any, Any, Any], token: str, rest: str = "") -> Response[str]:
    """Stores what came, or has it answered, at once; whatever follows the token belongs to the provider."""
    inbound: Inbound = request.app.state.inbound
    body = await _body(request)
    if body is None:
        reply = TOO_LARGE
    else:
        headers = {name.lower(): value for name, value in request.headers.items()}
        arrived = Arrived(request.method, rest, request.url.query, headers, body)
        try:
            reply = await inbound.receive(token, arrived)
        except (SQLAlchemyError, OSError) as error:
            log.warning("webhook not stored", error=type(error).__name__)
            reply = UNAVAILABLE
    retry = {"Retry-After": "10"} if reply.status in (429, 503) else {}
    return Response(reply.body, status_code=reply.status, media_type=reply.content_type, headers=retry)


async def _body(request: Request[Any, Any, Any]) -> bytes | None:
    """The raw bytes, or None when they are more than anybody may send."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            return None
    return bytes(body)
