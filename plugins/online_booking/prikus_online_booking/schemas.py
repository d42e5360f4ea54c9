"""What is published, what a channel asks for, what it is answered; pages and JSON of the clinic."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

import msgspec

from prikus.toolkit import Context, Followed, OpenConnection

State = Literal["new", "moved", "cancelled", "refused"]
By = Literal["channel", "clinic"]
Kind = Literal["branch", "doctor"]
Result = Literal[
    "booked", "moved", "cancelled", "taken", "patient_busy", "no_slot", "invalid", "unknown", "gone", "late"
]
USUAL_MINUTES = 30


class Place(msgspec.Struct, frozen=True):
    """A branch that a channel shows. `code` is the channel's own, or our number."""

    id: int
    name: str
    address: str | None
    time_zone: str
    code: str


class Doctor(msgspec.Struct, frozen=True):
    """A doctor whom a channel shows. `minutes` is how long one cell lasts, `professions` are names."""

    id: int
    last_name: str
    first_name: str
    patronymic: str | None
    professions: tuple[str, ...]
    minutes: int
    code: str

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.last_name, self.first_name, self.patronymic)))


class Cell(msgspec.Struct, frozen=True):
    """A stretch of a doctor's working time, by the clock of the branch (with its offset); busy ones are told, too."""

    doctor_id: int
    branch_id: int
    chair_id: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    is_free: bool


class Schedule(msgspec.Struct, frozen=True):
    """What a channel may show of the days from `first` to `last`, both included.

    `is_whole` is False for one doctor's day, told because something changed in it.
    """

    first: dt.date
    last: dt.date
    is_whole: bool
    places: tuple[Place, ...]
    doctors: tuple[Doctor, ...]
    cells: tuple[Cell, ...]


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """When and with whom. `doctor` and `place` are codes as the schedule told them; without `place` wherever it is.

    `starts_at` is an instant, or without an offset the clock of the branch. Without `ends_at` one cell is meant.
    """

    doctor: str
    starts_at: dt.datetime
    ends_at: dt.datetime | None = None
    place: str | None = None


class Booking(msgspec.Struct, frozen=True, kw_only=True):
    """A patient's wish to be booked.

    `external_id` is the channel's own number of it: heard twice, it is one booking, for ever. None where the channel
    has no such number: then doctor, beginning and telephone are it as long as the booking lives.
    """

    wish: Wish
    last_name: str
    first_name: str
    phone: str
    patronymic: str | None = None
    birth_date: dt.date | None = None
    comment: str | None = None
    external_id: str | None = None


class Booked(msgspec.Struct, frozen=True):
    """A booking as its channel may know it. `id` is our number, the same after a move; times as in `Cell`."""

    id: int
    external_id: str
    state: State
    changed_by: By
    doctor: str
    place: str
    starts_at: dt.datetime
    ends_at: dt.datetime


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it. Words for a program, without anything about other patients.

    `booked`, `moved`, `cancelled` are true now, with `is_repeated` since an earlier time. `taken`: chair or doctor;
    `patient_busy`: this patient is booked elsewhere then; both with `free`, the doctor's next free cells. `no_slot`: no
    such doctor, branch or published time; `invalid`: `fields` say what is wrong; `unknown`: no such booking of this
    channel; `gone`: it was cancelled; `late`: the visit has begun.
    """

    result: Result
    sentence: str = ""
    booking: Booked | None = None
    is_repeated: bool = False
    free: tuple[Cell, ...] = ()
    fields: Mapping[str, str] = {}


class BookingProvider(msgspec.Struct, frozen=True):
    """A booking channel, for connections of `kind`. All functions get `ctx` without a transaction.

    `publish(ctx, connection, schedule)` is for a channel that wants to be told: every 15 minutes the whole schedule of
    `days`, and at once each doctor's day that changed. `tell(ctx, connection, booking)` says that the clinic moved,
    cancelled or restored a booking of the channel; it may be said twice. They raise a `Problem` to be tried again.
    """

    kind: str
    publish: Callable[[Context, OpenConnection[Any], Schedule], Awaitable[None]] | None = None
    tell: Callable[[Context, OpenConnection[Any], Booked], Awaitable[None]] | None = None
    days: int = 30


class BookingRow(msgspec.Struct, frozen=True):
    """A line of «Онлайн-запись». Times are UTC; `business_date` is the local day of the branch, for the calendar."""

    id: int
    channel: str | None
    state: State
    changed_by: By
    received_at: dt.datetime
    patient_id: int | None
    patient: str | None
    phone: str | None
    is_new_patient: bool
    doctor: str | None
    starts_at: dt.datetime | None
    branch_id: int | None
    business_date: dt.date | None
    reason: str | None


class BookingPage(msgspec.Struct, frozen=True):
    rows: list[BookingRow]
    previous: str | None = None
    next: str | None = None


class BookingChange(Followed, frozen=True, kw_only=True):
    """A booking as programs follow it; instants are UTC. A refused one has neither patient nor appointment."""

    connection_id: int | None = None
    external_id: str | None = None
    state: State | None = None
    changed_by: By | None = None
    appointment_id: int | None = None
    patient_id: int | None = None
    is_new_patient: bool | None = None
    staff_id: int | None = None
    starts_at: dt.datetime | None = None
    reason: str | None = None
    created_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None


class Published(msgspec.Struct, frozen=True):
    """A doctor or a branch beside a channel. Doctors are shown when somebody said so, branches where they work."""

    id: int
    name: str
    note: str
    is_published: bool
    minutes: int
    code: str | None


class Channel(msgspec.Struct, frozen=True):
    """A channel with all that could be published there."""

    id: int
    kind: str
    title: str
    state: str
    doctors: list[Published]
    branches: list[Published]


class PublishForm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`minutes` and `is_published` are for doctors; `code` is the channel's own number of them, empty for ours."""

    is_published: bool = False
    minutes: int = USUAL_MINUTES
    code: str | None = None
