"""What a plugin answers at once at the address of a connection: to services that read from us and wait."""

from __future__ import annotations

import hmac
from typing import Any, ClassVar

import msgspec

from prikus.connections.kinds import Arrived, OpenConnection, Reply, Secret
from prikus.errors import Problem
from prikus.host.declarations import Receiver

SCHEMES = frozenset({"bearer", "token"})


class Answerer(Receiver):
    """Answers requests at the address of a connection with data: subclass it in `webhooks.py`, list it in `webhooks`.

    For a service that reads from us or waits for «принято», such as a booking channel; what may wait is a `Webhook`.
    `answer` runs in one transaction as the plugin, with the rights of its `acts`; whatever it raises rolls it back and
    is told by `refuse`. While the plugin is off it is 404, while the connection is not connected 403: never stored.
    """

    kind: ClassVar[str]
    max_bytes: ClassVar[int] = 64 * 1024

    def verify(self, arrived: Arrived, settings: Any) -> bool:
        """Whether it is from whom it says; `settings` are the fields by name, secrets in clear. Touches no database."""
        raise NotImplementedError

    async def answer(self, ctx: Any, connection: OpenConnection[Any], arrived: Arrived) -> Reply:
        """Do what is asked and say so. Its transaction is committed before the answer leaves."""
        raise NotImplementedError

    def refuse(self, problem: Problem) -> Reply:
        """How the service is told what we refuse: `problem.status` with `{"error": …}`, unless it wants other words."""
        return json_reply({"error": problem.sentence}, problem.status)


def json_reply(value: Any, status: int = 200) -> Reply:
    """A `Reply` of JSON."""
    return Reply(status, msgspec.json.encode(value).decode(), "application/json")


def shows_token(arrived: Arrived, kept: Secret | str | None) -> bool:
    """Whether `Authorization: Bearer …` or `Token …` shows the token that is kept; compared in constant time."""
    scheme, _, given = arrived.headers.get("authorization", "").partition(" ")
    known = scheme.lower() in SCHEMES and bool(kept)
    return hmac.compare_digest(given.strip().encode(), str.__str__(kept or "").encode()) and known
