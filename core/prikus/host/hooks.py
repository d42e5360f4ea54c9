"""Asking plugins. pluggy registers and validates; the calls are ours (contract 4)."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, get_args, get_type_hints

import msgspec
import pluggy
import structlog

from prikus.data.lending import LoanRefused, is_lent
from prikus.errors import Conflict, Misconfigured, Problem
from prikus.host.asking import AnswerStuck, Asker, bounded
from prikus.host.breaker import OFF_SECONDS, Breaker, Place
from prikus.host.declarations import HOOK, HookSpec

log = structlog.get_logger("prikus.hooks")
FORBIDDEN = ("hookwrapper", "wrapper", "tryfirst", "trylast")


class Answer(msgspec.Struct, frozen=True):
    """What one plugin answered, or that it could not."""

    owner: str
    value: Any = None
    failed: bool = False


class Missing(msgspec.Struct, frozen=True):
    """What the page lacks because a module failed: the module's title and the hook's."""

    module: str
    what: str


class _Implementation(msgspec.Struct, frozen=True):
    owners: tuple[str, ...]
    call: Callable[..., Any]
    accepts: tuple[str, ...]


class Hooks:
    """All hook specifications and implementations of what is installed. `titles` of plugins are for sentences."""

    def __init__(self, titles: Mapping[str, str] | None = None) -> None:
        self.breaker = Breaker()
        self._titles = titles or {}
        self._manager = pluggy.PluginManager(HOOK)
        self._specs: dict[str, HookSpec] = {}
        self._described: dict[str, type] = {}
        self._owners: dict[str, tuple[str, ...]] = {}
        self._implementations: dict[str, list[_Implementation]] = {}

    def declare(self, module: ModuleType) -> None:
        for name, function in vars(module).items():
            spec: HookSpec | None = getattr(function, "__prikus_hook__", None)
            if spec is None:
                continue
            where = f"{module.__name__}.{name}"
            if name in self._specs:
                raise Misconfigured(f"Точка расширения «{name}» объявлена дважды, второй раз в {module.__name__}.")
            if spec.veto and (spec.kind != "ask" or not spec.title):
                raise Misconfigured(
                    f'{where}: veto бывает только у вида ask и называет, что проверяется: title="можно ли …".'
                )
            self._specs[name] = spec
            if spec.kind == "describe":
                self._described[name] = _item_type(function, where)
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
        for name, spec in self._specs.items():
            caller = getattr(self._manager.hook, name)
            found = []
            for impl in caller.get_hookimpls():
                where = f"{impl.plugin_name}.{name}"
                if any(getattr(impl, option) for option in FORBIDDEN):
                    raise Misconfigured(f"{where}: обёртки и изменение порядка не поддерживаются.")
                if inspect.iscoroutinefunction(impl.function) != (spec.kind != "describe"):
                    word = "обычной функцией" if spec.kind == "describe" else "async def"
                    raise Misconfigured(f"{where}: точка расширения вида {spec.kind} должна быть {word}.")
                place = list(self._owners).index(impl.plugin_name)
                owners = self._owners[impl.plugin_name]
                found.append((place, _Implementation(owners, impl.function, impl.argnames)))
            found.sort(key=lambda placed: placed[0])
            self._implementations[name] = [implementation for _, implementation in found]

    @property
    def kinds(self) -> Mapping[str, str]:
        """Kind of every declared hook by its name."""
        return {name: spec.kind for name, spec in self._specs.items()}

    def owners_of(self, name: str) -> list[tuple[str, ...]]:
        """Owners of each implementation, in the order of asking."""
        return [implementation.owners for implementation in self._implementations[name]]

    def describe(self, ctx: Asker, name: str, **values: Any) -> list[Any]:
        """Typed descriptors of effective plugins, flattened; no database.

        An implementation that fails, or answers with something else than the hook promises, is contained: logged,
        and noted in `ctx.missing`, which the page shows.
        """
        spec = self._specs[name]
        assert spec.kind == "describe", name
        found: list[Any] = []
        for implementation in self._effective(ctx, name):
            place = Place(ctx.clinic.id, implementation.owners[0], name)
            if not self.breaker.is_off(place):
                try:
                    found.extend(self._described_by(name, implementation, values))
                    continue
                except Exception as error:
                    self._note(place, error)
            ctx.missing[place.plugin, name] = Missing(self._title(place.plugin), spec.title or name)
        return found

    def _described_by(self, name: str, implementation: _Implementation, values: dict[str, Any]) -> list[Any]:
        items = list(implementation.call(**{key: values[key] for key in implementation.accepts}))
        promised = self._described[name]
        for item in items:
            if not isinstance(item, promised):
                raise TypeError(f"{name} promises {promised.__name__}, not {item!r}")
        return items

    async def ask(self, ctx: Asker, name: str, **values: Any) -> list[Answer]:
        """Ask every effective plugin inside the caller's transaction, each in a savepoint and a time of its own.

        A failure is contained, logged with the plugin's id and marked in the answer. A veto raises `Conflict` with
        the sentence of the plugin that refuses, or that a plugin could not be asked.
        """
        spec = self._specs[name]
        assert spec.kind == "ask", name
        if is_lent(ctx.db):
            raise LoanRefused("an answer cannot ask others")
        ctx.note_ask()
        # What the asker itself has begun fails as its own error, not as the first plugin's.
        await ctx.db.flush()
        return [await self._ask_one(ctx, spec, implementation, values) for implementation in self._effective(ctx, name)]

    async def _ask_one(
        self, ctx: Asker, spec: HookSpec, implementation: _Implementation, values: dict[str, Any]
    ) -> Answer:
        place = Place(ctx.clinic.id, implementation.owners[0], spec.name)
        given = {"ctx": ctx, **values}
        answer = Answer(place.plugin, failed=True)
        if not self.breaker.is_off(place):
            try:
                answer = Answer(
                    place.plugin,
                    await bounded(ctx, lambda: implementation.call(**{k: given[k] for k in implementation.accepts})),
                )
            except AnswerStuck:
                raise
            except Problem as problem:
                if spec.veto:
                    raise
                log.warning("hook refused", hook=place.hook, plugin=place.plugin, sentence=problem.sentence)
            except Exception as error:
                self._note(place, error)
        if spec.veto:
            self._refuse(spec, answer)
        return answer

    async def run_lifecycle(self, ctx: Asker, name: str, **values: Any) -> list[Answer]:
        """Call every *installed* plugin, on or off, in the caller's transaction. Any failure fails the whole.

        Data of a plugin that is off belong to the patient too, and half a merge is worse than none.
        """
        assert self._specs[name].kind == "lifecycle", name
        given = {"ctx": ctx, **values}
        answers = []
        for implementation in self._implementations[name]:
            value = await implementation.call(**{k: given[k] for k in implementation.accepts})
            answers.append(Answer(implementation.owners[0], value))
        await ctx.db.flush()
        return answers

    def _refuse(self, spec: HookSpec, answer: Answer) -> None:
        if answer.failed:
            raise Conflict(
                f"Не удалось проверить, {spec.title}: модуль «{self._title(answer.owner)}» не отвечает. "
                "Повторите через несколько минут."
            )
        if answer.value:
            raise Conflict(str(answer.value))

    def _effective(self, ctx: Asker, name: str) -> list[_Implementation]:
        return [one for one in self._implementations[name] if ctx.is_effective(one.owners)]

    def _title(self, owner: str) -> str:
        return self._titles.get(owner, owner)

    def _note(self, place: Place, error: Exception) -> None:
        """One line with plugin and hook, and the breaker's count."""
        is_off = self.breaker.fail(place)
        log.error(
            "hook failed",
            hook=place.hook,
            plugin=place.plugin,
            clinic=place.clinic_id,
            off_for_seconds=OFF_SECONDS if is_off else 0,
            exc_info=error,
        )


def _item_type(function: Callable[..., Any], where: str) -> type:
    """`MenuItem` of a hook that says `-> list[MenuItem]`."""
    found = get_args(get_type_hints(function).get("return"))
    if len(found) != 1 or not isinstance(found[0], type):
        raise Misconfigured(f"{where}: точка расширения вида describe возвращает список одного типа: -> list[…].")
    return found[0]
