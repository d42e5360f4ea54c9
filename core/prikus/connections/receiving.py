"""What a plugin does with what comes in at the address of a connection."""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec
from sqlalchemy import select

from prikus.access.context import Context
from prikus.connections.kinds import OK, Arrived, OpenConnection, Reply
from prikus.connections.models import Connection, WebhookDelivery
from prikus.connections.services.opening import open_connection
from prikus.host.declarations import Receiver

SINCE_OFF = "Интеграцию отключили раньше, чем это было обработано."


class DeliveryRef(msgspec.Struct, frozen=True):
    """The payload of the job that works a stored delivery."""

    delivery_id: int


class Webhook(Receiver):
    """What comes in at the address of a connection: subclass it in `webhooks.py` and list it in `webhooks`.

    `refusal`, `verify`, `kept` and `external_id` see the raw bytes before anything is stored and must not touch the
    database; `handle` runs later, in the worker's transaction, once for each `external_id`.

    `proves_life`: what is verified makes the connection «Работает» and takes its error away. False where it says
    nothing of that: words that nobody signs, or a service whose money may be gone while it still tells of the past.
    """

    kind: ClassVar[str]
    max_bytes: ClassVar[int] = 256 * 1024
    proves_life: ClassVar[bool] = True
    payload: ClassVar[type[msgspec.Struct] | None] = DeliveryRef

    def verify(self, arrived: Arrived, settings: Any) -> bool:
        """Whether it comes from whom it says. Without a signature the secret address is all there is."""
        return True

    def refusal(self, arrived: Arrived) -> Reply | None:
        """The answer to what is no message at all, such as one with too many fields; None looks at it further."""
        return None

    def kept(self, arrived: Arrived, settings: Any) -> Arrived:
        """What is stored: without a key that came among the fields or headers."""
        return arrived

    def external_id(self, arrived: Arrived) -> str | None:
        """The provider's own number of this fact; None takes the hash of the whole request."""
        return None

    def is_probe(self, arrived: Arrived) -> bool:
        """A test of the address: answered, noted as a sign of life, not stored."""
        return False

    def reply(self, arrived: Arrived) -> Reply:
        """The answer when it is stored (or was before)."""
        return OK

    async def work(self, ctx: Context, payload: DeliveryRef) -> None:
        """The job of a stored delivery: handled and marked as done in one transaction."""
        query = select(WebhookDelivery).where(WebhookDelivery.id == payload.delivery_id)
        row = await ctx.db.scalar(query.where(WebhookDelivery.state == "stored"))
        if row is None:
            return
        connection = await ctx.load(Connection, row.connection_id)
        if connection.state == "off":
            row.state, row.note = "ignored", SINCE_OFF
            return
        arrived = Arrived(row.method, row.path, row.query, row.headers, row.body, row.created_at)
        row.note = await self.handle(ctx, await open_connection(ctx, row.connection_id), arrived)
        row.state = "ignored" if row.note else "done"

    async def handle(self, ctx: Any, connection: OpenConnection[Any], arrived: Arrived) -> str | None:
        """Work it; words why it is ignored, or None. An error puts it off, after the last try to the dead letters."""
        raise NotImplementedError
