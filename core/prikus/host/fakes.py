"""The room `fake` of plugins: providers that are played on this machine, for tests, the demo and development."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

from prikus.host.manifest import Plugin


def fakes_of(plugins: Iterable[Plugin]) -> dict[str, ModuleType]:
    """Rooms by plugin. Each has `build()`, which gives an ASGI application, and `HOST` or `HOSTS`, whom it plays."""
    names = ((plugin.id, f"{plugin.package}.fake") for plugin in plugins)
    rooms = {id: import_module(name) for id, name in names if find_spec(name)}
    return {id: room for id, room in rooms.items() if hasattr(room, "build")}


def hosts_of(room: ModuleType) -> tuple[str, ...]:
    """The hosts that a fake plays; none for one that only sends to us."""
    return tuple(getattr(room, "HOSTS", ())) or ((room.HOST,) if hasattr(room, "HOST") else ())


def played_at(url: str, plugins: Iterable[Plugin]) -> dict[str, str]:
    """Host → address, when all fakes answer at `url`, each under its plugin's id (`prikus fakes`)."""
    return {host: f"{url}/{id}" for id, room in fakes_of(plugins).items() for host in hosts_of(room)}
