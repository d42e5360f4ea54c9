"""Where a clinic's facts are sent to, what was sent, and how each attempt ended (API-02)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Integer, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from prikus.data.base import TenantModel, index, ref, unique
from prikus.data.types import Instant, one_of


class WebhookEndpoint(TenantModel):
    """An address that hears facts. `events` are their names; secrets are sealed with the clinic's key.

    `failed` was switched off by us after every pause had passed; `off` by a person.
    """

    __table_args__ = (one_of("state", "on", "off", "failed"),)
    title: Mapped[str] = mapped_column(Text)
    url: Mapped[str] = mapped_column(Text)
    events: Mapped[list[str]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text, server_default="on")
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    previous_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    previous_until: Mapped[dt.datetime | None] = mapped_column(Instant)


class WebhookMessage(TenantModel):
    """One fact for one address, with one `webhook-id` for all attempts. A test has no `event_id`.

    `attempts` counts those of this round; a person's «ещё раз» begins a new one.
    """

    __table_args__ = (
        one_of("state", "waiting", "delivered", "failed"),
        unique("endpoint_id", "event_id"),
        index("endpoint_id", "id"),
        index("created_at"),
    )
    endpoint_id: Mapped[int] = ref("core.webhook_endpoint", on_delete="CASCADE")
    event_id: Mapped[int | None] = mapped_column(BigInteger)
    event: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default="waiting")
    attempts: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    round: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    next_at: Mapped[dt.datetime | None] = mapped_column(Instant)


class WebhookAttempt(TenantModel):
    """How one attempt ended: the answer's status, or why there was none. No contents."""

    __table_args__ = (index("message_id"),)
    message_id: Mapped[int] = ref("core.webhook_message", on_delete="CASCADE")
    status: Mapped[int | None] = mapped_column(Integer)
    milliseconds: Mapped[int] = mapped_column(Integer)
    error: Mapped[str | None] = mapped_column(Text)
