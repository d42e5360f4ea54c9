"""Mounting rooms: the host makes the routers, puts the gate in front and refuses what could pass around it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from litestar import Controller, Router
from litestar.handlers import ASGIRouteHandler, BaseRouteHandler
from litestar.routes import BaseRoute

from prikus.errors import Misconfigured
from prikus.host.gate import Gate, Refuse
from prikus.host.rooms import Rooms
from prikus.host.system import System

OWNERS = "prikus_owners"
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
)


def routers(system: System, refuse: Refuse) -> list[Router]:
    """One router per rooms and kind of door, with its gate outermost."""
    made = []
    for rooms in system.installed.rooms:
        for room in rooms.modules:
            prefix = _prefix(room, rooms)
            if prefix is None:
                continue
            handlers = list(rooms.handlers(room))
            for handler in handlers:
                _check(handler, f"{rooms.package}.{room}")
            if handlers:
                made.append(
                    Router(
                        path=prefix,
                        route_handlers=handlers,
                        middleware=[Gate(rooms.owners, refuse)],
                        opt={OWNERS: rooms.owners},
                    )
                )
    return made


def _prefix(room: str, rooms: Rooms) -> str | None:
    if room == "pages" or room.startswith("with_"):
        return f"/{rooms.prefix}"
    if room == "api":
        return f"/api/v1/{rooms.prefix}"
    return None


def _check(handler: Any, where: str) -> None:
    if isinstance(handler, ASGIRouteHandler):
        raise Misconfigured(f"{where}: @asgi не допускается, он обходит проверку модуля.")
    if isinstance(handler, Router):
        raise Misconfigured(f"{where}: вместо Router перечислите обработчики в routes.")
    is_controller = isinstance(handler, type) and issubclass(handler, Controller)
    if not is_controller and not isinstance(handler, BaseRouteHandler):
        raise Misconfigured(f"{where}: {handler!r} в routes не является обработчиком Litestar.")
    _check_options(handler, is_controller, where)
    for inner in vars(handler).values() if is_controller else ():
        if isinstance(inner, BaseRouteHandler):
            _check(inner, f"{where}, {handler!r}")


def _check_options(handler: Any, is_controller: bool, where: str) -> None:
    for option in FORBIDDEN:
        value = handler.__dict__.get(option) if is_controller else getattr(handler, option, None)
        if value:
            raise Misconfigured(f"{where}: у {handler} нельзя задать {option}; уберите его.")


def audit(routes: Iterable[BaseRoute], open_paths: Iterable[str]) -> None:
    """Every built route has an owner, or stands in the closed list of open doors. Else the start stops."""
    allowed = set(open_paths)
    for route in routes:
        for handler in getattr(route, "route_handlers", None) or [route.route_handler]:  # type: ignore[attr-defined]
            if OWNERS not in handler.opt and route.path not in allowed:
                raise Misconfigured(
                    f"Адрес {route.path} не принадлежит ни ядру, ни плагину: добавьте его в комнату pages."
                )
