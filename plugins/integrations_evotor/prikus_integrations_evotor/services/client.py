"""Requests to one register: a token that is kept, answers as outcomes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from prikus.toolkit import (
    Context,
    HttpAnswer,
    OpenConnection,
    Outgoing,
    OutsideFailed,
    Problem,
    Tokens,
    outgoing_client,
)
from prikus_fiscal.public import Outcome, Receipt
from prikus_integrations_evotor.schemas import Seller
from prikus_integrations_evotor.services import atol
from prikus_integrations_evotor.settings import FFD_105, Settings

BASE = "https://fiscalization.evotor.ru/possystem"
TOKEN_SECONDS = 23 * 3600
"""It lives 24 hours, and asking for a new one is not free."""
JSON = {"Content-Type": "application/json; charset=utf-8"}
WRONG_LOGIN = "Эвотор не принимает логин и пароль. Скопируйте их ещё раз из личного кабинета."
BLOCKED = "Эвотор заблокировал этого пользователя. Обратитесь в поддержку Эвотора."
NO_TOKEN = "Эвотор не выдал доступ (код {status}). Попробуйте позже."


class LoginRefused(Problem):
    """Login and password do not open the service."""

    status = 409


class Granted(msgspec.Struct, frozen=True):
    token: str | None = None
    error: atol.Error | None = None


tokens = Tokens(TOKEN_SECONDS)


class Register:
    """One group of registers at Evotor."""

    def __init__(self, http: Outgoing, connection: OpenConnection[Settings]) -> None:
        self._http = http
        self._settings = settings = connection.settings
        self._callback = connection.webhook_url
        self.version: atol.Version = "v4" if settings.ffd == FFD_105 else "v5"
        self.seller = Seller(settings.email, settings.taxation, settings.inn, settings.place)
        self._words = (str(connection.id), self.version, settings.login, settings.password.reveal())

    async def send(self, receipt: Receipt) -> Outcome:
        """Register it, or learn that it was registered before: the same `external_id` never gives two receipts.

        Raises `Invalid` for what the register cannot take; whatever happens on the way is an outcome.
        """
        body = atol.written(receipt, self.seller, self.version, self._callback)
        return await self._outcome("POST", receipt.kind, body)

    async def status(self, uuid: str) -> Outcome:
        return await self._outcome("GET", f"report/{uuid}", None)

    async def _outcome(self, method: str, path: str, body: bytes | None) -> Outcome:
        of_send = body is not None
        try:
            answer = await self.ask(method, path, body)
        except LoginRefused as refused:
            state = "refused" if of_send else "unknown"
            return Outcome(state=state, trouble="credentials", sentence=refused.sentence)
        except OutsideFailed as failure:
            state = "refused" if of_send and not failure.is_unknown else "unknown"
            return Outcome(state=state, trouble="busy", code=failure.code, sentence=failure.sentence)
        return atol.outcome(answer.status, answer.body, of_send=of_send)

    async def ask(self, method: str, path: str, body: bytes | None = None) -> HttpAnswer:
        """The answer, whatever it is; a token that has expired is replaced once. Raises `LoginRefused`."""
        answer, token = await self._once(method, path, body)
        if _is_expired(answer):
            tokens.forget(token, *self._words)
            answer, _ = await self._once(method, path, body)
        return answer

    async def _once(self, method: str, path: str, body: bytes | None) -> tuple[HttpAnswer, str]:
        token = tokens.get(*self._words) or await self.token()
        options: dict[str, Any] = {} if body is None else {"content": body}
        address = f"{BASE}/{self.version}/{self._settings.group}/{path}"
        return await self._http.request(method, address, headers={**JSON, "Token": token}, **options), token

    async def token(self) -> str:
        """A new one. Raises `LoginRefused`; `OutsideFailed`, with nothing done, when there is no sensible answer."""
        login = {"login": self._settings.login, "pass": self._settings.password.reveal()}
        try:
            answer = await self._http.post(f"{BASE}/{self.version}/getToken", json=login)
        except OutsideFailed as failure:
            raise OutsideFailed(failure.sentence, code=failure.code) from failure
        granted = _granted(answer)
        code = granted.error.code if granted.error else 0
        if code == 14 or answer.status == 403:
            raise LoginRefused(BLOCKED)
        if code == 12 or answer.status == 401:
            raise LoginRefused(WRONG_LOGIN)
        if not granted.token:
            raise OutsideFailed(NO_TOKEN.format(status=answer.status), code=answer.status)
        tokens.keep(granted.token, *self._words)
        return granted.token


def _granted(answer: HttpAnswer) -> Granted:
    try:
        return msgspec.json.decode(answer.body, type=Granted, strict=False)
    except msgspec.DecodeError:
        return Granted()


def _is_expired(answer: HttpAnswer) -> bool:
    said = atol.read(answer.body)
    return said is not None and said.error is not None and said.error.code in atol.EXPIRED


@asynccontextmanager
async def register(ctx: Context, connection: OpenConnection[Settings]) -> AsyncIterator[Register]:
    """Raises `Misconfigured` inside a transaction."""
    async with outgoing_client(ctx, connection) as http:
        yield Register(http, connection)
