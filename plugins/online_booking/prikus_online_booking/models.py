"""What is published where under which names, and what came of it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Boolean, CheckConstraint, Integer, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from prikus.toolkit import PERSONAL, Instant, TenantModel, index, one_of, ref, unique


class ExternalIdentity(TenantModel):
    """A doctor or a branch of ours at a channel: `code` is the channel's own name for it, None for our number.

    A doctor is published when `is_published`, in cells of `minutes`; branches are where published doctors work.
    """

    __table_args__ = (
        one_of("kind", "branch", "doctor"),
        CheckConstraint(
            "(kind = 'branch' and staff_id is null) or (kind = 'doctor' and branch_id is null)", "one_thing"
        ),
        CheckConstraint("minutes between 5 and 480 and minutes % 5 = 0", "minutes_fit"),
        unique("connection_id", "branch_id"),
        unique("connection_id", "staff_id"),
        unique("connection_id", "kind", "code"),
    )
    connection_id: Mapped[int] = ref("core.connection", on_delete="CASCADE")
    kind: Mapped[str] = mapped_column(Text)
    branch_id: Mapped[int | None] = ref("core.branch", optional=True)
    staff_id: Mapped[int | None] = ref("core.staff_member", optional=True)
    code: Mapped[str | None] = mapped_column(Text)
    is_published: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    minutes: Mapped[int] = mapped_column(Integer, server_default="30")


class ExternalBooking(TenantModel):
    """A booking of a channel, once for each `external_id`; `created_by_kind` is the plugin through which it came.

    A refused one has no appointment: who wanted what stands in `name`, `phone`, `staff_id`, `starts_at`, so that
    somebody can call back; `reason` says why, or why the clinic cancelled. `is_new_patient`: its card was made then.
    """

    __table_args__ = (
        one_of("state", "new", "moved", "cancelled", "refused"),
        one_of("changed_by", "channel", "clinic"),
        unique("connection_id", "external_id"),
        index("created_at", "id"),
        index("appointment_id"),
        index("patient_id"),
        index("phone"),
        index("changed_xid", "id"),
    )
    connection_id: Mapped[int | None] = ref("core.connection", optional=True)
    external_id: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    changed_by: Mapped[str] = mapped_column(Text, server_default="channel")
    appointment_id: Mapped[int | None] = ref("calendar.appointment", optional=True)
    patient_id: Mapped[int | None] = ref("core.patient", optional=True)
    is_new_patient: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    staff_id: Mapped[int | None] = ref("core.staff_member", optional=True)
    starts_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    name: Mapped[str | None] = mapped_column(Text, comment=PERSONAL)
    phone: Mapped[str | None] = mapped_column(Text, comment=PERSONAL)
    reason: Mapped[str | None] = mapped_column(Text, comment=PERSONAL)
