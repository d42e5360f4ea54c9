"""Requests to one account at Diagnocat: a token that is kept, refusals in words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any, Literal, TypeVar, cast

import msgspec

from prikus.toolkit import (
    Context,
    HttpAnswer,
    OpenConnection,
    OpenFile,
    Outgoing,
    OutsideFailed,
    Problem,
    Tokens,
    outgoing_client,
    storable,
)
from prikus_integrations_diagnocat.schemas import Granted, Uploading
from prikus_integrations_diagnocat.settings import Settings

T = TypeVar("T")
U = TypeVar("U", bound=Uploading)
Trouble = Literal["data", "credentials", "money"]
TOKEN_SECONDS = 23 * 3600
UPLOAD_SECONDS = 200.0
"""A piece of work is given up after five minutes, and a name has to be taken out of the file first."""
LARGEST_ANSWER = 8 * 1024 * 1024
CLIENT = "prikus"
LONGEST = 300
WRONG_LOGIN = "Diagnocat не принимает логин и пароль. Введите те, с которыми вы входите на его сайт."
WRONG_KEY = "Diagnocat не узнаёт этот ключ. Без логина в поле «Пароль» вводят постоянный ключ партнёра."
NO_ACCESS = (
    "Нет доступа к API Diagnocat: он не включён или не входит в тариф. "
    "Попросите support@diagnocat.com включить доступ к API."
)
NO_MONEY = "Diagnocat просит оплату"
BUSY = "Diagnocat ответил кодом {status}. Повторим сами."
TOO_SLOW = "Файл не дошёл за {seconds:g} с: для снимка такого размера связь слишком медленная."
ELSEWHERE = (
    "Diagnocat просит загрузить снимок на {host}: это не его адрес, снимок туда не отправлен. "
    "Сообщите об этом в поддержку системы."
)
PASSING = frozenset({408, 425, 429})
GONE = (401, 403, 404, 410)
"""Answers of an address for uploading whose time is over."""


class Refused(Problem):
    """The service did not do it, and says why. `code` is its HTTP status."""

    status = 409

    def __init__(self, sentence: str, trouble: Trouble, code: int = 0) -> None:
        super().__init__(sentence)
        self.trouble: Trouble = trouble
        self.code = code


class UploadExpired(Problem):
    """The address for uploading is not good any more, or the file did not get there in time; the next one may."""

    status = 409


tokens = Tokens(TOKEN_SECONDS)


class Diagnocat:
    """The service as one connection has it."""

    def __init__(self, http: Outgoing, connection: OpenConnection[Settings]) -> None:
        self._http = http
        self._settings = settings = connection.settings
        self._words = (str(connection.id), settings.base, settings.login, settings.password.reveal())

    async def rows(self, path: str, **params: object) -> Any:
        """A list, in whatever shape it comes."""
        return await self.get(path, cast("type[Any]", Any), **params)

    async def get(self, path: str, into: type[T], **params: object) -> T:
        """What the service answers. Raises `Refused`, and `OutsideFailed` while it does not answer."""
        answer = await self.ask("GET", path, params={name: str(value) for name, value in params.items()})
        try:
            return answer.json(into)
        except OutsideFailed as failure:  # to have asked changes nothing
            raise OutsideFailed(failure.sentence, code=failure.code) from failure

    async def post(self, path: str, into: type[T], body: object) -> T:
        """The same; a failure that `is_unknown` may follow what was done."""
        return (await self.ask("POST", path, json=body)).json(into)

    async def upload(self, step: str, into: type[U], body: object) -> U:
        """A step of the upload. Raises `Refused` for `ok: false`, too."""
        return accepted(await self.post(f"/v1/upload/{step}", into, body))

    async def uploaded(self, step: str, into: type[U], **params: object) -> U:
        """How the upload stands."""
        return accepted(await self.get(f"/v1/upload/{step}", into, **params))

    async def put(self, url: str, opens: Callable[[], Awaitable[OpenFile]]) -> None:
        """Give a file to an address of the service's, in parts. Raises `UploadExpired` besides what `get` raises."""
        if not self._http.allows(url):
            raise Refused(ELSEWHERE.format(host=url.partition("//")[2].partition("/")[0] or url), "data")
        answer = await self._given(url, await opens())
        if answer.status in GONE:
            raise UploadExpired(f"Адрес для загрузки снимка больше не действует (код {answer.status}).")
        _check("PUT", answer)

    async def _given(self, url: str, file: OpenFile) -> HttpAnswer:
        """Raises `UploadExpired` when it takes too long: given again it is the same file, nobody has to look."""
        head = {"Content-Length": str(file.size), "Content-Type": file.media_type}
        began = monotonic()
        try:
            return await self._http.request(
                "PUT", url, headers=head, content=file.chunks(), seconds=UPLOAD_SECONDS, largest=LARGEST_ANSWER
            )
        except OutsideFailed as failure:
            if monotonic() - began < UPLOAD_SECONDS:
                raise
            raise UploadExpired(TOO_SLOW.format(seconds=UPLOAD_SECONDS)) from failure

    async def ask(self, method: str, path: str, **options: Any) -> HttpAnswer:
        """A success. A token that has expired is replaced once."""
        answer, token = await self._once(method, path, options)
        if answer.status == 401 and self._settings.login:
            tokens.forget(token, *self._words)
            answer, _ = await self._once(method, path, options)
        if answer.status == 401:
            raise Refused(WRONG_LOGIN if self._settings.login else WRONG_KEY, "credentials", 401)
        return _check(method, answer)

    async def _once(self, method: str, path: str, options: dict[str, Any]) -> tuple[HttpAnswer, str]:
        token = await self._token()
        head = {"Authorization": f"Bearer {token}"}
        address = self._settings.base + path
        return await self._http.request(method, address, headers=head, largest=LARGEST_ANSWER, **options), token

    async def _token(self) -> str:
        if not self._settings.login:
            return self._settings.password.reveal()
        return tokens.get(*self._words) or await self.log_in()

    async def log_in(self) -> str:
        """A new token. Raises `Refused`; `OutsideFailed`, with nothing done, when there is no sensible answer."""
        said = {
            "client_host_id": CLIENT,
            "email": self._settings.login,
            "password": self._settings.password.reveal(),
        }
        try:
            answer = await self._http.post(f"{self._settings.base}/v2/auth/token", json=said)
            if answer.status in (400, 401, 404, 422):
                raise Refused(WRONG_LOGIN, "credentials", 401)
            token = _check("POST", answer).json(Granted).token
        except OutsideFailed as failure:
            raise OutsideFailed(failure.sentence, code=failure.code) from failure
        if not token:
            raise Refused(WRONG_LOGIN, "credentials", 401)
        tokens.keep(token, *self._words)
        return token


def accepted(said: U) -> U:
    """What the upload said, when it agrees. Raises `Refused`."""
    if not said.ok:
        raise Refused(f"Diagnocat не принял снимок: {words_of(said.error) or 'причина не названа'}.", "data", 200)
    return said


def _check(method: str, answer: HttpAnswer) -> HttpAnswer:
    if answer.is_success:
        return answer
    status, said = answer.status, _said(answer)
    if status >= 500 or status in PASSING:
        is_unknown = method != "GET" and status not in (425, 429)
        raise OutsideFailed(BUSY.format(status=status), code=status, is_unknown=is_unknown)
    if status == 403:
        raise Refused(NO_ACCESS, "credentials", status)
    if status == 402:
        raise Refused(f"{NO_MONEY}: {said}." if said else f"{NO_MONEY}.", "money", status)
    raise Refused(f"Diagnocat отказал (код {status}){f': {said}' if said else ''}.", "data", status)


def _said(answer: HttpAnswer) -> str:
    """The error that a body tells, as it is; of a page nothing."""
    try:
        return words_of(msgspec.json.decode(answer.body))
    except msgspec.DecodeError:
        text = answer.body.decode("utf-8", "replace")
        return "" if "<" in text else words_of(text)


def words_of(error: object) -> str:
    """An error in one line: a text, an object with a text, or several."""
    if isinstance(error, dict):
        return next((found for name in TEXTS if (found := words_of(error.get(name)))), "")
    if isinstance(error, list):
        return "; ".join(filter(None, map(words_of, error)))[:LONGEST]
    if isinstance(error, str | int) and not isinstance(error, bool):
        return storable(" ".join(str(error).split()))[:LONGEST].rstrip(".")
    return ""


TEXTS = ("message", "detail", "error", "msg", "description", "error_description", "title", "code")


@asynccontextmanager
async def diagnocat(ctx: Context, connection: OpenConnection[Settings]) -> AsyncIterator[Diagnocat]:
    """Raises `Misconfigured` inside a transaction."""
    async with outgoing_client(ctx, connection) as http:
        yield Diagnocat(http, connection)
