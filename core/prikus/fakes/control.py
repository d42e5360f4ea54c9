"""`/_control` of a fake provider: buttons for what it does by itself, switches for faults, what came and what left."""

from __future__ import annotations

import asyncio
import datetime as dt
import inspect
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec
from litestar import Litestar, Request, Response, get, post
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from prikus.fakes.drawing import draw

PLACE = "/_control"
PREFIX = "prikus_prefix"
"""Key of the ASGI scope: where the fake stands when several answer at one address."""
KEPT = 100
SLOW_SECONDS = 20.0
Action = Callable[..., Awaitable[str | None]]
COMMON = {
    "slow": "Молчать 20 секунд",
    "limit": "Отвечать 429 «слишком часто»",
    "broken": "Отвечать 500 страницей HTML",
    "cut": "Обрывать ответ на середине",
}


class Scenario(msgspec.Struct, frozen=True):
    """A button. `fields` are its inputs with what stands in them first."""

    title: str
    fields: Mapping[str, str]
    act: Action


class Line(msgspec.Struct, frozen=True):
    """What happened: `way` is `in` for a request that came, `out` for one that the fake sent, `act` for a button."""

    at: dt.datetime
    way: str
    text: str
    status: int | None = None


class ControlPage:
    """Made anew in each `build()`. Scenarios are added by `scenario`, own faults by `fault`; `around` makes the app."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.scenarios: dict[str, Scenario] = {}
        self.faults = dict(COMMON)
        self.lines: deque[Line] = deque(maxlen=KEPT)
        self._left: dict[str, int] = {}

    def scenario(self, id: str, title: str, /, **fields: str) -> Callable[[Action], Action]:
        """Decorates `async def act(**fields) -> str | None`: what it did, in words, is answered and shown."""

        def add(act: Action) -> Action:
            inspect.signature(act).bind(**fields)
            self.scenarios[id] = Scenario(title, fields, act)
            return act

        return add

    def fault(self, id: str, title: str) -> None:
        """A fault of this provider; its handlers ask `takes(id)`."""
        self.faults[id] = title

    def switch(self, fault: str, times: int) -> None:
        """Let it happen in the next `times` requests; 0 ends it. Raises `KeyError` for an unknown fault."""
        self._left[self.faults[fault] and fault] = times

    def left(self, fault: str) -> int:
        return self._left.get(fault, 0)

    def takes(self, fault: str) -> bool:
        """Whether the fault happens now; counts it."""
        if not self.left(fault):
            return False
        self._left[fault] -= 1
        return True

    def sent(self, text: str, status: int | None = None) -> None:
        """Note what the fake sent by itself, such as a webhook, and what was answered."""
        self._note("out", text, status)

    def _note(self, way: str, text: str, status: int | None = None) -> None:
        self.lines.appendleft(Line(dt.datetime.now(dt.UTC), way, text, status))

    def around(self, handlers: Sequence[Any], **options: Any) -> Litestar:
        """The fake's application: its handlers behind faults and log, and the page itself."""
        return Litestar(
            [*handlers, *self._routes()],
            middleware=[self._watching],
            openapi_config=None,
            logging_config=None,
            **options,
        )

    def _routes(self) -> list[Any]:
        @get(PLACE, sync_to_thread=False)
        def shown(request: Request[Any, Any, Any]) -> Response[str]:
            return Response(draw(self, request.scope.get(PREFIX, "") + PLACE), media_type="text/html")

        @post(f"{PLACE}/scenarios/{{id:str}}")
        async def act(request: Request[Any, Any, Any], id: str) -> Response[Any]:
            scenario = self.scenarios.get(id)
            if scenario is None:
                return _told(request, f"Нет сценария «{id}».", 404)
            said = await request.form() if "form" in request.headers.get("content-type", "") else request.query_params
            done = await scenario.act(**{name: str(said.get(name, first)) for name, first in scenario.fields.items()})
            self._note("act", f"{scenario.title}: {done}" if done else scenario.title)
            return _told(request, done or "Готово.")

        @post(f"{PLACE}/faults/{{id:str}}")
        async def misbehave(request: Request[Any, Any, Any], id: str) -> Response[Any]:
            times = request.query_params.get("times") or dict(await request.form()).get("times", "1")
            if id not in self.faults or not str(times).isdecimal():
                return _told(request, f"Нет сбоя «{id}» или числа раз.", 404)
            self.switch(id, int(times))
            self._note("act", f"{self.faults[id]}: {times}")
            return _told(request, f"{self.faults[id]}: {times}.")

        return [shown, act, misbehave]

    def _watching(self, app: ASGIApp) -> ASGIApp:
        async def watch(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or scope["path"].startswith(PLACE):
                await app(scope, receive, send)
                return
            status = 0

            async def noting(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                await send(message)

            if not await self._misbehaves(scope, receive, noting):
                await app(scope, receive, noting)
            self._note("in", f"{scope['method']} {scope['path']}", status)

        return watch

    async def _misbehaves(self, scope: Scope, receive: Receive, send: Send) -> bool:
        if self.takes("slow"):
            await asyncio.sleep(SLOW_SECONDS)
        request: Request[Any, Any, Any] = Request(scope, receive=receive, send=send)
        answer: Response[Any] | None = None
        if self.takes("limit"):
            answer = Response({"error": "too many requests"}, status_code=429, headers={"Retry-After": "1"})
        elif self.takes("broken"):
            answer = Response("<html><h1>Internal Server Error</h1></html>", status_code=500, media_type="text/html")
        elif self.takes("cut"):
            length = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
            await send({"type": "http.response.start", "status": 200, "headers": length})  # type: ignore[typeddict-item]
            await send({"type": "http.response.body", "body": b'{"half":', "more_body": True})
            raise ConnectionAbortedError
        if answer is None:
            return False
        await answer.to_asgi_response(app=None, request=request)(scope, receive, send)
        return True


def _told(request: Request[Any, Any, Any], text: str, status: int = 200) -> Response[Any]:
    """Back to the page for a person, words for a test."""
    if "text/html" in request.headers.get("accept", "") and status == 200:
        return Response("", status_code=303, headers={"Location": request.scope.get(PREFIX, "") + PLACE})
    return Response(text, status_code=status, media_type="text/plain")
