"""What the text of a plugin says without being run: whole package, also what nobody has imported yet."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from prikus.host.imports import check_imports
from prikus.host.manifest import Plugin
from prikus.host.orphans import check_orphans
from prikus.host.rights import check_rights
from prikus.host.rooms import folder_of
from prikus.host.rules import Finding, Report

if TYPE_CHECKING:
    from prikus.host.system import System

VIEW = re.compile(
    r"\bcreate\s+(or\s+replace\s+)?(temp(orary)?\s+|recursive\s+|materialized\s+)*view\s+(?P<name>[\w.\"]+)",
    re.IGNORECASE,
)
ENUM = re.compile(r"\bcreate\s+type\s+(?P<name>[\w.\"]+)\s+as\s+enum\b", re.IGNORECASE)


class Source(NamedTuple):
    """One file of a package. `room` is the first name below the package, empty for its `__init__`."""

    plugin: str
    module: str
    room: str
    path: Path
    file: str
    tree: ast.Module
    nodes: list[ast.AST]

    def found(self, rule: str, node: ast.AST, sentence: str) -> Finding:
        return Finding(self.plugin, rule, sentence, self.file, getattr(node, "lineno", None))


def check_sources(system: System, report: Report) -> None:
    """Imports, rights, declarations outside their rooms and SQL of every plugin."""
    for plugin in system.plugins.values():
        read = list(sources(plugin, report))
        for source in read:
            check_imports(source, plugin, report)
            check_rights(source, plugin, system, report)
            if source.room == "migrations":
                _check_sql(source, report)
        check_orphans(read, plugin, system, report)
        _check_sql_files(plugin, report)


def sources(plugin: Plugin, report: Report) -> Iterator[Source]:
    """Every Python file of the package, parsed."""
    folder = folder_of(plugin.package)
    for path in sorted(folder.rglob("*.py")):
        inside = path.relative_to(folder).with_suffix("").parts
        names = inside[:-1] if inside[-1] == "__init__" else inside
        file = f"{plugin.package}/{path.relative_to(folder).as_posix()}"
        try:
            tree = ast.parse(path.read_text("utf-8"), str(path))
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None)
            report(Finding(plugin.id, "P020", f"файл не читается: {error.args[0]}.", file, line))
            continue
        module, room = ".".join((plugin.package, *names)), names[0] if names else ""
        yield Source(plugin.id, module, room, path, file, tree, list(ast.walk(tree)))


def _check_sql(source: Source, report: Report) -> None:
    """A migration makes no view and no enumeration, in SQL or in SQLAlchemy's words."""
    for node in source.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for rule, sentence, _ in _forbidden(node.value):
                report(source.found(rule, node, sentence))
        elif isinstance(node, ast.Call) and _name_of(node.func) in ("Enum", "ENUM"):
            is_native = not any(word.arg == "native_enum" for word in node.keywords)
            if is_native:
                report(source.found("P084", node, "миграция создаёт перечисление PostgreSQL."))


def _check_sql_files(plugin: Plugin, report: Report) -> None:
    folder = folder_of(plugin.package)
    for path in sorted(folder.rglob("*.sql")):
        text = path.read_text("utf-8")
        for rule, sentence, place in _forbidden(text):
            file = f"{plugin.package}/{path.relative_to(folder).as_posix()}"
            report(Finding(plugin.id, rule, sentence, file, 1 + text.count("\n", 0, place)))


def _forbidden(sql: str) -> Iterator[tuple[str, str, int]]:
    for match in VIEW.finditer(sql):
        yield "P086", f"создаётся представление {match['name']}.", match.start()
    for match in ENUM.finditer(sql):
        yield "P084", f"создаётся перечисление {match['name']}.", match.start()


def _name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
