"""`docs/plugins/reference.md`, written from the code: every hook, event and name of the toolkit.

`python -m tests.contract.kit.reference` writes it anew.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, get_origin

import msgspec

from prikus import toolkit
from prikus.host.declarations import HOOK, Event
from prikus.host.rooms import Rooms
from prikus.host.system import System

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "plugins" / "reference.md"
HEAD = """# Reference

Written from the code by `python -m tests.contract.kit.reference`; a test compares. How to use it all:
[index](README.md).
"""


def written(system: System) -> str:
    parts = [HEAD, "## Hooks\n", *_hooks(system), "## Events\n", *_events(system), "## Toolkit\n", *_toolkit()]
    return "\n".join(parts).rstrip() + "\n"


def specs_of(system: System) -> Iterator[tuple[Rooms, Any]]:
    """Every declared hook with the rooms that declare it."""
    for rooms in system.installed.rooms:
        for value in _own(rooms.modules.get("hookspecs")):
            if hasattr(value, f"{HOOK}_spec"):
                yield rooms, value


def events_of(system: System) -> Iterator[tuple[Rooms, type[Event]]]:
    for rooms in system.installed.rooms:
        for value in _own(rooms.modules.get("events")):
            if isinstance(value, type) and issubclass(value, Event) and value.name:
                yield rooms, value


def _own(module: ModuleType | None) -> list[Any]:
    return (
        [] if module is None else [v for v in vars(module).values() if getattr(v, "__module__", "") == module.__name__]
    )


def _hooks(system: System) -> Iterator[str]:
    for rooms, function in specs_of(system):
        known = function.__prikus_hook__
        yield f"### {function.__name__}\n"
        yield f"`{_signature(function)}`\n"
        kind = known.kind + (", veto" if known.veto else "")
        yield f"Kind: {kind}. Declared by {_place(function, rooms.package)}.{_answered(system, function.__name__)}\n"
        yield f"{_said(function)}\n"


def _answered(system: System, name: str) -> str:
    """Links to those of ours that answer the hook, two at most."""
    found = []
    for rooms in system.installed.rooms:
        modules = [module for module in rooms.modules.values() if hasattr(module, name)]
        for module in modules:
            function = getattr(module, name)
            if hasattr(function, f"{HOOK}_impl") and function.__module__ == module.__name__:
                found.append(_place(function, rooms.package))
    return f" Answered by {' and '.join(found[-2:])}." if found else ""


def _events(system: System) -> Iterator[str]:
    for rooms, event in events_of(system):
        fields = ", ".join(f"{field.name}: {_type(field.type)}" for field in msgspec.structs.fields(event))
        yield f"### {event.name}\n"
        yield f"`{event.__name__}({fields})`, version {event.version}, told by {_place(event, rooms.package)}.\n"
        yield f"{_said(event)}\n"


def _toolkit() -> Iterator[str]:
    yield "| Name | What it is |"
    yield "|---|---|"
    for name in toolkit.__all__:
        value = getattr(toolkit, name)
        yield f"| `{name}{_short(value)}` | {_first(value)} |"


def _short(value: Any) -> str:
    """The signature of a function, from `from __future__` annotations as they were written."""
    return _parameters(value).replace("|", "\\|") if inspect.isfunction(value) else ""


def _first(value: Any) -> str:
    """The first sentence of its own docstring; a constant shows itself."""
    said = value.__dict__.get("__doc__") if isinstance(value, type) else getattr(value, "__doc__", None)
    if isinstance(value, str | int | float | tuple):
        return f"`{value!r}`"
    if get_origin(value) is Annotated:
        return f"A parameter of routes: «{value.__metadata__[0].description}»"
    lines = inspect.cleandoc(said or "").split("\n\n")[0]
    return " ".join(lines.split()).replace("|", "\\|") or "—"


def _signature(function: Any) -> str:
    start = "async def" if inspect.iscoroutinefunction(function) else "def"
    return f"{start} {function.__name__}{_parameters(function)}"


def _parameters(function: Any) -> str:
    """As they were written: annotations without the quotes that `from __future__ import annotations` gives them."""
    return re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(inspect.signature(function)))


def _type(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) and not hasattr(hint, "__origin__") else str(hint)


def _said(thing: Any) -> str:
    return inspect.cleandoc(thing.__doc__ or "")


def _place(thing: Any, package: str) -> str:
    """A link to the file that declares it."""
    path = Path(inspect.getfile(thing)).relative_to(ROOT)
    return f"[{package.removeprefix('prikus_').removeprefix('prikus.')}](../../{path.as_posix()})"


if __name__ == "__main__":
    PAGE.write_text(written(System.load()), "utf-8")
