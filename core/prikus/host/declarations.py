"""Decorators and bases with which rooms declare what the host collects. They register nothing by themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar, Literal, TypeVar

import msgspec

Handler = Callable[..., Awaitable[None]]
F = TypeVar("F", bound=Callable[..., Any])
HOOK = "prikus"
ANY_PATIENT_FACT = "*"
EVERYTHING = "**"
"""`@listens(EVERYTHING, into=…)` hears every fact that somebody outside has asked for."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A fact told to whoever listens. Subclasses set `name` (dotted) and carry plain values.

    Inside a version only new optional fields may be added; listeners ignore fields that they do not know.
    """

    name: ClassVar[str] = ""
    version: ClassVar[int] = 1


class FeedLine(msgspec.Struct, frozen=True):
    """A line of «События пациента»: what happened in a few words, a detail, where to look."""

    title: str
    text: str | None = None
    href: str | None = None
    icon: str = "history"


class PatientFact(Event, frozen=True, kw_only=True):
    """A fact about one patient: it also becomes a line of the patient's feed (PAT-17)."""

    patient_id: int

    def feed_line(self) -> FeedLine:
        raise NotImplementedError


class Listener(msgspec.Struct, frozen=True):
    """A function called once for every event that it hears, in a transaction of its own.

    `hears` says by the event's name what it is decoded into; None is the event's own class.
    """

    id: str
    owners: tuple[str, ...]
    hears: Mapping[str, type[msgspec.Struct] | None]
    call: Handler
    is_ordered: bool = False

    @property
    def kind(self) -> str:
        return f"listener:{self.id}"

    def into(self, event: str) -> type[msgspec.Struct] | None:
        """What a fact of this name is decoded into."""
        return next((self.hears[name] for name in (event, ANY_PATIENT_FACT, EVERYTHING) if name in self.hears), None)


class Job(msgspec.Struct, frozen=True):
    """Work done later by a worker. `payload` is the struct that it is called with."""

    id: str
    owners: tuple[str, ...]
    payload: type[msgspec.Struct]
    call: Handler
    cron: str | None = None
    is_outgoing: bool = False

    @property
    def kind(self) -> str:
        return f"job:{self.id}"


class Receiver:
    """Takes in what comes from outside for one kind of connection: `Webhook` and `Answerer` are its public forms.

    With a `payload` it is worked later, by a job.
    """

    kind: ClassVar[str]
    payload: ClassVar[type[msgspec.Struct] | None] = None

    async def work(self, ctx: Any, payload: Any) -> None:
        """The job of a stored delivery."""
        raise NotImplementedError


class Nothing(msgspec.Struct, frozen=True):
    """The payload of a job that needs none."""


def listens(
    *events: type[Event] | str, into: type[msgspec.Struct] | None = None, ordered: bool = False
) -> Callable[[F], F]:
    """Mark a coroutine `async def f(ctx, event)` as a listener, once, with all that it hears.

    Give events' classes, or names and a smaller struct of your own to decode them `into`. `"*"` hears every
    `PatientFact`, decoded into its own class; `ctx.cause.name` says what was heard.

    With `ordered=True` this listener hears what concerns one aggregate (the row given to `ctx.emit`) one after the
    other, in the order of its `row_version`s, whatever the names; the next waits until the one before is done or
    dropped. Other listeners and other aggregates do not wait.
    """

    def mark(function: F) -> F:
        if hasattr(function, "__prikus_listens__"):
            raise TypeError(f"{function.__name__}: name everything that it hears in one @listens(…)")
        hears = {e if isinstance(e, str) else e.name: into if isinstance(e, str) else e for e in events}
        function.__prikus_listens__ = (hears, ordered)  # type: ignore[attr-defined]
        return function

    return mark


def job(function: F) -> F:
    """Mark `async def f(ctx, payload: MyStruct)` as a job; `ctx.enqueue(f, payload)` asks for it."""
    function.__prikus_job__ = None  # type: ignore[attr-defined]
    return function


def outgoing(function: F) -> F:
    """Mark a job, under `@job` or `@scheduled`, that talks to the outside world.

    Its `ctx` has no open transaction: what it reads and writes goes through `async with ctx.unit() as own:`, and no
    transaction waits for the network (reliability 22). It may run again after a crash at any point: store your own
    `external_id` before you send.
    """
    function.__prikus_outgoing__ = True  # type: ignore[attr-defined]
    return function


def scheduled(cron: str) -> Callable[[F], F]:
    """Mark `async def f(ctx)` to be run for every clinic where its plugin is effective, by the clinic's own clock.

    `cron` has five fields in UTC.
    """

    def mark(function: F) -> F:
        function.__prikus_job__ = cron  # type: ignore[attr-defined]
        return function

    return mark


HookKind = Literal["describe", "ask", "lifecycle"]


class HookSpec(msgspec.Struct, frozen=True):
    """What the dispatcher knows of a hook."""

    name: str
    kind: HookKind
    title: str
    veto: bool


def hookspec(kind: HookKind, *, title: str = "", veto: bool = False) -> Callable[[F], F]:
    """Declare a hook in `hookspecs.py`; its docstring says when it is called and what may be returned.

    `title` is what people read when an implementation fails: what is missing from the page («вкладки карты») or, for
    a veto, what could not be checked («можно ли выставить счёт»). A `veto` is an `ask` whose implementations return a
    sentence that refuses, or None; one that fails refuses too, so that nothing is let through by a fault.
    """

    def mark(function: F) -> F:
        setattr(function, f"{HOOK}_spec", {"firstresult": False, "historic": False, "warn_on_impl": None})
        function.__prikus_hook__ = HookSpec(function.__name__, kind, title, veto)  # type: ignore[attr-defined]
        return function

    return mark


def hookimpl(function: F) -> F:
    """Answer a hook of the same name."""
    options = dict.fromkeys(("hookwrapper", "wrapper", "optionalhook", "tryfirst", "trylast"), False)
    setattr(function, f"{HOOK}_impl", {**options, "specname": None})
    return function
