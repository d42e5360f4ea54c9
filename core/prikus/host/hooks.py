"""Asking plugins. pluggy registers and validates; the calls are ours (contract 4)."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any, Protocol

import msgspec
import pluggy
import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from prikus.errors import Misconfigured, Problem
from prikus.host.declarations import HOOK

log = structlog.get_logger("prikus.hooks")
ASK_TIMEOUT_MS = 2000
FORBIDDEN = ("hookwrapper", "wrapper", "tryfirst", "trylast")


class Asker(Protocol):
    """The part of a context that the dispatcher needs."""

    @property
    def db(self) -> AsyncSession: ...
    @property
    def statement_timeout_ms(self) -> int: ...
    def is_effective(self, owners: tuple[str, ...]) -> bool: ...


class Answer(msgspec.Struct, frozen=True):
    """What one plugin answered, or why it could not."""

    owner: str
    value: Any = None
    failed: bool = False


class _Implementation(msgspec.Struct, frozen=True):
    owners: tuple[str, ...]
    call: Callable[..., Any]
    accepts: tuple[str, ...]


class Hooks:
    """All hook specifications and implementations of what is installed."""

    def __init__(self) -> None:
        self._manager = pluggy.PluginManager(HOOK)
        self._kinds: dict[str, str] = {}
        self._owners: dict[str, tuple[str, ...]] = {}
        self._implementations: dict[str, list[_Implementation]] = {}

    def declare(self, module: ModuleType) -> None:
        for name, function in vars(module).items():
            kind = getattr(function, "__prikus_kind__", None)
            if kind:
                if name in self._kinds:
                    raise Misconfigured(f"Точка расширения «{name}» объявлена дважды, второй раз в {module.__name__}.")
                self._kinds[name] = kind
        self._manager.add_hookspecs(module)

    def register(self, module: ModuleType, owners: tuple[str, ...]) -> None:
        name = module.__name__
        self._owners[name] = owners
        try:
            self._manager.register(module, name)
        except pluggy.PluginValidationError as error:
            raise Misconfigured(f"{name}: {error}") from error

    def seal(self) -> None:
        """Refuse misspelt and over-clever implementations, then fix the order: core, then plugins as they depend."""
        try:
            self._manager.check_pending()
        except pluggy.PluginValidationError as error:
            raise Misconfigured(f"Неизвестная точка расширения: {error}. Проверьте имя функции в hooks.py.") from error
        for name, kind in self._kinds.items():
            caller = getattr(self._manager.hook, name)
            found = []
            for impl in caller.get_hookimpls():
                where = f"{impl.plugin_name}.{name}"
                if any(getattr(impl, option) for option in FORBIDDEN):
                    raise Misconfigured(f"{where}: обёртки и изменение порядка не поддерживаются.")
                if inspect.iscoroutinefunction(impl.function) != (kind != "describe"):
                    word = "обычной функцией" if kind == "describe" else "async def"
                    raise Misconfigured(f"{where}: точка расширения вида {kind} должна быть {word}.")
                place = list(self._owners).index(impl.plugin_name)
                owners = self._owners[impl.plugin_name]
                found.append((place, _Implementation(owners, impl.function, impl.argnames)))
            found.sort(key=lambda placed: placed[0])
            self._implementations[name] = [implementation for _, implementation in found]

    def describe(self, name: str, is_effective: Callable[[tuple[str, ...]], bool], **values: Any) -> list[Any]:
        """Typed descriptors of effective plugins, flattened. No database, no failure: descriptors are data."""
        assert self._kinds[name] == "describe", name
        found: list[Any] = []
        for implementation in self._implementations[name]:
            if is_effective(implementation.owners):
                found.extend(implementation.call(**{k: values[k] for k in implementation.accepts}))
        return found

    async def ask(self, ctx: Asker, name: str, **values: Any) -> list[Answer]:
        """Ask every effective plugin inside the caller's transaction, each in a savepoint of its own.

        A `Problem` raised by an implementation is its answer to the person and passes through; any other
        failure is contained, logged with the plugin's id and marked in the answer.
        """
        assert self._kinds[name] == "ask", name
        return [
            await self._ask_one(ctx, name, implementation, values)
            for implementation in self._implementations[name]
            if ctx.is_effective(implementation.owners)
        ]

    async def _ask_one(self, ctx: Asker, name: str, implementation: _Implementation, values: dict[str, Any]) -> Answer:
        owner = implementation.owners[0]
        given = {"ctx": ctx, **values}
        try:
            async with ctx.db.begin_nested():
                await ctx.db.execute(text(f"SET LOCAL statement_timeout = {ASK_TIMEOUT_MS}"))
                value = await implementation.call(**{k: given[k] for k in implementation.accepts})
                await ctx.db.flush()
                # Put back before the savepoint ends: an error of the database that the plugin kept to itself shows now,
                # while there is a savepoint to return to. Returning there puts the timeout back by itself.
                await ctx.db.execute(text(f"SET LOCAL statement_timeout = {ctx.statement_timeout_ms}"))
            return Answer(owner, value)
        except (Problem, asyncio.CancelledError):
            raise
        except Exception:
            log.exception("hook failed", hook=name, plugin=owner)
            return Answer(owner, failed=True)

    async def run_lifecycle(self, ctx: Asker, name: str, **values: Any) -> list[Answer]:
        """Call every *installed* plugin, on or off, in the caller's transaction. Any failure fails the whole.

        Data of a plugin that is off belong to the patient too, and half a merge is worse than none.
        """
        assert self._kinds[name] == "lifecycle", name
        given = {"ctx": ctx, **values}
        answers = []
        for implementation in self._implementations[name]:
            value = await implementation.call(**{k: given[k] for k in implementation.accepts})
            answers.append(Answer(implementation.owners[0], value))
        await ctx.db.flush()
        return answers
