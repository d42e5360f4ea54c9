"""Rights that are asked for: in the text of services and templates, and in what `describe` hooks return."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from prikus.host.manifest import RESERVED, Plugin
from prikus.host.rooms import folder_of
from prikus.host.rules import Finding, Report, in_function, plugin_of

if TYPE_CHECKING:
    from prikus.host.sources import Source
    from prikus.host.system import System

ASKING = ("require", "can")
DESCRIPTORS = ("MenuItem", "Tab", "SlotItem", "CardAction", "ShellPart", "TrashSection")
KEYWORDS = ("right", "permission")
CODE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+){2}")
IN_TEMPLATE = re.compile(r"\bcan\(\s*['\"]([^'\"]+)['\"]")


def check_rights(source: Source, plugin: Plugin, system: System, report: Report) -> None:
    """Every right that the file asks for is declared, and by somebody whom it may know."""
    other = source.room.removeprefix("with_") if source.room.startswith("with_") else None
    if source.room == "permissions" or (other and other not in system.plugins):
        return
    for node, code in _asked(source):
        if sentence := _wrong(code, plugin, other, system):
            rule, words = sentence
            report(source.found(rule, node, words))
    if not source.room:
        _check_templates(plugin, system, report)


def _wrong(code: str, plugin: Plugin, other: str | None, system: System) -> tuple[str, str] | None:
    if code not in system.permissions:
        return "P071", f"право «{code}» нигде не объявлено."
    section = code.split(".", 1)[0]
    known = {plugin.id, other, *RESERVED, *system.installed.required_by(plugin)}
    if section in system.plugins and section not in known:
        return "P072", f"право «{code}» объявлено плагином «{section}», которого нет в requires."
    return None


def _asked(source: Source) -> Iterator[tuple[ast.AST, str]]:
    constants = _constants(source.tree)
    for node in source.nodes:
        if isinstance(node, ast.Call):
            for argument in _arguments(node):
                for part in ast.walk(argument):
                    value = _text(part, constants)
                    if value is not None and (CODE.fullmatch(value) or _is_context(node.func)):
                        yield part, value


def _arguments(call: ast.Call) -> Iterator[ast.expr]:
    """Those arguments of a call that may name a right."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if isinstance(call.func, ast.Attribute) and name in ASKING:
        yield from call.args[:1]
    elif name in DESCRIPTORS:
        # Only what looks like a code counts: the others are titles and addresses.
        yield from call.args
        yield from (word.value for word in call.keywords if word.arg in KEYWORDS)
    else:
        yield from (word.value for word in call.keywords if word.arg in KEYWORDS)


def _is_context(function: ast.expr) -> bool:
    """`ctx.require`, `ctx.can`: whatever string stands there is meant as a right."""
    return (
        isinstance(function, ast.Attribute) and getattr(function.value, "id", "") == "ctx" and function.attr in ASKING
    )


def _constants(tree: ast.Module) -> dict[str, str]:
    """`VIEW = "tea.cup.view"` at the top of the module."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            found |= {target.id: node.value.value for target in node.targets if isinstance(target, ast.Name)}
    return found


def _text(node: ast.AST, constants: dict[str, str]) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return constants.get(node.id) if isinstance(node, ast.Name) else None


def _check_templates(plugin: Plugin, system: System, report: Report) -> None:
    folder = folder_of(plugin.package)
    for path in sorted(folder.rglob("templates/**/*.html")):
        file = f"{plugin.package}/{path.relative_to(folder).as_posix()}"
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            for code in IN_TEMPLATE.findall(line):
                if code not in system.permissions:
                    report(Finding(plugin.id, "P071", f"право «{code}» нигде не объявлено.", file, number))


def check_described(system: System, report: Report) -> None:
    """What `describe` hooks return: rights that exist, ids that nobody else uses."""
    taken: dict[tuple[str, str], str] = {}
    for name, call, descriptor in system.hooks.check_described(report):
        right, key = getattr(descriptor, "right", None), getattr(descriptor, "id", None)
        if right is not None and right not in system.permissions:
            report(in_function("P071", call, f"{name} называет право «{right}», которого никто не объявил."))
        if key is not None and (first := taken.setdefault((name, key), plugin_of(call.__module__))):
            owner = plugin_of(call.__module__)
            if first != owner:
                report(in_function("P050", call, f"в {name} «{key}» уже есть у «{first}»."))
