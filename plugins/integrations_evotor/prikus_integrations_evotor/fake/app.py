"""`fiscalization.evotor.ru/possystem`, versions 4 and 5, over HTTP."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from typing import Any

import httpx
import msgspec
from litestar import Litestar, Request, Response, get, post

from prikus.fakes import Dropped
from prikus_integrations_evotor.fake.checking import KINDS, REFUND_CORRECTION, faults_of
from prikus_integrations_evotor.fake.control import control_page
from prikus_integrations_evotor.fake.till import PAPER, QUEUE, Kept, Till, now, told

HOST = "fiscalization.evotor.ru"
BASE = "/possystem/{version:str}"
TOKEN_SECONDS = 24 * 3600
LOGIN = re.compile(r"kassa(105)?-(\w+)")
CALLBACK_AFTER = 1.0
Ask = Request[Any, Any, Any]


class Service:
    """What one fake remembers."""

    def __init__(self) -> None:
        self.till = Till()
        self.faults = control_page()
        self.tokens: dict[str, tuple[str, float]] = {}
        self.calling: set[asyncio.Task[None]] = set()

    def opens(self, login: str, password: str) -> str | None:
        """A token, for who knows the password."""
        found = LOGIN.fullmatch(login)
        if found is None or password != f"pass-{found[2]}":
            return None
        token = secrets.token_hex(16)
        self.tokens[token] = (login, time.monotonic() + TOKEN_SECONDS)
        return token

    def refusal(self, request: Ask, version: str, group: str) -> Response[Any] | None:
        """Who does not get in: by token, group, version."""
        if self.faults.takes("expired"):
            self.tokens.clear()
        token = request.headers.get("token") or request.query_params.get("token", "")
        if not token:
            return refused(401, 10, "Токен не передан")
        login, until = self.tokens.get(token, ("", 0.0))
        found = LOGIN.fullmatch(login)
        if found is None or until < time.monotonic():
            return refused(401, 11, "Токен просрочен")
        if group != f"group-{found[2]}":
            return refused(401, 20, "Код группы не соответствует токену")
        if version != ("v4" if found[1] else "v5"):
            return refused(401, 21, "Группа не поддерживает эту версию протокола")
        if self.faults.takes("blocked"):
            return refused(403, 14, "Пользователь заблокирован")
        return self.trouble()

    def trouble(self) -> Response[Any] | None:
        """A fault of the service, before anything is kept."""
        return refused(500, 50, "Касса недоступна") if self.faults.takes("down") else None

    async def register(self, group: str, kind: str, said: dict[str, Any]) -> tuple[Response[Any], Kept]:
        """Keep it, once for each external number."""
        kept = self.till.known(group, said["external_id"])
        if kept is not None:
            if self.faults.takes("duplicate"):
                told_again = refused(400, 33, "Чек с таким external_id уже есть", status="wait", uuid=kept.uuid)
                return told_again, kept
            return accepted(kept), kept
        kept = self.till.accept(group, kind, said, self.faults.all_of("wait"))
        if self.faults.takes("paper"):
            kept.error = PAPER
        elif self.faults.takes("queue"):
            kept.error = QUEUE
        kept.has_link = not self.faults.takes("nolink")
        if not kept.waits:
            await self.announce(kept)
        return accepted(kept), kept

    def proceed(self, kept: Kept) -> None:
        """One step nearer to its end; a document that is registered is noted."""
        before = kept.status
        self.till.proceed(kept)
        if (before, kept.status) == ("wait", "done"):
            self.faults.did(f"{kept.kind} {kept.external_id}: {kept.total}")

    async def announce(self, kept: Kept) -> None:
        """Callbacks come after the answer, now and then before it, now and then twice. What waits is asked for."""
        if not kept.callback_url:
            return
        times = 2 if self.faults.takes("twice") else 1
        if self.faults.takes("early"):
            await self.call_back(kept, times)
            return
        task = asyncio.create_task(self.call_back(kept, times, CALLBACK_AFTER))
        self.calling.add(task)
        task.add_done_callback(self.calling.discard)

    async def call_back(self, kept: Kept, times: int, after: float = 0.0) -> None:
        await asyncio.sleep(after)
        kept.waits = 0
        self.proceed(kept)
        if not kept.callback_url:
            return
        async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
            for _ in range(times):
                try:
                    answer = await client.post(kept.callback_url, json=told(kept))
                except httpx.HTTPError:
                    self.faults.sent(f"Обратный вызов о чеке {kept.external_id}: никто не ответил")
                    return
                self.faults.sent(f"Обратный вызов о чеке {kept.external_id}", answer.status_code)

    def play(self) -> None:
        """The buttons of the page."""

        @self.faults.scenario("finish", "Пробить всё, что ждёт")
        async def finish() -> str:
            waiting = [one for one in self.till.receipts.values() if one.status == "wait"]
            for kept in waiting:
                await self.call_back(kept, 1)
            return f"Чеков: {len(waiting)}."

        @self.faults.scenario("forget", "Забыть выданные токены")
        async def forget() -> None:
            self.tokens.clear()


def refused(http: int, code: int, text: str, status: str = "fail", **more: Any) -> Response[Any]:
    error = {"error_id": secrets.token_hex(8), "code": code, "text": text, "type": "system"}
    return Response({"timestamp": now(), "status": status, "error": error, **more}, status_code=http)


def accepted(kept: Kept) -> Response[Any]:
    return Response({"uuid": kept.uuid, "timestamp": now(), "status": "wait", "error": None}, status_code=200)


def build() -> Litestar:
    """Made anew, with everything forgotten."""
    service = Service()

    def granted(login: str, password: str) -> Response[Any]:
        trouble = service.trouble()
        if trouble is not None:
            return trouble
        token = service.opens(login, password)
        if token is None:
            return refused(401, 12, "Неверный логин или пароль")
        return Response({"token": token, "timestamp": now(), "error": None}, status_code=200)

    @get(f"{BASE}/getToken")
    async def token_by_query(request: Ask, version: str) -> Response[Any]:
        return granted(request.query_params.get("login", ""), request.query_params.get("pass", ""))

    @post(f"{BASE}/getToken")
    async def token_by_body(request: Ask, version: str) -> Response[Any]:
        said = await request.json()
        return granted(str(said.get("login")), str(said.get("pass")))

    @post(f"{BASE}/{{group:str}}/{{kind:str}}")
    async def register(request: Ask, version: str, group: str, kind: str) -> Response[Any]:
        refusal = service.refusal(request, version, group)
        if refusal is not None:
            return refusal
        if kind not in KINDS or (version == "v4" and kind == REFUND_CORRECTION):
            return refused(400, 31, "Неизвестная операция")
        try:
            said = msgspec.json.decode(await request.body())
        except msgspec.DecodeError:
            return refused(400, 40, "Это не JSON")
        wrong = faults_of(said, version, kind)
        if service.faults.takes("invalid"):
            wrong = ["client.email: unknown domain"]
        if wrong:
            return refused(400, 32, "; ".join(wrong))
        answer, _ = await service.register(group, kind, said)
        return Dropped() if service.faults.takes("lost") else answer

    @get(f"{BASE}/{{group:str}}/report/{{number:str}}")
    async def report(request: Ask, version: str, group: str, number: str) -> Response[Any]:
        refusal = service.refusal(request, version, group)
        if refusal is not None:
            return refusal
        kept = service.till.by_uuid(group, number)
        if kept is None:
            return refused(400, 30, "Передан некорректный UUID")
        service.proceed(kept)
        return Response(told(kept))

    @get("/_control/receipts")
    async def receipts() -> Response[Any]:
        return Response([told(one) | {"kind": one.kind} for one in service.till.receipts.values()])

    service.play()
    return service.faults.around([token_by_query, token_by_body, register, report, receipts])
