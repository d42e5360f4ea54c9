"""The handlers of rooms: what could pass around the gate is refused before anything is mounted (contract 3)."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from types import ModuleType
from typing import Any, TypeGuard

from litestar import Controller, Router
from litestar.handlers import ASGIRouteHandler, BaseRouteHandler, HTTPRouteHandler

from prikus.host.rooms import Installed, Rooms
from prikus.host.rules import Report, in_function, in_module

FORBIDDEN = (
    "middleware",
    "exception_handlers",
    "cache",
    "request_class",
    "websocket_class",
    "before_request",
    "after_request",
    "after_response",
    "opt",
    "dependencies",
    # These change what leaves after the commit, or what a browser may keep of a patient's page.
    "background",
    "response_class",
    "response_cookies",
    "response_headers",
    "cache_control",
    "cache_key_builder",
    "etag",
    # These give `ctx`, and what is read or answered, another meaning than the host's.
    "parameters",
    "signature_namespace",
    "signature_types",
    "type_decoders",
    "type_encoders",
)
LARGEST_BODY = 1_100_000_000
"""Bytes that any handler may take: a tomogram in one piece, and the rest of its form."""
MOUNTING = ("__init__", "as_router", "get_route_handlers")
"""What a controller could override to mount something else than its handlers."""
PARAMETER = re.compile(r"\{[^}]*\}")


def prefix_of(room: str, rooms: Rooms) -> str | None:
    """Where the routes of a room are mounted."""
    if room == "pages" or room.startswith("with_"):
        return f"/{rooms.prefix}"
    if room == "api":
        return f"/api/v1/{rooms.prefix}"
    return None


def check_routes(installed: Installed, report: Report) -> None:
    """Every handler of every room, and whether two answer at one address."""
    taken: dict[tuple[str, str], BaseRouteHandler] = {}
    for rooms in installed.rooms:
        for room, module in rooms.modules.items():
            if prefix := prefix_of(room, rooms):
                for handler in _listed(room, module, report):
                    if _is_fit(handler, module, report):
                        _claim(taken, handler, prefix, report)


def _listed(room: str, module: ModuleType, report: Report) -> list[Any] | tuple[Any, ...]:
    routes = getattr(module, "routes", None)
    if isinstance(routes, list | tuple):
        return routes
    if routes is not None or not room.startswith("with_"):
        report(in_module("P023", module, "нет списка routes с обработчиками.", "routes"))
    return ()


def is_controller(value: Any) -> TypeGuard[type[Controller]]:
    return isinstance(value, type) and issubclass(value, Controller)


def handlers_of(value: Any) -> Iterator[BaseRouteHandler]:
    """The handler itself, or those of a controller."""
    if is_controller(value):
        for kind in reversed(value.__mro__):
            yield from (inner for inner in vars(kind).values() if isinstance(inner, BaseRouteHandler))
    elif isinstance(value, BaseRouteHandler):
        yield value


def _is_fit(value: Any, module: ModuleType, report: Report) -> bool:
    if isinstance(value, Router):
        report(in_module("P041", module, f"в routes стоит Router {value.path}.", "Router("))
    elif not is_controller(value) and not isinstance(value, BaseRouteHandler):
        report(in_module("P041", module, f"{value!r} в routes – не обработчик Litestar.", "routes"))
    else:
        # What a base class of a controller sets counts as much as what it sets itself.
        kinds = [kind for kind in value.__mro__ if kind not in (Controller, object)] if is_controller(value) else []
        options = (*FORBIDDEN, *MOUNTING, "request_max_body_size")
        shared = [(kind, option) for kind in kinds for option in options if _sets(kind, option)]
        for kind, option in shared:
            report(in_module("P040", module, f"{kind.__name__} задаёт {option}.", option))
        plain = [_is_plain(handler, report) for handler in handlers_of(value)]
        return not shared and all(plain)
    return False


def _sets(kind: type, option: str) -> bool:
    """An empty value sets nothing, except that no size means any size."""
    return bool(kind.__dict__.get(option)) or (option == "request_max_body_size" and option in kind.__dict__)


def _is_plain(handler: BaseRouteHandler, report: Report) -> bool:
    if isinstance(handler, ASGIRouteHandler):
        report(in_function("P041", handler.fn, f"{name_of(handler)} – @asgi, он обходит проверку модуля."))
        return False
    wrong = None
    if not isinstance(handler, HTTPRouteHandler):
        wrong = "вебсокет, а они не поддерживаются: для новостей есть ctx.changed"
    elif not type(handler).__module__.startswith("litestar."):
        wrong = "обработчик собственного класса"
    elif not inspect.iscoroutinefunction(handler.fn):
        wrong = "обычная функция, а не async def: пока она работает, никому не отвечают"
    if wrong:
        report(in_function("P041", handler.fn, f"{name_of(handler)} – {wrong}."))
        return False
    options = [option for option in FORBIDDEN if getattr(handler, option, None)]
    for option in options:
        report(in_function("P040", handler.fn, f"{name_of(handler)} задаёт {option}."))
    largest = getattr(handler, "request_max_body_size", 0)
    if largest is None or (isinstance(largest, int) and largest > LARGEST_BODY):
        report(in_function("P040", handler.fn, f"{name_of(handler)} принимает тело запроса любого размера."))
        return False
    return not options


def name_of(handler: BaseRouteHandler) -> str:
    return getattr(handler.fn, "__qualname__", None) or type(handler.fn).__name__


def _claim(taken: dict[tuple[str, str], BaseRouteHandler], value: Any, prefix: str, report: Report) -> None:
    """One method at one address has one handler; names of parameters make no difference."""
    base = getattr(value, "path", "") if is_controller(value) else ""
    for handler in handlers_of(value):
        methods = handler.http_methods if isinstance(handler, HTTPRouteHandler) else ("WS",)
        for path in handler.paths:
            address = re.sub("/+", "/", f"{prefix}/{base}/{path}").rstrip("/")
            for method in sorted(map(str, methods)):
                key = (method, PARAMETER.sub("{}", address))
                if (first := taken.setdefault(key, handler)) is not handler:
                    other = f"{first.fn.__module__}.{name_of(first)}"
                    report(in_function("P050", handler.fn, f"на {method} {address} отвечает и {other}."))
