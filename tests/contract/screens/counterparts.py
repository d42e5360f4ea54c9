"""What screens change, and where a program does the same: found by the services that both call (API-01).

`python -m tests.contract.screens.counterparts` writes the table in `docs/api.md` anew.
"""

from __future__ import annotations

import inspect
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

from litestar.routes import BaseRoute, HTTPRoute

from prikus.app.asgi import create_app
from prikus.config import Config

API = "/api/v1/"
HERE = Path(__file__).parent
PAGE = Path(__file__).parents[3] / "docs" / "api.md"
HEAD = "| Screen | Program |\n|---|---|\n"
TABLE = re.compile(re.escape(HEAD) + r"(?:\|.*\n)*")
SERVICES = re.compile(r"\.services(\.|$)")

Doors = Mapping[str, frozenset[FunctionType]]


def without() -> Mapping[str, str]:
    """What only people do, each with its reason."""
    return tomllib.loads((HERE / "without.toml").read_text("utf-8"))["screens"]


def doors_of(routes: Iterable[BaseRoute]) -> tuple[Doors, Doors]:
    """Screens that change something and routes of the API that do, each with the services that it calls."""
    screens, programs = {}, {}
    for route in routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if "POST" in handler.http_methods:
                    place = programs if route.path.startswith(API) else screens
                    place[f"POST {route.path}"] = frozenset(services_of(handler.fn))
    return screens, programs


def services_of(function: Any) -> set[FunctionType]:
    """The services that a handler calls, itself or by helpers of its own module."""
    found, seen = set[FunctionType](), {function}
    waiting = [function]
    while waiting:
        for value in _named(waiting.pop()):
            if value in seen:
                continue
            seen.add(value)
            if SERVICES.search(value.__module__):
                found.add(value)
            elif value.__module__ == function.__module__:
                waiting.append(value)
    return found


def _named(function: FunctionType) -> Iterator[FunctionType]:
    """Functions that the code names: globals, and attributes of modules."""
    names = {name for code in _codes(function.__code__) for name in code.co_names}
    known = [function.__globals__[name] for name in names if name in function.__globals__]
    modules = {name: value for name in names if isinstance(value := function.__globals__.get(name), ModuleType)}
    yield from (value for value in known if inspect.isfunction(value))
    for module in modules.values():
        named = (getattr(module, name, None) for name in names - modules.keys())
        yield from (value for value in named if inspect.isfunction(value))


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _codes(inner)


def counterparts(routes: Iterable[BaseRoute]) -> Mapping[str, list[str]]:
    """For each screen that changes something the routes of programs that call one of its services.

    Of a service that several screens call, to switch on and to switch off, each needs the route of its own address.
    """
    screens, programs = doors_of(routes)
    of_screens, of_programs = _by_service(screens), _by_service(programs)

    def found(screen: str, service: FunctionType) -> set[str]:
        own = {screen.replace(" /", f" {API}", 1)}
        return of_programs[service] if len(of_screens[service]) == 1 else of_programs[service] & own

    return {
        screen: sorted({route for service in services for route in found(screen, service)})
        for screen, services in sorted(screens.items())
    }


def _by_service(doors: Doors) -> defaultdict[FunctionType, set[str]]:
    found = defaultdict[FunctionType, set[str]](set)
    for route, services in doors.items():
        for service in services:
            found[service].add(route)
    return found


def table(routes: Iterable[BaseRoute]) -> str:
    """The table of the documentation: what only people do stands below it by its reason."""
    rows = [
        f"| `{screen}` | {', '.join(f'`{route}`' for route in found) or without().get(screen, '—')} |\n"
        for screen, found in counterparts(routes).items()
    ]
    return HEAD + "".join(rows)


def main() -> None:
    """Nothing is asked of the database: only the routes are looked at."""
    config = Config.load({"DATABASE_URL": "postgresql://nobody:x@localhost/nothing", "REDIS_URL": "redis://localhost"})
    text, routes = PAGE.read_text("utf-8"), create_app(config).routes
    PAGE.write_text(TABLE.sub(lambda _: table(routes), text), "utf-8")


if __name__ == "__main__":
    main()
