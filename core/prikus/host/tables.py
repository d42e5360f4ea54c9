"""The tables of plugins, wherever in its package a plugin declares them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from sqlalchemy import Table

from prikus.data.base import Base
from prikus.data.rules import breaches_of
from prikus.host.manifest import Plugin
from prikus.host.rooms import Installed
from prikus.host.rules import Finding, Report, file_of


def check_tables(installed: Installed, report: Report) -> None:
    """Hold every table of every plugin against the rules of isolation."""
    seen: set[int] = {id(mapper.local_table) for mapper in Base.registry.mappers}
    for plugin in installed.plugins.values():
        reachable = frozenset(("core", plugin.id, *installed.required_by(plugin)))
        for module, name, table in _tables_of(plugin, seen):
            for breach in breaches_of(table, plugin.id, reachable):
                line = _line_of(module, name, breach.column)
                file = file_of(module.__name__, module.__file__)
                report(Finding(plugin.id, breach.rule, breach.sentence, file, line))


def _tables_of(plugin: Plugin, seen: set[int]) -> Iterator[tuple[ModuleType, str, Table]]:
    """Models and bare tables that the plugin's modules declare: where, under which name.

    `seen` has the tables of models, which are met with their model, and of the plugins before this one.
    """
    for name in sorted(name for name in sys.modules if name.startswith(f"{plugin.package}.")):
        module = sys.modules[name]
        for word, value in list(vars(module).items()):
            if isinstance(value, Table) and id(value) not in seen:
                seen.add(id(value))
                yield module, word, value
            elif isinstance(value, type) and value.__module__ == name:
                table = getattr(value, "__table__", None)
                if isinstance(table, Table):
                    yield module, word, table


def _line_of(module: ModuleType, name: str, column: str | None) -> int | None:
    """The line of the column below the table's name, else that of the name."""
    assert module.__file__ is not None
    lines = Path(module.__file__).read_text("utf-8").splitlines()
    start = _first(lines, 0, f"class {name}(", f"{name} = ")
    if start is None or column is None:
        return start
    return _first(lines, start, f" {column}:", f" {column} =") or _first(lines, start, f'"{column}"') or start


def _first(lines: list[str], after: int, *words: str) -> int | None:
    """The number of the first line after `after` that has one of the words."""
    return next((n for n, line in enumerate(lines, 1) if n > after and any(word in line for word in words)), None)
