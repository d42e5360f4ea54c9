"""Decorators and bases with which rooms declare what the host collects. They register nothing by themselves."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, Literal, TypeVar

import msgspec

Handler = Callable[..., Awaitable[None]]
F = TypeVar("F", bound=Callable[..., Any])
HOOK = "prikus"


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
    """A function called once for every event of one name, in a transaction of its own."""

    id: str
    owners: tuple[str, ...]
    event: str
    into: type[msgspec.Struct] | None
    call: Handler

    @property
    def kind(self) -> str:
        return f"listener:{self.id}"


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
    """Takes in what comes from outside for one kind of connection; `prikus.toolkit.Webhook` is its public form."""

    kind: ClassVar[str]
    payload: ClassVar[type[msgspec.Struct]]

    async def work(self, ctx: Any, payload: Any) -> None:
        """The job of a stored delivery."""
        raise NotImplementedError


class Nothing(msgspec.Struct, frozen=True):
    """The payload of a job that needs none."""


def listens(event: type[Event] | str, *, into: type[msgspec.Struct] | None = None) -> Callable[[F], F]:
    """Mark a coroutine `async def f(ctx, event)` as a listener.

    Give the event's class, or its name and a smaller struct of your own to decode it `into`. `"*"` hears
    every `PatientFact`, decoded into its own class.
    """

    def mark(function: F) -> F:
        name = event if isinstance(event, str) else event.name
        function.__prikus_listens__ = (name, into if isinstance(event, str) else event)  # type: ignore[attr-defined]
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
