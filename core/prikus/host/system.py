"""Everything that is installed, put together once at the start of a process."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from importlib.metadata import EntryPoint
from typing import Any

from prikus.host import rooms as reading
from prikus.host.declarations import ANY_PATIENT_FACT, Event, Job, Listener, PatientFact, Receiver
from prikus.host.hooks import Hooks
from prikus.host.manifest import Permission, Plugin
from prikus.host.rights import check_described
from prikus.host.rooms import Installed, Rooms
from prikus.host.routes import check_routes
from prikus.host.rules import Report, in_function, in_module, refuse
from prikus.host.sources import check_sources
from prikus.host.tables import check_tables


class System:
    """The registry that every door asks: plugins, rights, events, listeners, jobs, hooks.

    Made by `System.load()`, which refuses to start with whatever breaks a rule (`rules.py`).
    """

    def __init__(self, installed: Installed, report: Report = refuse) -> None:
        self.installed = installed
        self.plugins: dict[str, Plugin] = installed.plugins
        self.hooks = Hooks({plugin.id: plugin.title for plugin in self.plugins.values()})
        self.permissions: dict[str, Permission] = {}
        self.events: dict[tuple[str, int], type[Event]] = {}
        self.listeners: dict[str, Listener] = {}
        self.jobs: dict[str, Job] = {}
        self.receivers: dict[str, Receiver] = {}
        self.owners_of_kind: dict[str, tuple[str, ...]] = {}
        for rooms in installed.rooms:
            self._declare(rooms, report)
        for rooms in installed.rooms:
            self._register(rooms, report)
        self.hooks.seal(report)
        self._check_rights(report)
        self._by_event = self._index_listeners()
        self.ordered_kinds = frozenset(one.kind for one in self.listeners.values() if one.is_ordered)

    @classmethod
    def load(
        cls, entries: Iterable[EntryPoint] | None = None, report: Report = refuse, *, with_texts: bool = True
    ) -> System:
        """Read what is installed and hold it against every rule. `report` decides whether the first finding ends it.

        Reading the texts of plugins takes 2 ms a file. Processes that start beside or after the web spare it.
        """
        system = cls(reading.installed(entries, report), report)
        check_routes(system.installed, report)
        check_tables(system.installed, report)
        check_described(system, report)
        if with_texts:
            check_sources(system, report)
        return system

    def _declare(self, rooms: Rooms, report: Report) -> None:
        for permission in reading.permissions(rooms, report):
            if permission.code in self.permissions:
                sentence = f"право «{permission.code}» объявлено дважды."
                report(in_module("P050", rooms.modules["permissions"], sentence, permission.code))
            self.permissions[permission.code] = permission
        for event in reading.events(rooms, report):
            if first := self.events.get((event.name, event.version)):
                sentence = f"событие «{event.name}» версии {event.version} объявлено и в {first.__module__}."
                report(in_module("P050", sys.modules[event.__module__], sentence, f'"{event.name}"'))
            self.events[event.name, event.version] = event
        if module := rooms.modules.get("hookspecs"):
            self.hooks.declare(module, report)

    def _register(self, rooms: Rooms, report: Report) -> None:
        for room, module in rooms.modules.items():
            if room == "hooks" or room.startswith("with_"):
                self.hooks.register(module, rooms.owners, report)
        for listener in reading.listeners(rooms, report):
            self._claim(self.listeners, listener, "слушатель", report)
        for receiver in reading.receivers(rooms, report):
            if receiver.kind in self.receivers:
                sentence = f"приёмник вебхуков «{receiver.kind}» объявлен дважды."
                report(in_module("P050", rooms.modules["webhooks"], sentence, receiver.kind))
            self.receivers[receiver.kind] = receiver
        for job in reading.jobs(rooms, report):
            self._claim(self.jobs, job, "задание", report)

    def _claim(self, table: dict[str, Any], one: Listener | Job, what: str, report: Report) -> None:
        if first := table.get(one.id):
            home = getattr(first.call, "__module__", "")
            report(in_function("P050", one.call, f"{what} «{one.id}» есть и в {home}."))
        table.setdefault(one.id, one)
        self.owners_of_kind[one.kind] = one.owners

    def _check_rights(self, report: Report) -> None:
        for plugin in self.plugins.values():
            for code in plugin.acts:
                if code not in self.permissions:
                    module = sys.modules[plugin.package]
                    report(in_module("P012", module, f"в acts названо неизвестное право «{code}».", f'"{code}"'))

    def _index_listeners(self) -> dict[str, tuple[str, ...]]:
        facts = {cls.name for cls in self.events.values() if issubclass(cls, PatientFact)}
        names = {name for name, _ in self.events}
        found: dict[str, list[str]] = {name: [] for name in names}
        for listener in self.listeners.values():
            for event in listener.hears:
                for name in facts if event == ANY_PATIENT_FACT else (event,):
                    found.setdefault(name, []).append(listener.kind)
        return {name: tuple(dict.fromkeys(kinds)) for name, kinds in found.items()}

    def listener_kinds(self, event: str) -> tuple[str, ...]:
        """Kinds of work that an event makes, one for each installed listener."""
        return self._by_event.get(event, ())

    def kinds(self) -> list[str]:
        """Every kind of work that this process knows how to do."""
        return list(self.owners_of_kind)

    def kinds_of(self, plugin_id: str) -> list[str]:
        return [kind for kind, owners in self.owners_of_kind.items() if plugin_id in owners]

    def job_of(self, function: Callable[..., Any]) -> Job:
        """The job that this function does."""
        return next(job for job in self.jobs.values() if job.call == function)

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
