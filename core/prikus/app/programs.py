"""Programs at the door (API-01): `Authorization: Bearer <key>`, no cookies, so many requests a minute."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import structlog
from litestar import Request, Response
from litestar.types import ASGIApp, Receive, Scope, Send
from redis.exceptions import RedisError

from prikus.access.entry import TooMany
from prikus.access.visits import KeyVisit, Visits
from prikus.errors import Denied, SignInNeeded
from prikus.events.runtime import Runtime
from prikus.ui.problems import problem_response

log = structlog.get_logger("prikus.app")
PLACES = ("/api/v1/", "/schema/")
MINUTE = 60
DEAD = "Ключ API не подходит: он отозван, истёк, заменён или его выпустил человек, который здесь больше не работает."
ELSEWHERE = "Ключ API открывает только адреса /api/v1/ и описание /schema/openapi.json."
Fault = Callable[[Request[Any, Any, Any], Exception], Response[Any]]


def bearer_token(request: Request[Any, Any, Any]) -> str | None:
    """The key that a program shows; None when nobody says `Authorization`, and then the cookie counts."""
    given = request.headers.get("authorization")
    if given is None:
        return None
    scheme, _, token = given.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


class Limiter:
    """Counts requests of each key by the minute, in Redis for all processes; without it each process for itself."""

    def __init__(self, runtime: Runtime) -> None:
        self._redis = runtime.redis
        self._own: Counter[str] = Counter()
        self._minute = 0

    async def wait(self, clinic_id: int, visit: KeyVisit) -> int:
        """Seconds until the key may ask again; 0 when it may now."""
        now = time.time()
        minute = int(now // MINUTE)
        name = f"prikus:limit:{clinic_id}:{visit.key_id}:{minute}"
        try:
            count = await self._shared(name)
        except (RedisError, OSError) as error:
            log.warning("requests of keys are counted by each process", error=str(error))
            count = self._alone(name, minute)
        return 0 if count <= visit.per_minute else max(1, (minute + 1) * MINUTE - int(now))

    async def _shared(self, name: str) -> int:
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.incr(name)
            pipe.expire(name, 2 * MINUTE)
            count, _ = await pipe.execute()
        return int(count)

    def _alone(self, name: str, minute: int) -> int:
        if minute != self._minute:
            self._own.clear()
            self._minute = minute
        self._own[name] += 1
        return self._own[name]


class Programs:
    """Lets a request with a key pass, or answers it. The session's cookie is not looked at, so nothing can forge it."""

    def __init__(self, visits: Visits, runtime: Runtime, fault: Fault) -> None:
        self._visits = visits
        self._limiter = Limiter(runtime)
        self._fault = fault

    async def enter(
        self, request: Request[Any, Any, Any], token: str, app: ASGIApp, scope: Scope, receive: Receive, send: Send
    ) -> None:
        state = scope["state"]
        state["session_key"], state["csrf_token"] = None, ""
        try:
            refused = await self._refusal(request, token)
        except Exception as error:
            refused = self._fault(request, error)
        if refused is None:
            await app(scope, receive, send)
        else:
            await refused.to_asgi_response(app=None, request=request)(scope, receive, send)

    async def _refusal(self, request: Request[Any, Any, Any], token: str) -> Response[Any] | None:
        found = await self._visits.find_by_api_key(token)
        if found is None:
            return problem_response(request, SignInNeeded(DEAD))
        if not request.scope["path"].startswith(PLACES):
            return problem_response(request, Denied(ELSEWHERE))
        if seconds := await self._limiter.wait(found.visit.clinic.id, found):
            response = problem_response(request, TooMany(f"Ключ делает слишком много запросов. Подождите {seconds} с."))
            response.headers["Retry-After"] = str(seconds)
            return response
        request.scope["state"]["visit"] = found.visit
        return None
