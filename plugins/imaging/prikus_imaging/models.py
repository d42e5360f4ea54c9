"""Images of teeth, their analyses by services, and what these found."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import Boolean, Date, Integer, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from prikus.toolkit import (
    PERSONAL,
    Instant,
    Quantity,
    QueueHead,
    SoftDeleted,
    TenantModel,
    followed,
    index,
    one_of,
    ref,
    unique,
)

KINDS = ("panoramic", "bitewing", "periapical", "cbct")
STATES = ("queued", "sent", "processing", "ready", "needs_teeth", "failed", "unclear")
ON_ITS_WAY = "state in ('queued', 'sent', 'processing', 'needs_teeth', 'unclear')"


class DentalImage(TenantModel, SoftDeleted):
    """An image of a patient's teeth (DIAG-01), added by its author.

    `preview_id` is a picture that browsers show, None where none could be made. Of an erased patient both files are
    empty.
    """

    __table_args__ = (
        one_of("kind", *KINDS),
        index("patient_id", "taken_on", "id"),
        index("original_id"),
        index("preview_id"),
        index("changed_xid", "id"),
    )
    patient_id: Mapped[int] = ref("core.patient")
    original_id: Mapped[int] = ref("core.stored_file")
    preview_id: Mapped[int | None] = ref("core.stored_file", optional=True)
    kind: Mapped[str] = mapped_column(Text)
    taken_on: Mapped[dt.date] = mapped_column(Date)
    comment: Mapped[str | None] = mapped_column(Text, comment=PERSONAL)


class AnalysisQueue(QueueHead, TenantModel):
    """The queue of a connection, made when its first analysis is due."""

    __table_args__ = (unique("connection_id"),)
    connection_id: Mapped[int] = ref("core.connection", on_delete="CASCADE")


class ImageAnalysis(TenantModel):
    """An image at a service, asked for by its author. `service` is its name, also when the connection is gone.

    `refs` are what finished steps returned, such as the service's numbers. A step that began and did not end
    (`is_at_work`) may have been done: the next one `is_doubtful`. `next_at` is when to go on, None for never by
    itself; `tries` counts looks since `state_at`, when it last got on.
    """

    __table_args__ = (
        one_of("state", *STATES),
        unique("image_id", "connection_id", where=ON_ITS_WAY),
        index("image_id", "id"),
        index("connection_id", "next_at", where="next_at is not null"),
        index("state", "created_at"),
    )
    image_id: Mapped[int] = ref("imaging.dental_image", on_delete="CASCADE")
    connection_id: Mapped[int | None] = ref("core.connection", optional=True)
    service: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, server_default="queued")
    refs: Mapped[dict[str, str]] = mapped_column(JSONB, server_default=text("'{}'"), comment=PERSONAL)
    is_at_work: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    is_doubtful: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    next_at: Mapped[dt.datetime | None] = mapped_column(Instant, server_default=func.now())
    tries: Mapped[int] = mapped_column(Integer, server_default="0")
    state_at: Mapped[dt.datetime] = mapped_column(Instant, server_default=func.now())
    error: Mapped[str | None] = mapped_column(Text)
    report_url: Mapped[str | None] = mapped_column(Text, comment=PERSONAL)
    finished_at: Mapped[dt.datetime | None] = mapped_column(Instant)


@followed()
class Finding(TenantModel):
    """What a service found: a suggestion until a doctor decides (DIAG-08). It is never decided by fetching again.

    A suggestion that the service does not make any more is deleted.

    `tooth` is a two-digit FDI number, `tooth` and `site` are empty where there is none; `code` is the service's.
    """

    __table_args__ = (
        one_of("kind", "condition", "measurement", "anatomy"),
        one_of("source", "model", "user"),
        one_of("decision", "pending", "accepted", "rejected"),
        unique("analysis_id", "tooth", "code", "site"),
        index("changed_xid", "id"),
    )
    analysis_id: Mapped[int] = ref("imaging.image_analysis", on_delete="CASCADE")
    tooth: Mapped[str] = mapped_column(Text, server_default="")
    code: Mapped[str] = mapped_column(Text)
    site: Mapped[str] = mapped_column(Text, server_default="")
    title: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text, server_default="condition")
    value: Mapped[Decimal | None] = mapped_column(Quantity)
    unit: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text, server_default="model")
    decision: Mapped[str] = mapped_column(Text, server_default="pending")
    decided_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    decided_by_id: Mapped[int | None] = ref("core.staff_member", optional=True)
