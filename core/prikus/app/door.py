"""Before routing: who stands there, and did they mean to send this. Fills `scope["state"]` for what follows."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

from litestar import Request, Response
from litestar.types import ASGIApp, Receive, Scope, Send

from prikus.access.visits import Visit, Visits
from prikus.app.programs import Programs, bearer_token
from prikus.config import Config
from prikus.errors import Denied, SignInNeeded, Suspended
from prikus.host.gate import SAFE
from prikus.ui.problems import problem_response
from prikus.ui.render import CSRF_FIELD, CSRF_HEADER

OPEN = ("/static/", "/health/", "/webhooks/")
FIELD = "csrf_field"
STRANGE = "Форма устарела или отправлена с другого сайта. Обновите страницу и повторите."
Fault = Callable[[Request, Exception], Response[Any]]
FORM = "application/x-www-form-urlencoded"
FORM_WITH_FILES = "multipart/form-data"
TOKEN_PART = re.compile(rf'name="{CSRF_FIELD}"\r\n(?:[^\r\n]{{1,200}}\r\n){{0,3}}\r\n([0-9a-f]{{64}})\r\n'.encode())
"""Our forms have it before their files, so that no file is waited for."""
LONGEST_PART = 1000
"""No `TOKEN_PART` is longer: so far back one looks again when more has come."""
LONGEST_FORM = 1_000_000


def cookie_name(config: Config) -> str:
    """`__Host-` binds the cookie to https and this host; plain http off localhost cannot have it (reliability 39)."""
    return "prikus_session" if config.insecure else "__Host-prikus_session"


def csrf_token(secret: bytes, key: str) -> str:
    """What the forms of a session carry: bound to its key, so that it ends with it."""
    return hmac.new(secret, key.encode(), hashlib.sha256).hexdigest()


def admitted(request: Request[Any, Any, Any]) -> Visit:
    """Who works in a clinic with this request. Raises `SignInNeeded` or `Suspended`."""
    visit: Visit | None = request.scope["state"].get("visit")
    if visit is None:
        raise SignInNeeded("Сеанс завершён: войдите снова.")
    if visit.clinic.mode == "suspended":
        raise Suspended
    return visit


def repeated(body: bytes, has_more: bool, receive: Receive) -> Receive:
    """The part of the body that was read already, then whatever else comes."""
    is_given = False

    async def again() -> Any:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": has_more}

    return again


class Door:
    """Around the whole application: session → visit, request id, CSRF (reliability 40).

    Litestar answers 404, 405 and HEAD before any of its middleware, and those answers depend on who asks.
    """

    def __init__(self, visits: Visits, programs: Programs, config: Config, fault: Fault) -> None:
        self._visits = visits
        self._fault = fault
        self._programs = programs
        self._cookie = cookie_name(config)
        self._secret = config.secret()

    def __call__(self, app: ASGIApp) -> ASGIApp:
        async def enter(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http" or scope["path"].startswith(OPEN):
                await app(scope, receive, send)
                return
            request: Request = Request(scope, receive=receive, send=send)
            state = scope["state"]
            state["request_id"] = secrets.token_hex(8)
            if (token := bearer_token(request)) is not None:
                await self._programs.enter(request, token, app, scope, receive, send)
                return
            key = request.cookies.get(self._cookie)
            state["session_key"] = key
            state["csrf_token"] = csrf_token(self._secret, key) if key else ""
            if key and CSRF_HEADER.lower() not in request.headers:
                receive = await self._note_field(request, receive)
            refused = await self._refusal(request, key)
            if refused is not None:
                await refused.to_asgi_response(app=None, request=request)(scope, receive, send)
                return
            await app(scope, receive, send)

        return enter

    async def _refusal(self, request: Request, key: str | None) -> Response[Any] | None:
        """Finds the visit. The answer to who may not pass: sent from elsewhere, or we cannot see who it is."""
        state = request.scope["state"]
        try:
            found = await self._visits.find(key, touch=request.scope["path"] != "/live") if key else None
            if found is not None:
                state["identity"], state["visit"] = found
            if request.scope["method"] in SAFE or await self._is_meant(request):
                return None
        except Exception as error:
            return self._fault(request, error)
        return problem_response(request, Denied(STRANGE))

    async def _is_meant(self, request: Request) -> bool:
        """From our own page: by the browser's word and, inside a session, by the page's token."""
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return False
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
            return False
        expected = request.scope["state"]["csrf_token"]
        if not expected or request.scope["state"].get("identity") is None:
            return True
        given = request.headers.get(CSRF_HEADER.lower()) or request.scope["state"].get(FIELD, "")
        return hmac.compare_digest(given.encode(), expected.encode())

    async def _note_field(self, request: Request, receive: Receive) -> Receive:
        """Take the token out of a plain form. Returns what gives the form once more to whoever reads it next."""
        kind = request.headers.get("content-type", "")
        if request.scope["method"] in SAFE or not kind.startswith((FORM, FORM_WITH_FILES)):
            return receive
        token_of = _token_of_parts if kind.startswith(FORM_WITH_FILES) else _token_of_fields
        body, has_more, token = bytearray(), True, None
        while has_more and token is None and len(body) <= LONGEST_FORM:
            message = await receive()
            if message["type"] == "http.disconnect":
                return _gone
            begin = max(0, len(body) - LONGEST_PART)
            body += message.get("body", b"")
            has_more = bool(message.get("more_body"))
            token = token_of(body, begin, has_more)
        request.scope["state"][FIELD] = token or ""
        return repeated(bytes(body), has_more, receive)


async def _gone() -> Any:
    """Whoever was sending is gone: half a form is no form."""
    return {"type": "http.disconnect"}


def _token_of_fields(body: bytearray, begin: int, has_more: bool) -> str | None:
    return None if has_more else parse_qs(body.decode("latin-1")).get(CSRF_FIELD, [""])[0]


def _token_of_parts(body: bytearray, begin: int, has_more: bool) -> str | None:
    found = TOKEN_PART.search(body, begin)
    return found[1].decode() if found else None
