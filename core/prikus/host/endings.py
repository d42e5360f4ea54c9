"""What of the contract ends, and with which release: announced a release before, told by checks and at the start.

Nothing breaks by it: an old name of the toolkit still leads where it led, and warns.
"""

from __future__ import annotations

import ast
import inspect
import warnings
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from typing import Any, Literal

import msgspec
import structlog

from prikus.host.declarations import Event
from prikus.host.rules import Finding, in_function
from prikus.host.sources import Source, sources
from prikus.host.system import System

log = structlog.get_logger("prikus.endings")
RULE = "W001"


class Ending(msgspec.Struct, frozen=True):
    """`name` of the toolkit, a `hook`, a `parameter` (hook.parameter) or a `field` (event.field).

    It works until `release`. `instead` is a Russian sentence for its users. A name leads to `target`, module:attribute.
    """

    what: Literal["name", "hook", "parameter", "field"]
    name: str
    release: str
    instead: str
    target: str = ""

    @property
    def sentence(self) -> str:
        titles = {"name": "имя prikus.toolkit", "hook": "точка", "parameter": "параметр точки", "field": "поле события"}
        return f"{titles[self.what]} «{self.name}» работает до выпуска {self.release}. {self.instead}"


ENDINGS: list[Ending] = []
"""The contract's own, as `docs/changelog-api.md` lists them."""


def old_name(name: str) -> Any:
    """What a name that ends leads to. Warns; raises `AttributeError` for one that never was or is gone."""
    for ending in ENDINGS:
        if (ending.what, ending.name) == ("name", name):
            warnings.warn(ending.sentence, DeprecationWarning, stacklevel=3)
            module, _, attribute = ending.target.partition(":")
            return getattr(import_module(module), attribute)
    raise AttributeError(f"module 'prikus.toolkit' has no attribute {name!r}")


def found_endings(system: System, endings: Sequence[Ending] | None = None) -> list[Finding]:
    """Where installed plugins use what ends. Reads no text when nothing does."""
    known = ENDINGS if endings is None else endings
    if not known:
        return []
    found = [*_of_hooks(system, known), *_of_listeners(system, known)]
    if names := {ending.name: ending for ending in known if ending.what == "name"}:
        for plugin in system.plugins.values():
            for source in sources(plugin, lambda _: None):
                found += _of_text(source, names)
    return list(dict.fromkeys(found))


def tell_endings(system: System) -> None:
    """A line of the log for each of them, when a process starts."""
    for finding in found_endings(system):
        log.warning("ends soon", plugin=finding.plugin, file=finding.file, line=finding.line, what=finding.sentence)


def _of_hooks(system: System, known: Iterable[Ending]) -> Iterator[Finding]:
    hooks = {ending.name: ending for ending in known if ending.what == "hook"}
    parameters = {ending.name: ending for ending in known if ending.what == "parameter"}
    for hook, call in system.hooks.implementations():
        function = inspect.unwrap(call)
        taken = [f"{hook}.{parameter}" for parameter in inspect.signature(function).parameters]
        for ending in (*_picked(hooks, [hook]), *_picked(parameters, taken)):
            yield in_function(RULE, function, ending.sentence)


def _of_listeners(system: System, known: Iterable[Ending]) -> Iterator[Finding]:
    """By the fields of the struct that a fact is decoded into, or by what is read of the event's own class."""
    fields = {ending.name: ending for ending in known if ending.what == "field"}
    for listener in system.listeners.values():
        for event, into in listener.hears.items():
            code = inspect.unwrap(listener.call).__code__
            if into is None or issubclass(into, Event):
                read: Iterable[str] = code.co_names
            else:
                read = [field.name for field in msgspec.structs.fields(into)]
            for ending in _picked(fields, [f"{event}.{field}" for field in read]):
                yield in_function(RULE, listener.call, ending.sentence)


def _of_text(source: Source, names: dict[str, Ending]) -> Iterator[Finding]:
    for node in source.nodes:
        if isinstance(node, ast.ImportFrom) and node.module == "prikus.toolkit":
            used = [alias.name for alias in node.names]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "toolkit":
            used = [node.attr]
        else:
            continue
        for ending in _picked(names, used):
            yield source.found(RULE, node, ending.sentence)


def _picked(known: dict[str, Ending], names: Iterable[str]) -> list[Ending]:
    return [known[name] for name in names if name in known]


def endings_table(endings: Iterable[Ending]) -> str:
    """The list as the documentation has it."""
    rows = [f"| `{one.name}` | {one.release} | {one.instead} |" for one in endings]
    return "\n".join(("| Что | До выпуска | Вместо него |", "|---|---|---|", *rows)) if rows else "Ничего."
