"""Finding plugins and reading their rooms. Whatever is wrong stops the start with plugin, file and mend."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterable, Sequence
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

import msgspec

from prikus.data.base import Base
from prikus.data.history import History
from prikus.errors import Misconfigured
from prikus.host.declarations import Event, Job, Listener, Nothing
from prikus.host.manifest import Permission, Plugin, check_manifest

GROUP = "prikus.plugins"
AREAS = ("events", "clinics", "access", "ui", "references", "trash", "settings", "staff", "patients")
ROOMS = ("permissions", "events", "hookspecs", "models", "listeners", "jobs", "hooks", "pages", "api", "webhooks")


class Rooms(msgspec.Struct):
    """What one package, or one joining room, declares. `owners` are the plugins that must be effective together."""

    owners: tuple[str, ...]
    package: str
    modules: dict[str, ModuleType]
    prefix: str = ""

    def handlers(self, room: str) -> Sequence[Any]:
        module = self.modules.get(room)
        if module is None:
            return ()
        routes = getattr(module, "routes", None)
        if not isinstance(routes, list | tuple):
            if room.startswith("with_"):
                return ()
            raise Misconfigured(
                f"{module.__name__}: нет списка routes с обработчиками страниц; добавьте routes = [...]."
            )
        return routes


class Installed(msgspec.Struct):
    """Everything that is installed, in order: core first, then plugins by what they require."""

    plugins: dict[str, Plugin]
    rooms: list[Rooms]

    def histories(self) -> list[History]:
        """Migrations in the order in which they are run; a plugin without tables has none."""
        found = [History("core", folder_of("prikus.data") / "migrations")]
        owned = {table.schema for table in Base.metadata.tables.values()}
        for plugin in self.plugins.values():
            if plugin.id in owned:
                found.append(History(plugin.id, folder_of(plugin.package) / "migrations"))
        return found

    def folders(self, name: str) -> dict[str, Path]:
        """Existing folders called `name` (templates, static, locale) by owner: core areas and plugins."""
        places = {area: folder_of(f"prikus.{area}") for area in AREAS}
        places |= {plugin.id: folder_of(plugin.package) for plugin in self.plugins.values()}
        return {owner: place / name for owner, place in places.items() if (place / name).is_dir()}


def installed(entries: Iterable[EntryPoint] | None = None) -> Installed:
    """Load every installed plugin and all rooms, checked. Raises `Misconfigured`."""
    plugins = _order(_manifests(entry_points(group=GROUP) if entries is None else entries))
    rooms = [_rooms(("core",), f"prikus.{area}", area) for area in AREAS]
    for plugin in plugins.values():
        rooms.append(_rooms((plugin.id,), plugin.package, plugin.id))
        rooms.extend(_joining_rooms(plugin, plugins))
    return Installed(plugins, rooms)


def _manifests(entries: Iterable[EntryPoint]) -> dict[str, Plugin]:
    found: dict[str, Plugin] = {}
    for entry in sorted(entries, key=lambda e: e.name):
        try:
            plugin = entry.load()
        except Exception as error:
            raise Misconfigured(f"Плагин «{entry.name}» не загружается из {entry.value}: {error!r}") from error
        if not isinstance(plugin, Plugin):
            raise Misconfigured(f"Плагин «{entry.name}»: {entry.value} должен быть prikus.toolkit.Plugin.")
        check_manifest(plugin, entry.name, entry.module)
        if plugin.id in found:
            raise Misconfigured(f"Плагин «{plugin.id}» установлен дважды: удалите один из пакетов.")
        found[plugin.id] = plugin
    return found


def _order(found: dict[str, Plugin]) -> dict[str, Plugin]:
    ordered: dict[str, Plugin] = {}

    def place(plugin: Plugin, path: tuple[str, ...]) -> None:
        if plugin.id in path:
            raise Misconfigured(f"Плагины требуют друг друга по кругу: {' → '.join((*path, plugin.id))}.")
        for need in plugin.requires:
            if need not in found:
                raise Misconfigured(f"Плагин «{plugin.id}» требует «{need}», который не установлен.")
            place(found[need], (*path, plugin.id))
        ordered.setdefault(plugin.id, plugin)

    for plugin in found.values():
        place(plugin, ())
    return ordered


def folder_of(package: str) -> Path:
    spec = find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(next(iter(spec.submodule_search_locations)))


def _load(name: str) -> ModuleType | None:
    """The module, or None when there is none. An error inside it is an error."""
    if find_spec(name) is None:
        return None
    try:
        return importlib.import_module(name)
    except Misconfigured:
        raise
    except Exception as error:
        raise Misconfigured(f"Комната {name} не загружается: {error!r}. Исправьте её или удалите файл.") from error


def _rooms(owners: tuple[str, ...], package: str, prefix: str) -> Rooms:
    modules = {room: module for room in ROOMS if (module := _load(f"{package}.{room}")) is not None}
    return Rooms(owners, package, modules, prefix)


def _joining_rooms(plugin: Plugin, plugins: dict[str, Plugin]) -> Iterable[Rooms]:
    for info in pkgutil.iter_modules([str(folder_of(plugin.package))]):
        if not info.name.startswith("with_"):
            continue
        other = info.name.removeprefix("with_")
        if other not in plugin.enhances:
            raise Misconfigured(
                f"Плагин «{plugin.id}»: комната {info.name}.py есть, а «{other}» не назван в enhances манифеста."
            )
        if other in plugins:
            module = _load(f"{plugin.package}.{info.name}")
            assert module is not None
            yield Rooms((plugin.id, other), plugin.package, {info.name: module}, plugin.id)


def _is_of(module: ModuleType, value: Any) -> bool:
    """Whether it was defined in this room, which may be a folder, and not merely imported into it."""
    home = getattr(value, "__module__", None) or ""
    return home == module.__name__ or home.startswith(f"{module.__name__}.")


def members(module: ModuleType, mark: str) -> Iterable[tuple[str, Any]]:
    """Functions of this very room that carry the mark."""
    for name, value in vars(module).items():
        if _is_of(module, value) and hasattr(value, mark):
            yield name, value


def permissions(rooms: Rooms) -> Sequence[Permission]:
    module = rooms.modules.get("permissions")
    declared = getattr(module, "permissions", ()) if module else ()
    for permission in declared:
        if not isinstance(permission, Permission) or permission.section != rooms.prefix:
            raise Misconfigured(
                f"{rooms.package}.permissions: {permission!r} должно быть правом с кодом «{rooms.prefix}.…»."
            )
    return declared


def events(rooms: Rooms) -> Iterable[type[Event]]:
    module = rooms.modules.get("events")
    if module is None:
        return
    for value in vars(module).values():
        if inspect.isclass(value) and issubclass(value, Event) and _is_of(module, value):
            yield value


def listeners(rooms: Rooms) -> Iterable[Listener]:
    for module in rooms.modules.values():
        for name, function in members(module, "__prikus_listens__"):
            event, into = function.__prikus_listens__
            yield Listener(f"{rooms.prefix}.{name}", rooms.owners, event, into, function)


def jobs(rooms: Rooms) -> Iterable[Job]:
    for module in rooms.modules.values():
        for name, function in members(module, "__prikus_job__"):
            cron = function.__prikus_job__
            payload = Nothing if cron else get_type_hints(function).get("payload", Nothing)
            # `on_disable` runs when its plugin is already off.
            owners = ("core",) if name == "on_disable" else rooms.owners
            yield Job(f"{rooms.prefix}.{name}", owners, payload, function, cron)
