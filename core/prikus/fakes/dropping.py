"""An answer that is lost on its way."""

from __future__ import annotations

from typing import Any

from litestar import Response
from litestar.types import Receive, Scope, Send


class Dropped(Response[None]):
    """An answer that breaks off: the request was worked, the other side has no answer at all."""

    def __init__(self) -> None:
        super().__init__(None)

    def to_asgi_response(self, app: Any, request: Any, **kwargs: Any) -> Any:
        async def drop(scope: Scope, receive: Receive, send: Send) -> None:
            headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
            head = {"type": "http.response.start", "status": 200, "headers": headers}
            await send(head)  # type: ignore[arg-type]
            await send({"type": "http.response.body", "body": b'{"half":', "more_body": True})
            raise ConnectionAbortedError

        return drop
