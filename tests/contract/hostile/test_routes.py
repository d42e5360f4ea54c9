"""Ways around the gate that a handler or a controller could take: each is refused before anything is mounted."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from litestar import Controller, Litestar, Response, Router, WebSocket, get, websocket, websocket_listener
from litestar.background_tasks import BackgroundTask
from litestar.datastructures import CacheControlHeader, ETag
from litestar.handlers import HTTPRouteHandler

from prikus.host.gate import Gate
from prikus.host.rooms import Installed, Rooms
from prikus.host.routes import check_routes
from prikus.host.routing import OWNERS, audit
from prikus.host.rules import Finding, Refused

OPTIONS: dict[str, Any] = {
    "middleware": [lambda app: app],
    "exception_handlers": {404: lambda *_: Response("in", status_code=200)},
    "cache": 60,
    "opt": {OWNERS: ("core",)},
    "dependencies": {"ctx": lambda: 1},
    "response_headers": {"Cache-Control": "public"},
    "response_cookies": {"prikus_session": "stolen"},
    "cache_control": CacheControlHeader(public=True),
    "etag": ETag(value="x"),
    "response_class": type("Other", (Response,), {}),
    "background": BackgroundTask(print),
    "type_encoders": {str: repr},
    "type_decoders": [(lambda kind: True, lambda kind, value: value)],
    "signature_namespace": {"Context": dict},
    "signature_types": [dict],
}


async def page() -> str:
    return "page"


def found(*routes: Any) -> list[str]:
    module = ModuleType("prikus_sample.pages")
    module.routes = routes  # type: ignore[attr-defined]
    findings: list[Finding] = []
    check_routes(Installed({}, [Rooms(("sample",), "prikus_sample", {"pages": module}, "sample")]), findings.append)
    return [finding.rule for finding in findings]


def test_a_plain_handler_passes() -> None:
    assert found(get("/x")(page)) == []


@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_that_leads_around(option: str) -> None:
    assert found(get("/x", **{option: OPTIONS[option]})(page)) == ["P040"]


@pytest.mark.parametrize("option", [*(name for name in OPTIONS if name not in ("cache", "background")), "as_router"])
def test_an_inherited_member_of_a_controller_that_leads_around(option: str) -> None:
    base = type("Base", (Controller,), {"path": "/c", "page": get("/x")(page), option: OPTIONS.get(option, page)})
    assert found(type("Plain", (base,), {})) == ["P040"]


class Own(HTTPRouteHandler):
    """Could resolve its middleware as it likes."""


def blocking() -> str:
    return "late"


async def talk(socket: WebSocket) -> None:
    await socket.accept()


async def hear(data: str) -> str:
    return data


@pytest.mark.parametrize(
    "make",
    [
        lambda: Own("/x", http_method="GET")(page),
        lambda: get("/x", sync_to_thread=True)(blocking),
        lambda: websocket("/x")(talk),
        lambda: websocket_listener("/x")(hear),
        lambda: Router("/r", route_handlers=[get("/x")(page)]),
    ],
    ids=["own class", "blocking", "websocket", "listener", "router"],
)
def test_what_is_no_plain_handler(make: Callable[[], Any]) -> None:
    assert found(make()) == ["P041"]


def test_whatever_was_built_in_front_of_a_gate_stops_the_start() -> None:
    def refuse(*_: Any) -> Any:
        raise AssertionError("nobody knocks here")

    def other(app: Any) -> Any:
        return app

    gated = Gate(("sample",), refuse)
    for layers, is_refused in (([gated], False), ([other, gated], True), ([], True)):
        router = Router("/s", route_handlers=[get("/x")(page)], middleware=layers, opt={OWNERS: ("sample",)})
        built = Litestar([router], openapi_config=None)
        if is_refused:
            with pytest.raises(Refused, match="перед проверкой модуля"):
                audit(built.routes, ())
        else:
            audit(built.routes, ())
