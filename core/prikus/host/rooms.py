"""Finding plugins and reading their rooms. Whatever is wrong stops the start with plugin, file and mend."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import sys
import traceback
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

import msgspec

from prikus.data.base import Base
from prikus.data.history import History
from prikus.host.declarations import Event, Job, Listener, Nothing, Receiver
from prikus.host.manifest import Permission, Plugin, check_manifest
from prikus.host.rules import Finding, Report, file_of, in_function, in_module, plugin_of, refuse

GROUP = "prikus.plugins"
AREAS = (
    *("events", "clinics", "access", "ui", "connections", "files", "references", "trash", "settings", "staff"),
    *("developers", "patients"),
)
ROOMS = ("permissions", "events", "hookspecs", "models", "listeners", "jobs", "hooks", "pages", "api", "webhooks")
KNOWN = (
    *ROOMS,
    *("schemas", "settings", "services", "public", "demo", "fake", "testing"),
    *("migrations", "templates", "static", "locale"),
)
CRON = re.compile(r"[\w*/,-]+( [\w*/,-]+){4}")
EVENT = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")


class Rooms(msgspec.Struct):
    """What one package, or one joining room, declares. `owners` are the plugins that must be effective together."""

    owners: tuple[str, ...]
    package: str
    modules: dict[str, ModuleType]
    prefix: str = ""

    def handlers(self, room: str) -> Sequence[Any]:
        """The room's `routes`; what is wrong with them was said at the start."""
        return getattr(self.modules.get(room), "routes", ())


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

    def required_by(self, plugin: Plugin) -> list[str]:
        """All that the plugin cannot be without, directly or not."""
        found: list[str] = []
        for need in plugin.requires:
            found += [need, *self.required_by(self.plugins[need])]
        return found

    def folders(self, name: str) -> dict[str, Path]:
        """Existing folders called `name` (templates, static, locale) by owner: core areas and plugins."""
        places = {area: folder_of(f"prikus.{area}") for area in AREAS}
        places |= {plugin.id: folder_of(plugin.package) for plugin in self.plugins.values()}
        return {owner: place / name for owner, place in places.items() if (place / name).is_dir()}


def installed(entries: Iterable[EntryPoint] | None = None, report: Report = refuse) -> Installed:
    """Load every installed plugin and all rooms, checked. What cannot be loaded is reported and left out."""
    plugins = _order(_manifests(entry_points(group=GROUP) if entries is None else entries, report), report)
    rooms = [_rooms(("core",), f"prikus.{area}", area, report) for area in AREAS]
    for plugin in plugins.values():
        rooms.append(_rooms((plugin.id,), plugin.package, plugin.id, report))
        rooms.extend(_joining_rooms(plugin, plugins, report))
    return Installed(plugins, rooms)


def _manifests(entries: Iterable[EntryPoint], report: Report) -> dict[str, Plugin]:
    found: dict[str, Plugin] = {}
    for entry in sorted(entries, key=lambda e: e.name):
        try:
            plugin = entry.load()
        except Exception as error:
            file, line = _place_of(error, entry.module)
            report(Finding(entry.name, "P001", f"{entry.value} не загружается: {said(error)}.", file, line))
            continue
        if not isinstance(plugin, Plugin):
            report(in_module("P002", sys.modules[entry.module], f"{entry.value} – не prikus.toolkit.Plugin."))
            continue
        check_manifest(plugin, entry.name, entry.module, report)
        if plugin.id in found:
            report(Finding(plugin.id, "P009", f"плагин установлен дважды: {_packages_of(entry.name)}."))
        elif find_spec(plugin.package):
            found[plugin.id] = plugin
    return found


def _packages_of(name: str) -> str:
    """Distributions that bring an entry point of this name."""
    brought = (entry for entry in entry_points(group=GROUP) if entry.name == name and entry.dist)
    return " и ".join(sorted(f"{entry.dist.name} {entry.dist.version}" for entry in brought if entry.dist))


def _order(found: dict[str, Plugin], report: Report) -> dict[str, Plugin]:
    """By what they require. Who requires what is missing, or somebody in a circle, is left out."""
    ordered: dict[str, Plugin] = {}
    refused: set[str] = set()

    def place(plugin: Plugin, path: tuple[str, ...]) -> bool:
        if plugin.id in path:
            circle = " → ".join((*path[path.index(plugin.id) :], plugin.id))
            report(_of_manifest("P011", plugin, f"плагины требуют друг друга по кругу: {circle}.", "requires="))
            refused.update(path)
        for need in plugin.requires if plugin.id not in refused | ordered.keys() else ():
            if need not in found:
                report(_of_manifest("P010", plugin, f"требует «{need}», который не установлен.", "requires="))
            if need not in found or not place(found[need], (*path, plugin.id)):
                refused.add(plugin.id)
        if plugin.id in refused:
            return False
        ordered.setdefault(plugin.id, plugin)
        return True

    for plugin in found.values():
        place(plugin, ())
    return ordered


def _of_manifest(rule: str, plugin: Plugin, sentence: str, words: str) -> Finding:
    return in_module(rule, sys.modules[plugin.package], sentence, words)


def folder_of(package: str) -> Path:
    spec = find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(next(iter(spec.submodule_search_locations)))


def _load(name: str, report: Report) -> ModuleType | None:
    """The module, or None when there is none. An error inside it is an error, and not a missing room."""
    if find_spec(name) is None:
        return None
    try:
        return importlib.import_module(name)
    except Exception as error:
        file, line = _place_of(error, name)
        report(Finding(plugin_of(name), "P020", f"комната не загружается: {said(error)}.", file, line))
        return None


def said(error: BaseException) -> str:
    """An error as a part of a sentence, without the path that an `ImportError` ends with."""
    words = re.sub(r" \(/[^)]*\)$", "", str(error)).replace("\n", " ").rstrip(".")
    return f"{type(error).__name__}: {words}"


def _place_of(error: BaseException, module: str) -> tuple[str, int | None]:
    """The deepest place of the error inside the package of `module`, else the module itself."""
    package = module.split(".", 1)[0]
    if isinstance(error, SyntaxError) and error.filename and f"/{package}/" in error.filename:
        return f"{package}/{error.filename.rsplit(f'/{package}/', 1)[1]}", error.lineno
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if f"/{package}/" in frame.filename:
            return f"{package}/{frame.filename.rsplit(f'/{package}/', 1)[1]}", frame.lineno
    spec = find_spec(package) and find_spec(module)
    return file_of(module, spec.origin if spec else None), None


def _rooms(owners: tuple[str, ...], package: str, prefix: str, report: Report) -> Rooms:
    if owners != ("core",):
        _check_names(package, report)
    modules = {room: module for room in ROOMS if (module := _load(f"{package}.{room}", report)) is not None}
    return Rooms(owners, package, modules, prefix)


def _check_names(package: str, report: Report) -> None:
    """A room with a slip in its name would never be found."""
    for info in pkgutil.iter_modules([str(folder_of(package))]):
        if info.name in KNOWN or info.name.startswith("with_"):
            continue
        if meant := get_close_matches(info.name, KNOWN, n=1, cutoff=0.8):
            file = f"{package}/{info.name}{'/__init__' if info.ispkg else ''}.py"
            report(Finding(plugin_of(package), "P021", f"комнаты «{info.name}» нет, есть «{meant[0]}».", file))


def _joining_rooms(plugin: Plugin, plugins: dict[str, Plugin], report: Report) -> Iterable[Rooms]:
    for info in pkgutil.iter_modules([str(folder_of(plugin.package))]):
        if not info.name.startswith("with_"):
            continue
        other = info.name.removeprefix("with_")
        if other not in plugin.enhances:
            file = f"{plugin.package}/{info.name}.py"
            report(Finding(plugin.id, "P022", f"комната для «{other}», которого нет в enhances.", file))
        elif other in plugins and (module := _load(f"{plugin.package}.{info.name}", report)):
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


def permissions(rooms: Rooms, report: Report = refuse) -> Sequence[Permission]:
    """The room's rights; a wrong one is reported and left out."""
    module = rooms.modules.get("permissions")
    if module is None:
        return ()
    declared = getattr(module, "permissions", None)
    if not isinstance(declared, list | tuple):
        report(in_module("P023", module, "нет списка permissions с правами."))
        return ()
    found = []
    for permission in declared:
        if not isinstance(permission, Permission):
            words = permission if isinstance(permission, str) else "permissions ="
            report(in_module("P023", module, f"{permission!r} в permissions – не Permission.", words))
        elif permission.section != rooms.prefix:
            sentence = f"право «{permission.code}» начинается не с «{rooms.prefix}.»."
            report(in_module("P070", module, sentence, permission.code))
        else:
            found.append(permission)
    return found


def events(rooms: Rooms, report: Report = refuse) -> Iterable[type[Event]]:
    """The room's events; those that nobody names are bases of others."""
    module = rooms.modules.get("events")
    if module is None:
        return
    for value in vars(module).values():
        if inspect.isclass(value) and issubclass(value, Event) and _is_of(module, value) and value.name:
            if not EVENT.fullmatch(value.name):
                sentence = f"имя события «{value.name}» – не слова через точку, как «invoice.issued»."
                report(in_module("P023", module, sentence, value.name))
            yield value


def listeners(rooms: Rooms, report: Report = refuse) -> Iterable[Listener]:
    for module in rooms.modules.values():
        for name, function in members(module, "__prikus_listens__"):
            hears, is_ordered = function.__prikus_listens__
            if _is_coroutine(function, "слушатель", report):
                yield Listener(f"{rooms.prefix}.{name}", rooms.owners, hears, function, is_ordered)


def jobs(rooms: Rooms, report: Report = refuse) -> Iterable[Job]:
    for module in rooms.modules.values():
        for name, function in members(module, "__prikus_job__"):
            cron = function.__prikus_job__
            if cron is not None and not CRON.fullmatch(cron):
                report(in_function("P023", function, f"«{cron}» – не расписание из пяти полей."))
            elif _is_coroutine(function, "задание", report):
                payload = Nothing if cron else get_type_hints(function).get("payload", Nothing)
                # `on_disable` runs when its plugin is already off.
                owners = ("core",) if name == "on_disable" else rooms.owners
                talks = getattr(function, "__prikus_outgoing__", False)
                yield Job(f"{rooms.prefix}.{name}", owners, payload, function, cron, talks)
    for receiver in receivers(rooms, report):
        if receiver.payload is not None:
            yield Job(f"{rooms.prefix}.webhook.{receiver.kind}", rooms.owners, receiver.payload, receiver.work)


def _is_coroutine(function: Any, what: str, report: Report) -> bool:
    if not inspect.iscoroutinefunction(function):
        report(in_function("P023", function, f"{what} {function.__name__} – не async def."))
        return False
    return True


def receivers(rooms: Rooms, report: Report = refuse) -> Sequence[Receiver]:
    """What the room `webhooks` lists."""
    module = rooms.modules.get("webhooks")
    if module is None:
        return ()
    listed = getattr(module, "webhooks", None)
    if not isinstance(listed, list | tuple) or not all(isinstance(one, Receiver) for one in listed):
        report(in_module("P023", module, "нет списка webhooks с приёмниками: webhooks = [MyWebhook()].", "webhooks"))
        return ()
    return listed
