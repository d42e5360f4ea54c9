"""The only way out: allowed hosts, short times, public addresses, a breaker a connection (reliability 21)."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import time
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import h11
import httpcore
import httpx
import msgspec

from prikus.access.context import Context
from prikus.connections.kinds import OpenConnection
from prikus.connections.models import SendRecord
from prikus.data.texts import storable
from prikus.errors import Misconfigured, Problem

CONNECT_SECONDS, TOTAL_SECONDS = 3.0, 10.0
LARGEST = 1024 * 1024
FAILURES, OPEN_SECONDS = 5, 30.0
RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})


class OutsideFailed(Problem):
    """A service did not answer as it should. `is_unknown` says that it may have acted: ask it by our own id."""

    status = 502

    def __init__(self, sentence: str, *, code: int | None = None, is_unknown: bool = False) -> None:
        super().__init__(sentence)
        self.code = code
        self.is_unknown = is_unknown


class HttpAnswer(msgspec.Struct, frozen=True):
    """What a service answered. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def is_temporary(self) -> bool:
        """Whether the same request may succeed later."""
        return self.status in RETRIED

    def json(self, into: Any = Any) -> Any:
        """The body decoded `into` a type; unknown fields are ignored. Raises `OutsideFailed` for anything else.

        After a success that cannot be read the service may have acted: the failure `is_unknown`.
        """
        try:
            return msgspec.json.decode(self.body, type=into, strict=False)
        except msgspec.DecodeError as error:
            raise OutsideFailed(
                f"Сервис ответил непонятно: {error}.", code=self.status, is_unknown=self.is_success
            ) from error


class Breaker:
    """Stops asking a service that does not answer, for each connection apart."""

    def __init__(self) -> None:
        self._failures: dict[int, list[float]] = {}

    def is_open(self, connection_id: int) -> bool:
        failures = self._failures.get(connection_id, [])
        return len(failures) >= FAILURES and time.monotonic() - failures[-1] < OPEN_SECONDS

    def forget(self) -> None:
        self._failures.clear()

    def note(self, connection_id: int, *, failed: bool) -> None:
        if not failed:
            self._failures.pop(connection_id, None)
            return
        failures = self._failures.setdefault(connection_id, [])
        failures.append(time.monotonic())
        del failures[:-FAILURES]


breaker = Breaker()


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Resolves a name, refuses private addresses, connects to the very address that was checked (reliability 48).

    Only the `fakes`, (host, port), may be anywhere.
    """

    def __init__(self, inner: httpcore.AsyncNetworkBackend, fakes: Collection[tuple[str | None, int | None]]) -> None:
        self._inner = inner
        self._fakes = fakes

    async def connect_tcp(self, host: str, port: int, **kw: Any) -> httpcore.AsyncNetworkStream:
        address = host if (host, port) in self._fakes else await public_address(host, port)
        return await self._inner.connect_tcp(address, port, **kw)

    async def connect_unix_socket(self, path: str, **kw: Any) -> httpcore.AsyncNetworkStream:
        raise httpcore.ConnectError(f"{path}: not a public address")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


async def public_address(host: str, port: int) -> str:
    """An address of the host. Raises `ConnectError` when any of its addresses is private, loopback or link-local."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(str(error)) from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(ipaddress.ip_address(address).is_global for address in addresses):
        raise httpcore.ConnectError(f"{host} does not lead to a public address")
    return addresses[0]


class CheckedTransport(httpx.AsyncHTTPTransport):
    """httpx over `CheckedBackend`. `fakes` are addresses of fake providers, which run on this machine."""

    def __init__(self, fakes: Collection[str] = ()) -> None:
        super().__init__(trust_env=False)
        places = {(parts.hostname, parts.port) for parts in map(urlsplit, fakes)}
        self._pool._network_backend = CheckedBackend(self._pool._network_backend, places)


def played(url: str, fakes: Mapping[str, str]) -> str:
    """The address that is really asked: a fake provider's where one plays the host."""
    parts = urlsplit(url)
    fake = fakes.get(parts.hostname or "")
    return fake + url[url.index(parts.netloc) + len(parts.netloc) :] if fake else url


def outgoing_http(fakes: Mapping[str, str]) -> httpx.AsyncClient:
    """A client that goes to public addresses and fakes only, follows nobody and does not wait long."""
    limits = httpx.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS)
    return httpx.AsyncClient(transport=CheckedTransport(fakes.values()), timeout=limits, follow_redirects=False)


class Outgoing:
    """Requests of one connection."""

    def __init__(self, ctx: Context, connection: OpenConnection[Any], client: httpx.AsyncClient) -> None:
        self._ctx = ctx
        self._connection = connection
        self._client = client
        self._uses = ctx.system.plugins[connection.plugin_id].uses

    def allows(self, url: str) -> bool:
        """Whether the manifest's `uses` let a request go to this address, such as one that the service has given."""
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        return parts.scheme == "https" and any(use.reaches(parts.hostname or "") for use in self._uses)

    async def request(
        self, method: str, url: str, *, largest: int = LARGEST, seconds: float = TOTAL_SECONDS, **options: Any
    ) -> HttpAnswer:
        """Ask and read the whole answer, whatever its status. `options` are httpx's: params, headers, json, data,
        content. `seconds` is how long it may take in all, such as an upload; no silence may last longer than ten.

        Raises `OutsideFailed` when there is none: not reached, too slow, too large, or the service rests after
        failures. `Misconfigured` for a host that the manifest's `uses` does not name.
        """
        if not self.allows(url):
            where = url.partition("?")[0]
            raise Misconfigured(f"Плагин «{self._connection.plugin_id}»: адрес {where} не назван в uses манифеста.")
        parts = urlsplit(url)
        host = parts.hostname or ""
        if breaker.is_open(self._connection.id):
            raise OutsideFailed(f"Сервис «{self._connection.title}» не отвечает. Попробуем позже сами.")
        target = played(url, self._ctx.runtime.config.fakes)
        return await self._logged(method, target, parts.path, host, largest, seconds, options)

    async def get(self, url: str, **options: Any) -> HttpAnswer:
        return await self.request("GET", url, **options)

    async def post(self, url: str, **options: Any) -> HttpAnswer:
        return await self.request("POST", url, **options)

    async def _logged(
        self, method: str, target: str, path: str, host: str, largest: int, seconds: float, options: Any
    ) -> HttpAnswer:
        started = time.monotonic()
        answer, failure, sent = None, None, 0
        try:
            async with asyncio.timeout(seconds):
                request = self._built(method, target, **options)
                sent = int(request.headers.get("content-length", 0))
                answer = await self._read(request, largest)
        except (httpx.HTTPError, httpcore.ConnectError, h11.ProtocolError, TimeoutError) as error:
            reached = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpcore.ConnectError)
            failure = OutsideFailed(
                f"Сервис «{self._connection.title}» не отвечает: {_words(error)}.",
                is_unknown=reached and method != "GET",
            )
        except OutsideFailed as error:
            failure = error
        breaker.note(self._connection.id, failed=answer is None or answer.status >= 500)
        await self._note(method, host, path, started, sent, answer, failure)
        if answer is None:
            assert failure is not None
            raise failure
        return answer

    def _built(self, method: str, target: str, headers: Any = None, **options: Any) -> httpx.Request:
        """Raises `OutsideFailed` for a key that fits into no header, and for an address that is none."""
        try:
            head = httpx.Headers(headers)
        except UnicodeEncodeError:
            raise OutsideFailed(
                "В ключе доступа есть знаки, которых в нём не бывает. Скопируйте его ещё раз."
            ) from None
        try:
            return self._client.build_request(method, target, headers=head, **options)
        except (httpx.InvalidURL, UnicodeError) as error:
            raise OutsideFailed(
                f"Сервис «{self._connection.title}»: запрос не составить, его адрес или содержимое негодны."
            ) from error

    async def _read(self, request: httpx.Request, largest: int) -> HttpAnswer:
        response = await self._sent(request)
        try:
            body = bytearray()
            async for part in response.aiter_bytes():
                body += part
                if len(body) > largest:
                    raise OutsideFailed(
                        "Сервис прислал слишком большой ответ.",
                        code=response.status_code,
                        is_unknown=request.method != "GET",
                    )
        finally:
            await response.aclose()
        headers = {name.lower(): value for name, value in response.headers.items()}
        return HttpAnswer(response.status_code, headers, bytes(body))

    async def _sent(self, request: httpx.Request) -> httpx.Response:
        """Raises `OutsideFailed` for an answer that leads to no address: httpx reads it, though nobody is followed."""
        try:
            return await self._client.send(request, stream=True)
        except (httpx.InvalidURL, UnicodeError) as error:
            raise OutsideFailed(
                f"Сервис «{self._connection.title}» ответил непонятно: он ведёт на негодный адрес.",
                is_unknown=request.method != "GET",
            ) from error

    async def _note(
        self,
        method: str,
        host: str,
        path: str,
        started: float,
        sent: int,
        answer: HttpAnswer | None,
        failure: OutsideFailed | None,
    ) -> None:
        async with self._ctx.unit() as own:
            own.db.add(
                SendRecord(
                    connection_id=self._connection.id,
                    method=method,
                    host=storable(host),
                    path=storable(path),
                    status=answer.status if answer else None,
                    milliseconds=round((time.monotonic() - started) * 1000),
                    sent=sent,
                    received=len(answer.body) if answer else 0,
                    error=failure.sentence if failure else None,
                )
            )


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return "истекло время ожидания"
    return "соединение не установлено" if isinstance(error, httpx.ConnectError) else "связь прервалась"


@asynccontextmanager
async def outgoing_client(ctx: Context, connection: OpenConnection[Any]) -> AsyncIterator[Outgoing]:
    """Requests to the service of a connection: `async with outgoing_client(ctx, connection) as http:`.

    Raises `Misconfigured` inside a transaction: none may wait for the network (reliability 22).
    """
    if not ctx.is_outside:
        raise Misconfigured("Нельзя ждать сеть внутри транзакции: объявите задание с @outgoing и возьмите его ctx.")
    async with outgoing_http(ctx.runtime.config.fakes) as client:
        yield Outgoing(ctx, connection, client)
