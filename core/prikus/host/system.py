"""Everything that is installed, put together once at the start of a process."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from prikus.errors import Misconfigured
from prikus.host import rooms as reading
from prikus.host.declarations import Event, Job, Listener, PatientFact
from prikus.host.hooks import Hooks
from prikus.host.manifest import Permission, Plugin
from prikus.host.rooms import Installed, Rooms


class System:
    """The registry that every door asks: plugins, rights, events, listeners, jobs, hooks.

    Made by `System.load()`; raises `Misconfigured` with one sentence when something installed is wrong.
    """

    def __init__(self, installed: Installed) -> None:
        self.installed = installed
        self.plugins: dict[str, Plugin] = installed.plugins
        self.hooks = Hooks({plugin.id: plugin.title for plugin in self.plugins.values()})
        self.permissions: dict[str, Permission] = {}
        self.events: dict[tuple[str, int], type[Event]] = {}
        self.listeners: dict[str, Listener] = {}
        self.jobs: dict[str, Job] = {}
        self.owners_of_kind: dict[str, tuple[str, ...]] = {}
        for rooms in installed.rooms:
            self._declare(rooms)
        for rooms in installed.rooms:
            self._register(rooms)
        self.hooks.seal()
        self._check_rights()
        self._by_event = self._index_listeners()

    @classmethod
    def load(cls) -> System:
        return cls(reading.installed())

    def _declare(self, rooms: Rooms) -> None:
        for permission in reading.permissions(rooms):
            self._claim(self.permissions, permission.code, permission, "Право")
        for event in reading.events(rooms):
            if event.name:
                self._claim(self.events, (event.name, event.version), event, "Событие")
        if module := rooms.modules.get("hookspecs"):
            self.hooks.declare(module)

    def _register(self, rooms: Rooms) -> None:
        for room, module in rooms.modules.items():
            if room == "hooks" or room.startswith("with_"):
                self.hooks.register(module, rooms.owners)
        for listener in reading.listeners(rooms):
            self._claim(self.listeners, listener.id, listener, "Слушатель")
            self.owners_of_kind[listener.kind] = listener.owners
        for job in reading.jobs(rooms):
            self._claim(self.jobs, job.id, job, "Задание")
            self.owners_of_kind[job.kind] = job.owners

    @staticmethod
    def _claim(table: dict[Any, Any], key: Any, value: Any, what: str) -> None:
        if key in table:
            raise Misconfigured(f"{what} «{key}» объявлено дважды: {table[key]!r} и {value!r}. Переименуйте одно.")
        table[key] = value

    def _check_rights(self) -> None:
        for plugin in self.plugins.values():
            if unknown := [code for code in plugin.acts if code not in self.permissions]:
                raise Misconfigured(f"Плагин «{plugin.id}»: в acts названы неизвестные права: {', '.join(unknown)}.")

    def _index_listeners(self) -> dict[str, tuple[str, ...]]:
        facts = {cls.name for cls in self.events.values() if issubclass(cls, PatientFact)}
        names = {name for name, _ in self.events}
        found: dict[str, list[str]] = {name: [] for name in names}
        for listener in self.listeners.values():
            for name in facts if listener.event == "*" else (listener.event,):
                found.setdefault(name, []).append(listener.kind)
        return {name: tuple(kinds) for name, kinds in found.items()}

    def listener_kinds(self, event: str) -> tuple[str, ...]:
        """Kinds of work that an event makes, one for each installed listener."""
        return self._by_event.get(event, ())

    def kinds(self) -> list[str]:
        """Every kind of work that this process knows how to do."""
        return list(self.owners_of_kind)

    def kinds_of(self, plugin_id: str) -> list[str]:
        return [kind for kind, owners in self.owners_of_kind.items() if plugin_id in owners]

    def dependants(self, plugin_id: str) -> list[Plugin]:
        """Plugins that cannot work without this one, nearest first."""
        found: list[Plugin] = []
        gone = {plugin_id}
        for plugin in self.plugins.values():
            if gone & set(plugin.requires):
                gone.add(plugin.id)
                found.append(plugin)
        return found

    def effective(self, entitled: Iterable[str], enabled: Iterable[str]) -> frozenset[str]:
        """Installed ∧ entitled ∧ enabled ∧ all requirements effective (contract 3). The core always is."""
        on = {"core"}
        wanted = set(entitled) & set(enabled)
        for plugin in self.plugins.values():
            if plugin.id in wanted and on.issuperset(plugin.requires):
                on.add(plugin.id)
        return frozenset(on)
