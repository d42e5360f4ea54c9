"""Structs that cross a boundary: forms and JSON in, the day of the grid out.

Wall-clock values are local to the branch: `date` with `starts`/`ends` on the way in, `2026-11-24T09:30:00` without an
offset on the way out, beside the branch's `time_zone`.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal
from uuid import UUID

import msgspec

from prikus.toolkit import Followed

Source = Literal["phone", "visit", "site", "messenger", "recommendation", "other"]
OnConflict = Literal["refuse", "skip"]


class Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Input: a field that nobody knows is refused."""


class NewAppointment(Strict, frozen=True, kw_only=True):
    """A wish to book. Without `doctor_id` the doctor who works in the chair at that time is taken."""

    patient_id: int
    chair_id: int
    date: dt.date
    starts: dt.time
    ends: dt.time
    doctor_id: int | None = None
    visit_type_id: int | None = None
    source: Source | None = None
    comment: str | None = None
    allow_overlap: bool = False


class MoveAppointment(Strict, frozen=True, kw_only=True):
    """Another time, chair or doctor. Without `doctor_id` the doctor stays."""

    row_version: int
    chair_id: int
    date: dt.date
    starts: dt.time
    ends: dt.time
    doctor_id: int | None = None
    allow_overlap: bool = False


class ResizeAppointment(Strict, frozen=True, kw_only=True):
    """Another end on the same day."""

    row_version: int
    ends: dt.time


class ChangeStatus(Strict, frozen=True, kw_only=True):
    row_version: int
    status_id: int


class CancelAppointment(Strict, frozen=True, kw_only=True):
    row_version: int
    reason: str | None = None


class NewShifts(Strict, frozen=True, kw_only=True):
    """Working time of one day, or of the chosen weekdays (1 Monday … 7 Sunday) of an interval.

    Taken days are listed and refused as a whole, or left out with `on_conflict="skip"`.
    """

    staff_id: int
    chair_id: int
    date: dt.date
    starts: dt.time
    ends: dt.time
    until: dt.date | None = None
    weekdays: tuple[int, ...] = ()
    on_conflict: OnConflict = "refuse"


class MoveShift(Strict, frozen=True, kw_only=True):
    row_version: int
    chair_id: int
    date: dt.date
    starts: dt.time
    ends: dt.time


class RowVersion(Strict, frozen=True, kw_only=True):
    row_version: int


class Saved(msgspec.Struct, frozen=True):
    """What was saved. `change` is the version that the live channel announces for it."""

    id: int
    row_version: int
    date: dt.date
    change: int


class SavedShifts(msgspec.Struct, frozen=True):
    created: int
    skipped: tuple[dt.date, ...]
    first: dt.date


class ChairColumn(msgspec.Struct, frozen=True):
    id: int
    name: str


class ShiftCell(msgspec.Struct, frozen=True):
    id: int
    row_version: int
    chair_id: int
    doctor_id: int
    doctor: str
    profession: str | None
    date: dt.date
    starts: dt.datetime
    ends: dt.datetime
    series_id: UUID | None


class AppointmentCell(msgspec.Struct, frozen=True):
    id: int
    row_version: int
    chair_id: int
    doctor_id: int
    patient_id: int
    status_id: int
    date: dt.date
    starts: dt.datetime
    ends: dt.datetime
    patient: str
    phone: str
    doctor: str
    visit_type: str | None
    status: str
    colour: str
    meaning: str
    occupies: bool
    comment: str | None
    overlap_ok: bool


class StatusInfo(msgspec.Struct, frozen=True):
    id: int
    name: str
    colour: str
    meaning: str
    occupies: bool


class Day(msgspec.Struct, frozen=True):
    """The grid of one day. `version` is the newest change among the rows shown, `utc_offset` that of its noon."""

    branch_id: int
    date: dt.date
    time_zone: str
    utc_offset: str
    version: int
    summary: str
    chairs: list[ChairColumn]
    shifts: list[ShiftCell]
    appointments: list[AppointmentCell]


class Span(msgspec.Struct, frozen=True):
    """Appointments and shifts of an interval of days of one branch."""

    branch_id: int
    time_zone: str
    shifts: list[ShiftCell]
    appointments: list[AppointmentCell]


class VisitLine(msgspec.Struct, frozen=True):
    """One appointment in the patient's card."""

    id: int
    date: dt.date
    starts: dt.datetime
    ends: dt.datetime
    doctor: str
    chair: str
    branch_id: int
    status: str
    colour: str
    visit_type: str | None


class AppointmentChange(Followed, frozen=True, kw_only=True):
    """An appointment as programs follow it; instants are UTC, `business_date` is the local day of the branch.

    Go by `meaning`: names of statuses are the clinic's own. A cancelled appointment stays, with `cancelled_at`.
    """

    patient_id: int | None = None
    doctor_id: int | None = None
    chair_id: int | None = None
    branch_id: int | None = None
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    business_date: dt.date | None = None
    status_id: int | None = None
    meaning: str | None = None
    occupies: bool | None = None
    visit_type_id: int | None = None
    source: Source | None = None
    comment: str | None = None
    cancelled_at: dt.datetime | None = None
    cancel_reason: str | None = None
    row_version: int | None = None
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    metadata: dict[str, str] | None = None


class ShiftChange(Followed, frozen=True, kw_only=True):
    """Working time of a doctor in a chair as programs follow it; instants are UTC."""

    staff_id: int | None = None
    chair_id: int | None = None
    branch_id: int | None = None
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    business_date: dt.date | None = None
    row_version: int | None = None


class FreeTime(msgspec.Struct, frozen=True):
    """Working time that nobody has booked, by the branch's clock; `minutes` long."""

    shift_id: int
    chair_id: int
    doctor_id: int
    starts: dt.datetime
    ends: dt.datetime
    minutes: int


class VisitTypeInfo(msgspec.Struct, frozen=True):
    id: int
    name: str
