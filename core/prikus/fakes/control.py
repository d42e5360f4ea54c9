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
from prikus.fakes.dropping import Dropped

PLACE = "/_control"
PREFIX = "prikus_prefix"
"""Key of the ASGI scope: where the fake stands when several answer at one address."""
KEPT = 100
SLOW_SECONDS = 20.0
Action = Callable[..., Awaitable[str | None]]
Ask = Request[Any, Any, Any]
COMMON = {
    "slow": "Молчать 20 секунд",
    "limit": "Отвечать 429 «слишком часто»",
    "broken": "Отвечать 500 страницей HTML",
    "cut": "Обрывать ответ на середине",
}


LABELS = {"account": "Учётная запись", "address": "Адрес вебхука", "name": "Имя", "phone": "Телефон", "text": "Текст"}
"""What inputs are called, unless `ControlPage` is told otherwise."""


class Scenario(msgspec.Struct, frozen=True):
    """A button. `fields` are its inputs with what stands in them first."""

    title: str
    fields: Mapping[str, str]
    act: Action


class Line(msgspec.Struct, frozen=True):
    """What happened: `way` is `in` for a request that came, `out` for one that the fake sent, `act` for a button.

    `did` is what the provider did about a request, such as ringing a telephone. `number` grows from 1.
    """

    number: int
    at: dt.datetime
    way: str
    text: str
    status: int | None = None


class ControlPage:
    """Made anew in each `build()`. Scenarios are added by `scenario`, own faults by `fault`; `around` makes the app.

    `accounts` gives those that the fake knows, newest first, with titles: a scenario with the field `account` acts for
    the one that was chosen, or for the newest. `labels` are what other fields are called.
    """

    def __init__(
        self,
        title: str,
        *,
        accounts: Callable[[], Mapping[str, str]] = dict,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        self.title = title
        self.accounts = accounts
        self.labels = {**LABELS, **(labels or {})}
        self.scenarios: dict[str, Scenario] = {}
        self.faults = dict(COMMON)
        self.lines: deque[Line] = deque(maxlen=KEPT)
        self.typed: dict[str, str] = {}
        """What was filled in last, so that a person who presses again need not type again."""
        self.is_asked = True
        """Whether anything is asked of this provider, so that faults of its answers mean something."""
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
        if fault not in self.faults:
            raise KeyError(fault)
        self._left[fault] = times

    def left(self, fault: str) -> int:
        return self._left.get(fault, 0)

    def takes(self, fault: str) -> bool:
        """Whether the fault happens now; counts it."""
        if not self.left(fault):
            return False
        self._left[fault] -= 1
        return True

    def all_of(self, fault: str) -> int:
        """How often it was to happen: all of them at once, such as how often an answer is put off."""
        return self._left.pop(fault, 0)

    def did(self, text: str) -> None:
        """Note what the provider did about a request: «звонок 101 → +79120000000»."""
        self._note("did", text)

    def sent(self, text: str, status: int | None = None) -> None:
        """Note what the fake sent by itself, such as a webhook, and what was answered."""
        self._note("out", text, status)

    def _note(self, way: str, text: str, status: int | None = None) -> None:
        number = self.lines[0].number + 1 if self.lines else 1
        self.lines.appendleft(Line(number, dt.datetime.now(dt.UTC), way, text, status))

    def around(self, handlers: Sequence[Any], *, middleware: Sequence[Any] = (), **options: Any) -> Litestar:
        """The fake's application: its handlers behind faults, log and `middleware`, and the page itself."""
        self.is_asked = bool(handlers)
        return Litestar(
            [*handlers, *self._routes()],
            middleware=[self._watching, *middleware],
            openapi_config=None,
            logging_config=None,
            **options,
        )

    def _routes(self) -> list[Any]:
        @get(PLACE, sync_to_thread=False)
        def shown(request: Ask) -> Response[str]:
            return Response(draw(self, request.scope.get(PREFIX, "") + PLACE), media_type="text/html")

        @get(f"{PLACE}/log", sync_to_thread=False)
        def log() -> Response[list[Line]]:
            return Response(list(self.lines))

        @post(f"{PLACE}/scenarios/{{id:str}}")
        async def act(request: Ask, id: str) -> Response[Any]:
            scenario = self.scenarios.get(id)
            if scenario is None:
                return _told(request, f"Нет сценария «{id}».", 404)
            fields = self._filled(scenario, await _said(request))
            if "account" in fields and not fields["account"]:
                return _told(request, "Клиника ещё не подключилась к этому сервису.", 409)
            done = await scenario.act(**fields)
            self._note("act", f"{scenario.title}: {done}" if done else scenario.title)
            return _told(request, done or "Готово.")

        @post(f"{PLACE}/faults/{{id:str}}")
        async def misbehave(request: Ask, id: str) -> Response[Any]:
            times = (await _said(request)).get("times", "1")
            if id not in self.faults or not times.isdecimal():
                return _told(request, f"Нет сбоя «{id}» или числа раз.", 404)
            self.switch(id, int(times))
            self._note("act", f"{self.faults[id]}: {times}")
            return _told(request, f"{self.faults[id]}: {times}.")

        @post(f"{PLACE}/faults", sync_to_thread=False)
        def behave(request: Ask) -> Response[Any]:
            self._left.clear()
            return _told(request, "Сбоев больше нет.")

        return [shown, log, act, misbehave, behave]

    def _filled(self, scenario: Scenario, said: Mapping[str, str]) -> dict[str, str]:
        fields = {name: said.get(name, first) for name, first in scenario.fields.items()}
        if "account" in fields:
            fields["account"] = fields["account"] or next(iter(self.accounts()), "")
        self.typed |= fields
        return fields

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
        request: Ask = Request(scope, receive=receive, send=send)
        answer: Response[Any] | None = None
        if self.takes("limit"):
            answer = Response({"error": "too many requests"}, status_code=429, headers={"Retry-After": "1"})
        elif self.takes("broken"):
            answer = Response("<html><h1>Internal Server Error</h1></html>", status_code=500, media_type="text/html")
        elif self.takes("cut"):
            answer = Dropped()
        if answer is None:
            return False
        await answer.to_asgi_response(app=None, request=request)(scope, receive, send)
        return True


async def _said(request: Ask) -> dict[str, str]:
    """Fields of a form, or of the address."""
    is_form = "form" in request.headers.get("content-type", "")
    given = await request.form() if is_form else request.query_params
    return {name: str(value) for name, value in given.items()}


def _told(request: Ask, text: str, status: int = 200) -> Response[Any]:
    """Back to the page for a person, words for a test."""
    if "text/html" in request.headers.get("accept", "") and status == 200:
        return Response("", status_code=303, headers={"Location": request.scope.get(PREFIX, "") + PLACE})
    return Response(text, status_code=status, media_type="text/plain")
