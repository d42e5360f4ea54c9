"""Requests to the portal of the exchange: slowly, patiently, with answers in words for people."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from prikus.toolkit import Context, HttpAnswer, OpenConnection, Outgoing, OutsideFailed, Problem, outgoing_client
from prikus_integrations_beeline.settings import Settings

BASE = "https://cloudpbx.beeline.ru/apis/portal"
SPACING = 0.5
"""Seconds between two requests of a connection: the exchange does not say how many it bears."""
PAUSES = (1, 2, 4, 8, 16, 32, 60)
IN_A_PAGE, IN_A_JOB = 6.0, 120.0
"""How many seconds of pauses somebody who looks at a page, or a job, waits for an exchange that is busy."""
WRONG_TOKEN = "Билайн не принимает этот токен. Создайте новый в личном кабинете: «Настройки» → «API»."
NO_SERVICE = "Облачная АТС «Билайн» не отвечает как должна (код {status}). Попробуем позже сами."
TOO_MANY = "Облачная АТС «Билайн» просит обращаться реже. Повторите через минуту."


class TokenRefused(Problem):
    """The token is wrong or was taken back."""

    status = 409

    def __init__(self) -> None:
        super().__init__(WRONG_TOKEN)


class Pace:
    """Whose turn it is when, for each connection, in this process."""

    def __init__(self, spacing: float) -> None:
        self._spacing = spacing
        self._free: dict[int, float] = {}

    async def turn(self, connection_id: int) -> None:
        now = time.monotonic()
        at = max(now, self._free.get(connection_id, now))
        self._free[connection_id] = at + self._spacing
        await asyncio.sleep(at - now)


pace = Pace(SPACING)


class Portal:
    """The portal of one exchange."""

    def __init__(self, http: Outgoing, connection: OpenConnection[Settings], patience: float) -> None:
        self._http = http
        self._connection = connection
        self._patience = patience

    async def ask(self, method: str, path: str, **options: Any) -> HttpAnswer:
        """The answer: a success, or 404, which means something to those who ask.

        Waits and asks again while the exchange is busy, as long as patience lasts; what may have rung a telephone is
        not repeated. Raises `TokenRefused`, `OutsideFailed`.
        """
        left = self._patience
        for pause in PAUSES:
            answer = await self._once(method, path, options)
            wait = _asked_pause(answer) or pause
            if not _may_repeat(method, answer) or wait > left:
                break
            left -= wait
            await asyncio.sleep(wait)
        return _understood(answer)

    async def _once(self, method: str, path: str, options: dict[str, Any]) -> HttpAnswer:
        await pace.turn(self._connection.id)
        headers = {"X-MPBX-API-AUTH-TOKEN": self._connection.settings.token.reveal()}
        return await self._http.request(method, BASE + path, headers=headers, **options)


@asynccontextmanager
async def portal(
    ctx: Context, connection: OpenConnection[Settings], patience: float = IN_A_JOB
) -> AsyncIterator[Portal]:
    async with outgoing_client(ctx, connection) as http:
        yield Portal(http, connection, patience)


def _may_repeat(method: str, answer: HttpAnswer) -> bool:
    return answer.status == 429 or (answer.is_temporary and method != "POST")


def _asked_pause(answer: HttpAnswer) -> float:
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isdecimal() else 0.0


def _understood(answer: HttpAnswer) -> HttpAnswer:
    """The bodies of refusals are not documented: only the status counts."""
    if answer.is_success or answer.status == 404:
        return answer
    if answer.status in (401, 403):
        raise TokenRefused()
    if answer.status == 429:
        raise OutsideFailed(TOO_MANY, code=429)
    raise OutsideFailed(NO_SERVICE.format(status=answer.status), code=answer.status, is_unknown=answer.status >= 500)
