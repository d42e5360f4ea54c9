"""Mounting rooms: the host makes the routers and puts the gate in front."""

from __future__ import annotations

from collections.abc import Iterable

from litestar import Router
from litestar.routes import BaseRoute

from prikus.host import gate
from prikus.host.routes import prefix_of
from prikus.host.rules import Finding, refuse
from prikus.host.system import System

OWNERS = "prikus_owners"


def routers(system: System, turn_away: gate.Refuse) -> list[Router]:
    """One router per rooms and kind of door, with its gate outermost."""
    made = []
    for rooms in system.installed.rooms:
        for room in rooms.modules:
            prefix = prefix_of(room, rooms)
            handlers = list(rooms.handlers(room)) if prefix else []
            if prefix and handlers:
                made.append(
                    Router(
                        path=prefix,
                        route_handlers=handlers,
                        middleware=[gate.Gate(rooms.owners, turn_away)],
                        opt={OWNERS: rooms.owners},
                    )
                )
    return made


def audit(routes: Iterable[BaseRoute], open_paths: Iterable[str]) -> None:
    """Every built route has an owner whose gate is outermost, or stands in the closed list of open doors.

    Looks at what Litestar made of all layers, so that a way around the earlier checks stops the start too.
    """
    allowed = set(open_paths)
    for route in routes:
        for handler in getattr(route, "route_handlers", None) or [route.route_handler]:  # type: ignore[attr-defined]
            if route.path in allowed:
                continue
            owners = handler.opt.get(OWNERS)
            # Litestar names them from the innermost to the outermost.
            outermost = next(reversed(handler.resolve_middleware()), None)
            if owners is None:
                refuse(Finding("core", "P042", f"адрес {route.path} не принадлежит ни ядру, ни плагину."))
            if not isinstance(outermost, gate.Gate) or outermost.owners != owners:
                refuse(Finding("core", "P040", f"у адреса {route.path} перед проверкой модуля стоит что-то ещё."))
