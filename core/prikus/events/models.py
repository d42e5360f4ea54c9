"""Outbox, inbox, the heads of work, and idempotency keys."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Identity, Index, Integer, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from prikus.data.base import GlobalModel, TenantModel, index, unique
from prikus.data.types import Instant, one_of


class Work(GlobalModel):
    """The head of one delivery or job: the truth about what is still to be done. Finished heads are deleted.

    `ref` is an `OutboxEvent` for kinds `listener:…`, a `JobRequest` for kinds `job:…`. Heads of ordered listeners know
    the event's aggregate and its version: of those with equal clinic, kind and aggregate only the first is taken.
    """

    __table_args__ = (
        one_of("state", "due", "running", "parked", "dead"),
        Index("work_turn_idx", "clinic_id", "due", "id", postgresql_where=text("state in ('due', 'running')")),
        Index("work_lease_idx", "lease_until", postgresql_where=text("state = 'running'")),
        Index("work_clinic_id_idx", "clinic_id", "state"),
        Index(
            "work_order_idx",
            *("clinic_id", "kind", "aggregate", "aggregate_seq", "id"),
            postgresql_where=text("aggregate is not null"),
        ),
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    clinic_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str] = mapped_column(Text)
    ref: Mapped[int] = mapped_column(BigInteger)
    aggregate: Mapped[str | None] = mapped_column(Text)
    aggregate_seq: Mapped[int | None] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(Text, server_default="due")
    due: Mapped[dt.datetime] = mapped_column(Instant, server_default=text("now()"))
    lease_until: Mapped[dt.datetime | None] = mapped_column(Instant)
    attempt: Mapped[int] = mapped_column(Integer, server_default="0")
    lost: Mapped[int] = mapped_column(Integer, server_default="0")
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(Instant, server_default=text("now()"))


class OutboxEvent(TenantModel):
    """A fact, written in the transaction that made it true. Kept 400 days for replay."""

    __table_args__ = (index("name"), index("created_at"))
    name: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer)
    payload: Mapped[dict[str, object]] = mapped_column(JSONB)
    aggregate: Mapped[str] = mapped_column(Text)
    aggregate_seq: Mapped[int] = mapped_column(Integer)


class InboxEntry(TenantModel):
    """A listener has dealt with an event; written in the listener's own transaction."""

    __table_args__ = (unique("event_id", "listener"),)
    event_id: Mapped[int] = mapped_column(BigInteger)
    listener: Mapped[str] = mapped_column(Text)


class JobRequest(TenantModel):
    """What a job is to be done with."""

    kind: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, object]] = mapped_column(JSONB)


class IdempotencyKey(TenantModel):
    """One press of one button: the key drawn with the form, the request's hash, and its outcome (reliability 12)."""

    __table_args__ = (unique("key"), index("created_at"))
    key: Mapped[str] = mapped_column(Text)
    request_hash: Mapped[bytes] = mapped_column(LargeBinary)
    outcome: Mapped[dict[str, object] | None] = mapped_column(JSONB)


class Counter(TenantModel):
    """The last number given in a gapless series of one legal entity (0 where the series is the clinic's)."""

    __table_args__ = (unique("series", "legal_entity_id"),)
    series: Mapped[str] = mapped_column(Text)
    legal_entity_id: Mapped[int] = mapped_column(BigInteger, server_default="0")
    value: Mapped[int] = mapped_column(BigInteger)


class GoneRow(TenantModel):
    """A row that was deleted for good from a table that programs follow; written by the trigger of `followed`."""

    __table_args__ = (index("table_name", "changed_xid", "row_id"),)
    table_name: Mapped[str] = mapped_column(Text)
    row_id: Mapped[int] = mapped_column(BigInteger)
