"""Facts that the calendar announces. Instants are UTC, `business_date` is the local day of the branch."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar
from zoneinfo import ZoneInfo

from prikus.toolkit import Event, FeedLine, PatientFact


class AppointmentCreated(PatientFact, frozen=True, kw_only=True):
    """A patient was booked."""

    name: ClassVar[str] = "appointment.created"
    appointment_id: int
    doctor_id: int
    doctor_name: str
    chair_id: int
    branch_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    business_date: dt.date
    time_zone: str
    source: str | None = None

    def feed_line(self) -> FeedLine:
        when = when_words(self.starts_at, self.time_zone)
        return FeedLine("Запись на приём", f"{when}, {self.doctor_name}", day_link(self.business_date), "calendar-plus")


class AppointmentMoved(PatientFact, frozen=True, kw_only=True):
    """An appointment got another time, chair or doctor; a changed length is a move too."""

    name: ClassVar[str] = "appointment.moved"
    appointment_id: int
    doctor_id: int
    doctor_name: str
    chair_id: int
    branch_id: int
    old_starts_at: dt.datetime
    old_ends_at: dt.datetime
    starts_at: dt.datetime
    ends_at: dt.datetime
    business_date: dt.date
    time_zone: str

    def feed_line(self) -> FeedLine:
        old, new = (when_words(moment, self.time_zone) for moment in (self.old_starts_at, self.starts_at))
        text = f"{old} → {new}, {self.doctor_name}" if old != new else f"{new}, {self.doctor_name}"
        return FeedLine("Приём перенесён", text, day_link(self.business_date), "calendar-event")


class AppointmentStatusChanged(PatientFact, frozen=True, kw_only=True):
    """An appointment got another status; go by `meaning`, names are the clinic's own."""

    name: ClassVar[str] = "appointment.status_changed"
    appointment_id: int
    doctor_id: int
    branch_id: int
    business_date: dt.date
    starts_at: dt.datetime
    time_zone: str
    old_meaning: str
    old_status: str
    meaning: str
    status: str

    def feed_line(self) -> FeedLine:
        text = f"Приём {when_words(self.starts_at, self.time_zone)}: {self.old_status} → {self.status}"
        return FeedLine("Статус приёма", text, day_link(self.business_date), "calendar-check")


class AppointmentCancelled(PatientFact, frozen=True, kw_only=True):
    """An appointment was cancelled; its time is free again."""

    name: ClassVar[str] = "appointment.cancelled"
    appointment_id: int
    doctor_id: int
    branch_id: int
    business_date: dt.date
    starts_at: dt.datetime
    time_zone: str
    reason: str | None = None

    def feed_line(self) -> FeedLine:
        text = when_words(self.starts_at, self.time_zone)
        if self.reason:
            text = f"{text}. {self.reason}"
        return FeedLine("Приём отменён", text, day_link(self.business_date), "calendar-x")


class ShiftCreated(Event, frozen=True, kw_only=True):
    """A doctor got working time."""

    name: ClassVar[str] = "shift.created"
    shift_id: int
    staff_id: int
    chair_id: int
    branch_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    business_date: dt.date


def when_words(moment: dt.datetime, zone: str) -> str:
    """«24.11.2026, 09:30» by the clock of the branch."""
    return moment.astimezone(ZoneInfo(zone)).strftime("%d.%m.%Y, %H:%M")


def day_link(day: dt.date) -> str:
    return f"/calendar/?date={day.isoformat()}"
