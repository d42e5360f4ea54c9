"""Messages to people, and the queues of the connections that they go over."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import Integer, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from prikus.toolkit import PERSONAL, Instant, QueueHead, TenantModel, UnitCost, index, one_of, ref, unique

STATES = ("queued", "sending", "accepted", "delivered", "failed", "unknown")


class MessageChannel(QueueHead, TenantModel):
    """The queue of a connection, made when its first message is due."""

    __table_args__ = (unique("connection_id"),)
    connection_id: Mapped[int] = ref("core.connection", on_delete="CASCADE")


class OutboundMessage(TenantModel):
    """A message to `address` (E.164), whose number at the provider is our `id`. `state` only goes forward.

    `parts` are ours until the provider says its own, `cost` is in roubles. `next_at` is when to send it, or to ask
    for it, None for never by itself; `tries` counts requests about the present state, `tried_at` is when it was sent
    last. What has not been sent by `expires_at` is not sent any more.
    """

    __table_args__ = (
        one_of("state", *STATES),
        one_of("purpose", "service", "mailing"),
        index("created_at", "id"),
        index("address", "created_at"),
        index("state", "created_at"),
        index("patient_id", "created_at"),
        index("connection_id", "next_at", where="next_at is not null"),
        index("connection_id", "external_id"),
        index("changed_xid", "id"),
    )
    connection_id: Mapped[int | None] = ref("core.connection", optional=True)
    patient_id: Mapped[int | None] = ref("core.patient", optional=True)
    purpose: Mapped[str] = mapped_column(Text, server_default="service")
    address: Mapped[str] = mapped_column(Text, comment=PERSONAL)
    text: Mapped[str] = mapped_column(Text, comment=PERSONAL)
    parts: Mapped[int] = mapped_column(Integer)
    cost: Mapped[Decimal | None] = mapped_column(UnitCost)
    state: Mapped[str] = mapped_column(Text, server_default="queued")
    external_id: Mapped[str | None] = mapped_column(Text)
    error: Mapped[str | None] = mapped_column(Text)
    tries: Mapped[int] = mapped_column(Integer, server_default="0")
    next_at: Mapped[dt.datetime | None] = mapped_column(Instant, server_default=func.now())
    tried_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    expires_at: Mapped[dt.datetime] = mapped_column(Instant)
    sent_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    final_at: Mapped[dt.datetime | None] = mapped_column(Instant)
