"""Declarations that nobody collects: a hook, listener, job or route that stands outside its room would be silent."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from prikus.host.manifest import Plugin
from prikus.host.routes import handlers_of, is_controller, prefix_of
from prikus.host.rules import Report

if TYPE_CHECKING:
    from prikus.host.sources import Source
    from prikus.host.system import System

MARKS = {
    "hookimpl": "реализация точки расширения",
    "hookspec": "точка расширения",
    "listens": "слушатель",
    "job": "задание",
    "scheduled": "задание",
}
ROUTES = frozenset(
    ("get", "post", "put", "patch", "delete", "head", "route", "websocket", "websocket_listener", "asgi")
)
Place = tuple[str, str]
"""A module and a qualified name in it."""


def check_orphans(read: Iterable[Source], plugin: Plugin, system: System, report: Report) -> None:
    collected = set(_collected(plugin, system))
    for source in read:
        if source.room == "fake" or (
            source.room.startswith("with_") and source.room.removeprefix("with_") not in system.plugins
        ):
            continue
        for node, name, mark in _declared(source):
            if (source.module, name) in collected:
                continue
            if mark in ROUTES or mark == "Controller":
                report(source.found("P042", node, f"обработчик {name} не стоит в routes, его адрес ничей."))
            else:
                report(source.found("P043", node, f"{MARKS[mark]} {name} не в своей комнате, её никто не найдёт."))


def _collected(plugin: Plugin, system: System) -> Iterator[Place]:
    """Everything that the host found in the plugin's rooms."""
    for call in _calls(plugin, system):
        function = inspect.unwrap(call)
        yield function.__module__, function.__qualname__
    for rooms in system.installed.rooms:
        for room in rooms.modules if rooms.package == plugin.package else ():
            for value in rooms.handlers(room) if prefix_of(room, rooms) else ():
                if is_controller(value):
                    yield from ((kind.__module__, kind.__qualname__) for kind in value.__mro__)
                for handler in handlers_of(value):
                    yield handler.fn.__module__, handler.fn.__qualname__


def _calls(plugin: Plugin, system: System) -> Iterator[Any]:
    yield from (listener.call for listener in system.listeners.values())
    yield from (job.call for job in system.jobs.values())
    yield from (call for _, call in system.hooks.implementations())
    for rooms in system.installed.rooms:
        if rooms.package == plugin.package and (module := rooms.modules.get("hookspecs")):
            yield from (value for value in vars(module).values() if hasattr(value, "__prikus_hook__"))


def _declared(source: Source) -> Iterator[tuple[ast.AST, str, str]]:
    """Functions with one of our or Litestar's decorators and controllers, with qualified names."""
    known = _imported(source.nodes)
    for node in source.tree.body:
        if isinstance(node, ast.ClassDef):
            if any(known.get(_word(base)) == "Controller" for base in node.bases):
                yield node, node.name, "Controller"
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                function = decorator.func if isinstance(decorator, ast.Call) else decorator
                if mark := known.get(_word(function)):
                    yield node, node.name, mark
                    break


def _imported(nodes: Iterable[ast.AST]) -> dict[str, str]:
    """Local words for the decorators: `job`, `toolkit.job`, `litestar.get`, with `as` or without."""
    found: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module == "prikus.toolkit":
            found |= {alias.asname or alias.name: alias.name for alias in node.names if alias.name in MARKS}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "litestar":
            words = ROUTES | {"Controller"}
            found |= {alias.asname or alias.name: alias.name for alias in node.names if alias.name in words}
        elif isinstance(node, ast.ImportFrom) and node.module == "prikus":
            for alias in node.names:
                found |= {f"{alias.asname or alias.name}.{mark}": mark for mark in MARKS}
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name == "litestar":
                    found |= {f"{alias.asname or alias.name}.{word}": word for word in ROUTES | {"Controller"}}
    return found


def _word(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_word(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""
