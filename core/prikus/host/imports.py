"""Who may import whom, read from the text: the toolkit, `public` of others, rooms in their order (contract 1)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from prikus.host.manifest import Plugin
from prikus.host.rules import Report

if TYPE_CHECKING:
    from prikus.host.sources import Source

ORDER = (
    *("schemas", "events", "permissions", "settings", "hookspecs", "models", "services", "jobs", "listeners"),
    *("hooks", "pages", "api", "webhooks", "public", "with_", "demo", "testing"),
)
DYNAMIC = ("import_module", "__import__")


def check_imports(source: Source, plugin: Plugin, report: Report) -> None:
    for node, target in _imports(source):
        top, *inside = target.split(".")
        if top == plugin.package:
            _check_order(source, node, inside, report)
        elif top == "prikus":
            _check_core(source, node, target, inside, report)
        elif top.startswith("prikus_"):
            _check_other(source, plugin, node, target, report)


def _imports(source: Source) -> Iterator[tuple[ast.AST, str]]:
    """Every imported module by its full name; a name taken from a package may be a module of it."""
    for node in source.nodes:
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(source, node)
            is_package = "." not in base
            yield from ((node, f"{base}.{alias.name}" if is_package else base) for alias in node.names)
        elif isinstance(node, ast.Call) and _word(node.func) in DYNAMIC and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield node, first.value


def _base(source: Source, node: ast.ImportFrom) -> str:
    """The module of `from … import`, relative ones made full."""
    if not node.level:
        return node.module or ""
    here = source.module.split(".")
    up = node.level - (source.path.name == "__init__.py")
    parts = here[: len(here) - up] if up else here
    return ".".join((*parts, node.module)) if node.module else ".".join(parts)


def _word(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _check_core(source: Source, node: ast.AST, target: str, inside: list[str], report: Report) -> None:
    is_test = source.room in ("tests", "testing") or source.path.name.startswith(("test_", "conftest"))
    allowed = ("toolkit", "testing") if is_test else ("toolkit", "fakes") if source.room == "fake" else ("toolkit",)
    if inside[:1] and inside[0] not in allowed:
        report(source.found("P060", node, f"импортируется {target}."))
    elif not inside:
        report(source.found("P060", node, "импортируется prikus целиком."))


def _check_other(source: Source, plugin: Plugin, node: ast.AST, target: str, report: Report) -> None:
    top, *inside = target.split(".")
    other = top.removeprefix("prikus_")
    if other in plugin.requires:
        known = inside[:1] == ["public"]
    elif other in plugin.enhances:
        known = inside[:1] == ["public"] and source.room == f"with_{other}"
    else:
        known = False
    if not known:
        report(source.found("P061", node, f"импортируется {target}."))


def _check_order(source: Source, node: ast.AST, inside: list[str], report: Report) -> None:
    mine, theirs = _place(source.room), _place(inside[0] if inside else "")
    if mine is not None and theirs is not None and source.room != inside[0] and theirs >= mine:
        report(source.found("P062", node, f"комната {source.room} импортирует комнату {inside[0]}."))


def _place(room: str) -> int | None:
    room = "with_" if room.startswith("with_") else room
    return ORDER.index(room) if room in ORDER else None
