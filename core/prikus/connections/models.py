"""What connects a clinic with the outside world, what came in from there, what was sent."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Integer, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from prikus.data.base import GlobalModel, TenantModel, index, ref, unique
from prikus.data.types import Instant, one_of

WORKS = ("on", "failing")
"""States of a connection that works, or that should and is tried again."""


class ClinicKey(TenantModel):
    """The data key of a clinic, wrapped by the installation's master key `master` (reliability 46)."""

    __table_args__ = (unique("master"),)
    master: Mapped[str] = mapped_column(Text)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)


class Connection(TenantModel):
    """An integration that a clinic has set up (SET-06). `settings` holds what is no secret, by field.

    `settings_version` grows when a person saves; signs of life are no reason to call a form stale.
    `new` was never connected, `on` works, `failing` worked and does not now (`error` says why), `off` was disconnected.
    """

    __table_args__ = (one_of("state", "new", "on", "failing", "off"), unique("kind", "title"))
    plugin_id: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    branch_id: Mapped[int | None] = ref("core.branch", optional=True)
    settings: Mapped[dict[str, object]] = mapped_column(JSONB, server_default=text("'{}'"))
    settings_version: Mapped[int] = mapped_column(Integer, server_default="1")
    state: Mapped[str] = mapped_column(Text, server_default="new")
    note: Mapped[str | None] = mapped_column(Text)
    error: Mapped[str | None] = mapped_column(Text)
    succeeded_at: Mapped[dt.datetime | None] = mapped_column(Instant)


class ConnectionSecret(TenantModel):
    """A secret of a connection, sealed with the clinic's key: moved elsewhere it does not open."""

    __table_args__ = (unique("connection_id", "field"),)
    connection_id: Mapped[int] = ref("core.connection", on_delete="CASCADE")
    field: Mapped[str] = mapped_column(Text)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class WebhookAddress(GlobalModel):
    """Whose webhook address it is, by the hash of its token: known before the clinic is."""

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    clinic_id: Mapped[int] = mapped_column(BigInteger)
    connection_id: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[dt.datetime] = mapped_column(Instant, server_default=text("now()"))


class WebhookDelivery(TenantModel):
    """What a provider sent, as it came: stored first, worked later, once for each `external_id` (reliability 19)."""

    __table_args__ = (
        one_of("state", "stored", "done", "ignored"),
        unique("connection_id", "external_id"),
        index("created_at"),
    )
    connection_id: Mapped[int] = ref("core.connection", on_delete="CASCADE")
    external_id: Mapped[str] = mapped_column(Text)
    method: Mapped[str] = mapped_column(Text)
    path: Mapped[str] = mapped_column(Text)
    query: Mapped[str] = mapped_column(Text)
    headers: Mapped[dict[str, str]] = mapped_column(JSONB)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(Text, server_default="stored")
    note: Mapped[str | None] = mapped_column(Text)


class SendRecord(TenantModel):
    """One request of ours to the outside: where, how long (ms), with what result. No contents (N-02)."""

    __table_args__ = (index("connection_id", "created_at"),)
    connection_id: Mapped[int] = ref("core.connection", on_delete="CASCADE")
    method: Mapped[str] = mapped_column(Text)
    host: Mapped[str] = mapped_column(Text)
    path: Mapped[str] = mapped_column(Text)
    status: Mapped[int | None] = mapped_column(Integer)
    milliseconds: Mapped[int] = mapped_column(Integer)
    sent: Mapped[int] = mapped_column(Integer)
    received: Mapped[int] = mapped_column(Integer)
    error: Mapped[str | None] = mapped_column(Text)
