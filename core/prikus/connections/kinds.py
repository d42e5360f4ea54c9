"""What a plugin declares of a service that it connects: fields, how it is tried, what its webhooks mean."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Generic, TypeVar

import msgspec

S = TypeVar("S", bound=msgspec.Struct)


class Secret(str):
    """A value that is sealed in the database, never shown again, and hides itself from logs."""

    def __repr__(self) -> str:
        return "Secret(…)"

    def reveal(self) -> str:
        """The value as a plain string, for the one place that sends it."""
        return str.__str__(self)


class ConnectionField(msgspec.Struct, frozen=True):
    """How a field of the settings is asked for. `choices` are (value, text).

    `shows_end` lets the last four signs of a kept secret be seen, so that people know which one it is.
    """

    name: str
    label: str
    hint: str | None = None
    is_secret: bool = False
    is_required: bool = True
    choices: tuple[tuple[str, str], ...] = ()
    shows_end: bool = False


class OpenConnection(msgspec.Struct, Generic[S], frozen=True):
    """A connection ready to be used: its settings with the secrets in clear. `webhook_url` is its own address."""

    id: int
    plugin_id: str
    kind: str
    title: str
    state: str
    branch_id: int | None
    settings: S
    webhook_url: str | None = None


class Connected(msgspec.Struct, frozen=True):
    """A successful attempt: `sentence` is shown to the person («Найдено 4 сотрудника»)."""

    sentence: str


class ConnectionKind(msgspec.Struct, frozen=True, kw_only=True):
    """A service that clinics connect in «API Интеграции» (SET-06).

    `settings` is a struct of strings, `Secret` where it must not be shown; `fields` say how each is asked for.
    `connect(ctx, connection)` really tries, without an open transaction, and returns `Connected`; a `Problem` is the
    answer to the person. `disconnect` undoes what connecting did at the provider. `many` allows several, each with a
    title of its own and a branch. `shows_address` is False where `connect` itself tells the provider the address.
    """

    id: str
    plugin_id: str
    title: str
    summary: str
    settings: type[msgspec.Struct]
    fields: tuple[ConnectionField, ...]
    connect: Callable[[Any, OpenConnection[Any]], Awaitable[Connected]]
    disconnect: Callable[[Any, OpenConnection[Any]], Awaitable[None]] | None = None
    many: bool = False
    has_webhook: bool = False
    shows_address: bool = True
    help: tuple[str, ...] = ()
    icon: str = "plug"


class Arrived(msgspec.Struct, frozen=True):
    """A request of a provider as it came in, at `at`. Names of headers are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    at: dt.datetime = msgspec.field(default_factory=lambda: dt.datetime.now(dt.UTC))


class Reply(msgspec.Struct, frozen=True):
    """What the provider is told."""

    status: int = 200
    body: str = ""
    content_type: str = "text/plain; charset=utf-8"


OK = Reply()
