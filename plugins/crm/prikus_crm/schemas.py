"""What goes in and out of the CRM."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

from prikus.toolkit import Followed

Status = Literal["new", "work", "thinking", "booked", "refused"]

STATUSES: dict[Status, tuple[str, str]] = {
    "new": ("Новая", "wait"),
    "work": ("В работе", "now"),
    "thinking": ("Думает", "think"),
    "booked": ("Записались", "done"),
    "refused": ("Отказ", "canc"),
}
"""The columns in their order: words, and the colour of the badge."""

OPEN: tuple[Status, ...] = ("new", "work", "thinking")
"""Somebody still has to do something."""


class LeadSource(msgspec.Struct, frozen=True):
    """Where leads come from: `code` is the plugin's id, `title` and `icon` are what people see."""

    code: str
    title: str
    icon: str = "world"


class Lead(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody turned to the clinic. `external_id` is the source's own number: heard twice, it is one request.

    A `phone` that is no number is kept among the words. `place` is where it was written, such as a form's title.
    """

    external_id: str
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    text: str | None = None
    place: str | None = None
    page: str | None = None
    utm: dict[str, str] = {}
    received_at: dt.datetime | None = None


class RequestForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request as the form sends it; `row_version` comes with an edit. `refusal` goes with the status «Отказ»."""

    name: str | None = None
    phone: str | None = None
    email: str | None = None
    patient_id: int | None = None
    text: str | None = None
    status: Status = "new"
    refusal: str | None = None
    responsible_id: int | None = None
    next_on: dt.date | None = None
    comment: str | None = None
    row_version: int | None = None


class MoveForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    status: Status


class RequestRow(msgspec.Struct, frozen=True, kw_only=True):
    """A request of the list. `source` is None for one that was written down by hand."""

    id: int
    status: Status
    received_at: dt.datetime
    updated_at: dt.datetime
    name: str | None
    phone: str | None
    email: str | None
    text: str | None
    comment: str | None
    refusal: str | None
    place: str | None
    next_on: dt.date | None
    source: str | None
    source_icon: str | None
    patient_id: int | None
    patient: str | None
    responsible_id: int | None
    responsible: str | None

    @property
    def who(self) -> str | None:
        """The patient's name, else what the person called themselves."""
        return self.patient or self.name

    @property
    def is_empty(self) -> bool:
        """Whether there is no way to answer."""
        return not (self.phone or self.email or self.patient_id)


class RequestPage(msgspec.Struct, frozen=True):
    """Requests with the cursors of the pages beside this one."""

    rows: list[RequestRow]
    previous: str | None
    next: str | None


class RequestChange(Followed, frozen=True, kw_only=True):
    """A request as programs follow it. `source` is the code of where it came from, None by hand; `text` are the
    person's words, `comment` is ours."""

    status: Status | None = None
    received_at: dt.datetime | None = None
    name: str | None = None
    phone: str | None = None
    email: str | None = None
    text: str | None = None
    comment: str | None = None
    refusal: str | None = None
    place: str | None = None
    page: str | None = None
    utm: dict[str, str] | None = None
    source: str | None = None
    patient_id: int | None = None
    responsible_id: int | None = None
    next_on: dt.date | None = None
    row_version: int | None = None
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    metadata: dict[str, str] | None = None
