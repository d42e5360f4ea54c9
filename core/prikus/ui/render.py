"""Answers made of templates. Called inside a handler: rendering ends before the unit of work commits."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from litestar import MediaType, Request, Response

from prikus.ui.address import Here
from prikus.ui.descriptors import MenuItem, ShellPart
from prikus.ui.environment import Renderer
from prikus.ui.headers import nonce_of

FRAGMENT = "X-Fragment"
CSRF_FIELD = "csrf_token"
CSRF_HEADER = "X-CSRF-Token"


class Clinic(Protocol):
    """What pages show of the clinic."""

    @property
    def id(self) -> int: ...
    @property
    def slug(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def currency(self) -> str: ...
    @property
    def time_zone(self) -> str: ...


class Actor(Protocol):
    """What pages show of the person; `title` is the profession or group."""

    @property
    def kind(self) -> str: ...
    @property
    def id(self) -> int | None: ...
    @property
    def name(self) -> str: ...
    @property
    def title(self) -> str: ...


class PageContext(Protocol):
    """The part of the request's context that pages need."""

    @property
    def clinic(self) -> Clinic: ...
    @property
    def actor(self) -> Actor: ...
    @property
    def request(self) -> Request[Any, Any, Any]: ...
    @property
    def csrf_token(self) -> str: ...
    @property
    def menu(self) -> Sequence[MenuItem]: ...
    @property
    def frame_key(self) -> Hashable: ...
    @property
    def shell_parts(self) -> Sequence[ShellPart]: ...
    @property
    def notice(self) -> str | None: ...
    @property
    def branches(self) -> Sequence[Any]: ...
    @property
    def branch_id(self) -> int | None: ...
    @property
    def missing(self) -> Mapping[tuple[str, str], Any]: ...
    @property
    def begun_ms(self) -> int: ...
    def can(self, code: str) -> bool: ...


def page(ctx: PageContext, name: str, *, block: str | None = None, status: int = 200, **data: Any) -> Response[str]:
    """The page in the shell; only `block` of it when htmx asks for a part."""
    if block is not None and wants_fragment(ctx.request):
        return fragment(ctx, name, block, status=status, **data)
    return _html(renderer_of(ctx.request).page(name, _values(ctx, data)), status)


def fragment(ctx: PageContext, name: str, block: str, *, status: int = 200, **data: Any) -> Response[str]:
    """One block of a page. It is swapped in whatever the status is: with 409 or 422 too."""
    body = renderer_of(ctx.request).block(name, block, _values(ctx, data))
    return _html(body, status, {FRAGMENT: "1"})


def bare(request: Request[Any, Any, Any], name: str, *, status: int = 200, **data: Any) -> Response[str]:
    """A page for somebody who is not signed in, or an error: no shell, no ctx."""
    return _html(renderer_of(request).page(name, {**_common(request), **data}), status)


def redirect(ctx: PageContext | Request[Any, Any, Any], url: str) -> Response[str]:
    """Sends the browser to `url`: 303, or `HX-Redirect` for htmx. Only paths of our own are accepted."""
    if not url.startswith("/") or url.startswith("//") or "\\" in url:
        raise ValueError(f"redirect leads outside: {url!r}")
    request = ctx if isinstance(ctx, Request) else ctx.request
    if is_htmx(request):
        return _html("", 200, {"HX-Redirect": url})
    return _html("", 303, {"Location": url})


def done(text: str | None = None, *events: str, close_panel: bool = True) -> Response[str]:
    """Answer to a form that was saved: 204, closes panel and dialog, shows a toast, announces events.

    An event such as `patients-changed` is heard by `hx-trigger="patients-changed from:body"`.
    """
    response = _html("", 204)
    for event in (*(("panel-close", "dialog-close") if close_panel else ()), *events):
        announce(response, event)
    return toast(response, text) if text else response


def toast(
    response: Response[str], text: str, *, kind: str = "done", href: str | None = None, label: str | None = None
) -> Response[str]:
    """Adds a toast to an answer. `kind` is done, info, wait or miss; `href` and `label` make its button."""
    return announce(response, "toast", {"text": text, "kind": kind, "href": href, "label": label})


def announce(response: Response[str], event: str, detail: Mapping[str, object] | None = None) -> Response[str]:
    """Adds a browser event that fires on `body` (or on the element that asked) when the answer arrives."""
    known = json.loads(response.headers.get("HX-Trigger", "{}"))
    response.headers["HX-Trigger"] = json.dumps({**known, event: detail or {}})
    return response


def is_htmx(request: Request[Any, Any, Any]) -> bool:
    """Whether htmx asks."""
    return request.headers.get("hx-request") == "true"


def wants_fragment(request: Request[Any, Any, Any]) -> bool:
    """Whether htmx asks for a part, not for a page of its history."""
    whole_page = {"hx-boosted", "hx-history-restore-request"}
    return is_htmx(request) and whole_page.isdisjoint(request.headers.keys())


def renderer_of(request: Request[Any, Any, Any]) -> Renderer:
    """The application's renderer."""
    return request.app.state.renderer


def _values(ctx: PageContext, data: Mapping[str, Any]) -> dict[str, Any]:
    today = dt.datetime.now(ZoneInfo(ctx.clinic.time_zone)).date()
    return {**_common(ctx.request), "ctx": ctx, "today": today, CSRF_FIELD: ctx.csrf_token, **data}


def _common(request: Request[Any, Any, Any]) -> dict[str, Any]:
    scope = request.scope
    return {
        "here": Here.of(scope["path"], scope["query_string"].decode("latin-1")),
        "nonce": nonce_of(scope),
        "ctx": None,
        CSRF_FIELD: "",
    }


def _html(body: str, status: int, headers: Mapping[str, str] | None = None) -> Response[str]:
    return Response(body, status_code=status, media_type=MediaType.HTML, headers=dict(headers or {}))
