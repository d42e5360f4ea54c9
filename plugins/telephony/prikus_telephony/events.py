"""Facts about calls. Instants are UTC, numbers E.164 or None when hidden."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from prikus.toolkit import Event, FeedLine, PatientFact


class CallStarted(Event, frozen=True, kw_only=True):
    """A call with the outside began to ring. `direction` is in or out."""

    name: ClassVar[str] = "call.started"
    call_id: int
    direction: str
    started_at: dt.datetime
    client_number: str | None
    virtual_number: str | None
    patient_id: int | None


class CallAnswered(Event, frozen=True, kw_only=True):
    """Somebody took it; told once for each call."""

    name: ClassVar[str] = "call.answered"
    call_id: int
    direction: str
    client_number: str | None
    patient_id: int | None
    staff_id: int | None


class CallFinished(Event, frozen=True, kw_only=True):
    """A call is over; told once for each call. `is_answered` is False for a missed one; `seconds` of talk."""

    name: ClassVar[str] = "call.finished"
    call_id: int
    direction: str
    started_at: dt.datetime
    is_answered: bool
    seconds: int | None
    client_number: str | None
    virtual_number: str | None
    patient_id: int | None
    staff_id: int | None


class PatientCall(PatientFact, frozen=True, kw_only=True):
    """A finished call with a known patient, for the patient's feed."""

    name: ClassVar[str] = "patient_call.finished"
    call_id: int
    direction: str
    is_answered: bool
    seconds: int | None

    def feed_line(self) -> FeedLine:
        if self.direction == "in":
            title = "Звонок пациента" if self.is_answered else "Пропущенный звонок пациента"
        else:
            title = "Звонок пациенту" if self.is_answered else "Звонок пациенту без ответа"
        return FeedLine(title, length_words(self.seconds) if self.is_answered else None, "/telephony/calls", "phone")


def length_words(seconds: int | None) -> str | None:
    """«1 мин 05 с»"""
    if seconds is None:
        return None
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} мин {rest:02d} с" if minutes else f"{rest} с"
