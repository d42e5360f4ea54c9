"""Working time of doctors and appointments of patients."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, Date, Integer, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from prikus.toolkit import (
    PERSONAL,
    Instant,
    Noted,
    TenantModel,
    append_only,
    followed,
    index,
    one_of,
    ref,
    unique,
)

MEANINGS = (
    "planned",
    "confirmed",
    "waiting",
    "in_progress",
    "finished",
    "missed",
    "cancelled",
    "sanitized",
    "thinking",
)
COLOURS = ("plan", "conf", "wait", "now", "done", "miss", "canc", "san", "think")
SOURCES = ("phone", "visit", "site", "messenger", "recommendation", "other")
LONGEST = dt.timedelta(hours=16)


def span_checks() -> tuple[CheckConstraint, CheckConstraint]:
    """A row of time ends after it starts, and not days later: that bounds every look-up of overlaps."""
    hours = int(LONGEST.total_seconds() // 3600)
    return (
        CheckConstraint("starts_at < ends_at", name="span_forward"),
        CheckConstraint(f"ends_at - starts_at <= interval '{hours} hours'", name="span_bounded"),
    )


def no_overlap(table: str, resource: str, where: str | None = None) -> ExcludeConstraint:
    """The net under the locks and the check: one resource is not taken twice at a time (reliability 23)."""
    return ExcludeConstraint(
        ("clinic_id", "="),
        (resource, "="),
        (text("tstzrange(starts_at, ends_at)"), "&&"),
        name=f"{table}_{resource.removesuffix('_id')}_taken",
        where=text(where) if where else None,
        using="gist",
        deferrable=True,
        initially="IMMEDIATE",
    )


class VisitType(TenantModel):
    """«Тип визита»: a column of the report of visits."""

    __table_args__ = (unique("name"),)
    name: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(Integer, server_default="0")


class AppointmentStatus(TenantModel):
    """A status of an appointment (CAL-11). Reports and triggers go by `meaning`, people by name and colour."""

    __table_args__ = (unique("name"), unique("meaning"), one_of("meaning", *MEANINGS), one_of("colour", *COLOURS))
    name: Mapped[str] = mapped_column(Text)
    colour: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(Integer)
    meaning: Mapped[str] = mapped_column(Text)
    occupies: Mapped[bool] = mapped_column(Boolean)


@followed()
class Shift(TenantModel):
    """Working time of a doctor in a chair (CAL-17). `business_date` is the local day of the branch."""

    __table_args__ = (
        *span_checks(),
        no_overlap("shift", "staff_id"),
        no_overlap("shift", "chair_id"),
        index("branch_id", "business_date"),
        index("staff_id", "starts_at"),
        index("chair_id", "starts_at"),
        index("changed_xid", "id"),
    )
    staff_id: Mapped[int] = ref("core.staff_member")
    chair_id: Mapped[int] = ref("core.chair")
    branch_id: Mapped[int] = ref("core.branch")
    starts_at: Mapped[dt.datetime] = mapped_column(Instant)
    ends_at: Mapped[dt.datetime] = mapped_column(Instant)
    business_date: Mapped[dt.date] = mapped_column(Date)
    series_id: Mapped[UUID | None] = mapped_column(Uuid)


class Appointment(TenantModel, Noted):
    """A patient's appointment. `occupies` follows its status; `overlap_ok` is an overlap that somebody permitted."""

    __table_args__ = (
        *span_checks(),
        one_of("source", *SOURCES),
        no_overlap("appointment", "chair_id", "occupies and not overlap_ok"),
        no_overlap("appointment", "doctor_id", "occupies and not overlap_ok"),
        no_overlap("appointment", "patient_id", "occupies and not overlap_ok"),
        index("branch_id", "business_date", "starts_at"),
        index("chair_id", "starts_at", where="occupies"),
        index("doctor_id", "starts_at", where="occupies"),
        index("patient_id", "starts_at"),
        index("changed_xid", "id"),
    )
    patient_id: Mapped[int] = ref("core.patient")
    doctor_id: Mapped[int] = ref("core.staff_member")
    chair_id: Mapped[int] = ref("core.chair")
    branch_id: Mapped[int] = ref("core.branch")
    starts_at: Mapped[dt.datetime] = mapped_column(Instant)
    ends_at: Mapped[dt.datetime] = mapped_column(Instant)
    business_date: Mapped[dt.date] = mapped_column(Date)
    visit_type_id: Mapped[int | None] = ref("calendar.visit_type", optional=True)
    status_id: Mapped[int] = ref("calendar.appointment_status")
    occupies: Mapped[bool] = mapped_column(Boolean)
    overlap_ok: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    comment: Mapped[str | None] = mapped_column(Text, comment=PERSONAL)
    source: Mapped[str | None] = mapped_column(Text)
    cancelled_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    cancel_reason: Mapped[str | None] = mapped_column(Text, comment=PERSONAL)


@append_only("before", "after")
class AppointmentChange(TenantModel):
    """What was changed in an appointment, by whom and when (`created_*`). Append-only."""

    __table_args__ = (one_of("what", "created", "moved", "status", "cancelled"), index("appointment_id", "id"))
    appointment_id: Mapped[int] = ref("calendar.appointment")
    what: Mapped[str] = mapped_column(Text)
    before: Mapped[dict[str, object] | None] = mapped_column(JSONB, comment=PERSONAL)
    after: Mapped[dict[str, object] | None] = mapped_column(JSONB, comment=PERSONAL)
