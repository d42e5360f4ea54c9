"""Asking plugins. pluggy registers and validates; the calls are ours (contract 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import structlog

from prikus.data.lending import LoanRefused, is_lent
from prikus.errors import Conflict, Problem
from prikus.host.asking import AnswerStuck, Asker, bounded
from prikus.host.breaker import OFF_SECONDS, Breaker, Place
from prikus.host.declarations import HookSpec
from prikus.host.registering import Implementation, Registry

log = structlog.get_logger("prikus.hooks")
MOST_CLINICS = 500


class Answer(msgspec.Struct, frozen=True):
    """What one plugin answered, or that it could not."""

    owner: str
    value: Any = None
    failed: bool = False


class Missing(msgspec.Struct, frozen=True):
    """What the page lacks because a module failed: the module's title and the hook's."""

    module: str
    what: str


class Hooks(Registry):
    """All hook specifications and implementations of what is installed. `titles` of plugins are for sentences."""

    def __init__(self, titles: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.breaker = Breaker()
        self._titles = titles or {}
        self._known: dict[int, tuple[int, dict[tuple[str, int], Sequence[Any]]]] = {}

    @property
    def kinds(self) -> Mapping[str, str]:
        """Kind of every declared hook by its name."""
        return {name: spec.kind for name, spec in self._specs.items()}

    def owners_of(self, name: str) -> list[tuple[str, ...]]:
        """Owners of each implementation, in the order of asking."""
        return [implementation.owners for implementation in self._implementations[name]]

    def describe(self, ctx: Asker, name: str, /, **values: Any) -> list[Any]:
        """Typed descriptors of effective plugins, flattened; no database.

        An implementation that fails, or answers with something else than the hook promises, is contained: logged,
        and noted in `ctx.missing`, which the page shows.
        """
        spec = self._specs[name]
        assert spec.kind == "describe", name
        found: list[Any] = []
        for implementation in self._effective(ctx, name):
            place = Place(ctx.clinic.id, implementation.owners[0], name)
            # What failed once in a request is not tried again in it.
            if (place.plugin, name) not in ctx.missing and not self.breaker.is_off(place):
                try:
                    found.extend(self._described_to(ctx, name, implementation, values))
                    continue
                except Exception as error:
                    self._note(place, error)
            ctx.missing[place.plugin, name] = Missing(self._title(place.plugin), spec.title or name)
        return found

    def describe_installed(self, name: str) -> list[Any]:
        """The same of every *installed* plugin, on or off, for what is about data and not about pages."""
        assert self._specs[name].kind == "describe", name
        found: list[Any] = []
        for implementation in self._implementations[name]:
            try:
                found.extend(self._described_by(name, implementation, {}))
            except Exception:
                log.exception("hook failed", hook=name, plugin=implementation.owners[0])
        return found

    def _described_to(
        self, ctx: Asker, name: str, implementation: Implementation, values: dict[str, Any]
    ) -> Sequence[Any]:
        """What is asked without anything said stays the same while the clinic's state does."""
        if implementation.accepts:
            return self._described_by(name, implementation, values)
        known, place = self._known_of(ctx), (name, id(implementation))
        if place not in known:
            known[place] = self._described_by(name, implementation, values)
        return known[place]

    def _known_of(self, ctx: Asker) -> dict[tuple[str, int], Sequence[Any]]:
        """What was described to the clinic in its present state."""
        version, known = self._known.get(ctx.clinic.id, (None, {}))
        if version != ctx.clinic.version:
            while len(self._known) >= MOST_CLINICS:
                del self._known[next(iter(self._known))]
            known = {}
            self._known[ctx.clinic.id] = ctx.clinic.version, known
        return known

    def _described_by(self, name: str, implementation: Implementation, values: dict[str, Any]) -> list[Any]:
        items = list(implementation.call(**{key: values[key] for key in implementation.accepts}))
        promised = self._described[name]
        for item in items:
            if not isinstance(item, promised):
                raise TypeError(f"{name} promises {promised.__name__}, not {item!r}")
        return items

    async def ask(self, ctx: Asker, name: str, /, **values: Any) -> list[Answer]:
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
        self, ctx: Asker, spec: HookSpec, implementation: Implementation, values: dict[str, Any]
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

    async def run_lifecycle(self, ctx: Asker, name: str, /, **values: Any) -> list[Answer]:
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

    def _effective(self, ctx: Asker, name: str) -> list[Implementation]:
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
