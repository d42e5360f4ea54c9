"""Which hooks there are and who answers them. pluggy registers and validates; what breaks a rule is reported."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from types import ModuleType
from typing import Any, get_args, get_type_hints

import msgspec
import pluggy

from prikus.host import tracing
from prikus.host.declarations import HOOK, HookSpec
from prikus.host.rules import Finding, Report, in_function, in_module, refuse

FORBIDDEN = ("hookwrapper", "wrapper", "tryfirst", "trylast")


class Implementation(msgspec.Struct, frozen=True):
    owners: tuple[str, ...]
    call: Callable[..., Any]
    accepts: tuple[str, ...]


class Registry:
    """Specifications and implementations of what is installed: `declare` all, `register` all, then `seal`."""

    def __init__(self) -> None:
        self._manager = pluggy.PluginManager(HOOK)
        self._specs: dict[str, HookSpec] = {}
        self._declared: dict[str, Callable[..., Any]] = {}
        self._described: dict[str, type] = {}
        self._owners: dict[str, tuple[str, ...]] = {}
        self._implementations: dict[str, list[Implementation]] = {}

    def declare(self, module: ModuleType, report: Report = refuse) -> None:
        for name, function in vars(module).items():
            spec: HookSpec | None = getattr(function, "__prikus_hook__", None)
            if spec is None:
                continue
            if first := self._declared.get(name):
                report(in_function("P050", function, f"точка расширения «{name}» уже объявлена в {first.__module__}."))
                return
            if spec.veto and (spec.kind != "ask" or not spec.title):
                report(in_function("P035", function, f"у вето {name} нет title, или его вид – {spec.kind}."))
            self._specs[name] = spec
            self._declared[name] = function
            if spec.kind == "describe":
                self._described[name] = _item_type(function, report)
        try:
            self._manager.add_hookspecs(module)
        except ValueError:
            report(in_module("P023", module, "в hookspecs нет ни одной точки расширения @hookspec."))

    def register(self, module: ModuleType, owners: tuple[str, ...], report: Report = refuse) -> None:
        self._owners[module.__name__] = owners
        try:
            self._manager.register(module, module.__name__)
        except pluggy.PluginValidationError as error:
            report(self._unfit(module, error))

    def _unfit(self, module: ModuleType, error: pluggy.PluginValidationError) -> Finding:
        """Which function it was: the first that asks for what its hook does not give."""
        for name, spec in self._declared.items():
            function = vars(module).get(name)
            options = getattr(function, f"{HOOK}_impl", None)
            if options and any(options[option] for option in FORBIDDEN):
                return in_function("P032", function, f"{name} оборачивает других или меняет порядок.")
            if options and function:
                given = set(inspect.signature(spec).parameters)
                if extra := sorted(set(inspect.signature(function).parameters) - given):
                    has = f"есть {', '.join(sorted(given))}" if given else "параметров нет"
                    return in_function("P031", function, f"у точки {name} нет {', '.join(extra)}, {has}.")
        return in_module("P031", module, f"{error}".replace("\n", " "))

    def seal(self, report: Report = refuse) -> None:
        """Refuse misspelt and over-clever implementations, then fix the order: core, then plugins as they depend."""
        places = {name: place for place, name in enumerate(self._owners)}
        for name, caller in vars(self._manager.hook).items():
            fit = [impl for impl in caller.get_hookimpls() if self._is_fit(name, impl, report)]
            fit.sort(key=lambda impl: places[impl.plugin_name])
            self._implementations[name] = [self._implementation(name, impl) for impl in fit]

    def _implementation(self, name: str, impl: pluggy.HookImpl) -> Implementation:
        owners = self._owners[impl.plugin_name]
        call = tracing.traced(name, owners[0], impl.function) if tracing.is_asked_for() else impl.function
        return Implementation(owners, call, impl.argnames)

    def _is_fit(self, name: str, impl: pluggy.HookImpl, report: Report) -> bool:
        spec = self._specs.get(name)
        if spec is None:
            near = get_close_matches(name, self._specs, n=1)
            hint = f", есть «{near[0]}»" if near else ""
            report(in_function("P030", impl.function, f"точки расширения «{name}» нет{hint}."))
        elif any(getattr(impl, option) for option in FORBIDDEN):
            report(in_function("P032", impl.function, f"{name} оборачивает других или меняет порядок."))
        elif inspect.iscoroutinefunction(impl.function) != (spec.kind != "describe"):
            word = "обычной функцией" if spec.kind == "describe" else "async def"
            report(in_function("P033", impl.function, f"{name} вида {spec.kind} должна быть {word}."))
        else:
            return True
        return False

    def implementations(self) -> Iterator[tuple[str, Callable[..., Any]]]:
        """Every implementation with the name of its hook."""
        for name, found in self._implementations.items():
            yield from ((name, one.call) for one in found)

    def check_described(self, report: Report = refuse) -> Iterator[tuple[str, Callable[..., Any], Any]]:
        """Ask every implementation of a `describe` hook that needs nothing to answer; yield its descriptors."""
        for name, call in self.implementations():
            if name not in self._described or inspect.signature(call).parameters:
                continue
            promised = self._described[name]
            try:
                answer = inspect.unwrap(call)()  # a check at the start is nothing to trace
            except Exception as error:
                report(in_function("P034", call, f"{name} не отвечает: {type(error).__name__}: {error}."))
                continue
            if not isinstance(answer, list | tuple) or not all(isinstance(one, promised) for one in answer):
                report(in_function("P034", call, f"{name} вернула {answer!r}, а нужен список {promised.__name__}."))
            else:
                yield from ((name, call, one) for one in answer)


def _item_type(function: Callable[..., Any], report: Report) -> type:
    """`MenuItem` of a hook that says `-> list[MenuItem]`."""
    found = get_args(get_type_hints(function).get("return"))
    if len(found) == 1 and isinstance(found[0], type):
        return found[0]
    report(in_function("P035", function, f"{function.__name__} вида describe не говорит, список чего она возвращает."))
    return object
