"""Requests, and where they come from."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Date, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from prikus.toolkit import PERSONAL, Instant, Noted, SoftDeleted, TenantModel, index, one_of, ref, unique
from prikus_crm.schemas import Status


class RequestSource(TenantModel):
    """Where requests come from. It stays when its plugin is gone, for the old requests."""

    __table_args__ = (unique("code"),)
    code: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    icon: Mapped[str] = mapped_column(Text)


class CrmRequest(TenantModel, SoftDeleted, Noted):
    """Somebody turned to the clinic. `external_id` is the source's number; by hand both are empty.

    `words` are the person's own, `comment` is ours; `received_at` is when it came, `next_on` when to turn to them.
    """

    __table_args__ = (
        one_of("status", "new", "work", "thinking", "booked", "refused"),
        unique("source_id", "external_id"),
        index("received_at", "id"),
        index("updated_at", "id"),
        index("phone"),
        index("patient_id"),
        index("changed_xid", "id"),
    )
    source_id: Mapped[int | None] = ref("crm.request_source", optional=True)
    external_id: Mapped[str | None] = mapped_column(Text)
    status: Mapped[Status] = mapped_column(Text, server_default="new")
    received_at: Mapped[dt.datetime] = mapped_column(Instant, server_default=text("now()"))
    name: Mapped[str | None] = mapped_column(Text, comment=PERSONAL)
    phone: Mapped[str | None] = mapped_column(Text, comment=PERSONAL)
    email: Mapped[str | None] = mapped_column(Text, comment=PERSONAL)
    words: Mapped[str | None] = mapped_column(Text, comment=PERSONAL)
    comment: Mapped[str | None] = mapped_column(Text, comment=PERSONAL)
    refusal: Mapped[str | None] = mapped_column(Text, comment=PERSONAL)
    place: Mapped[str | None] = mapped_column(Text)
    page: Mapped[str | None] = mapped_column(Text, comment=PERSONAL)
    utm: Mapped[dict[str, str] | None] = mapped_column(JSONB, comment=PERSONAL)
    patient_id: Mapped[int | None] = ref("core.patient", optional=True)
    responsible_id: Mapped[int | None] = ref("core.staff_member", optional=True)
    next_on: Mapped[dt.date | None] = mapped_column(Date)
