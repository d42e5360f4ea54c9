"""What telephony exchanges with the plugins of its providers, and shows. Instants are UTC, numbers E.164."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any, Literal

import msgspec

from prikus.toolkit import Followed

Direction = Literal["in", "out"]
LegState = Literal["ringing", "answered", "released"]
CallState = Literal["ringing", "answered", "finished"]


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """One event of one leg: what a provider says about a call at one telephone of the clinic.

    `external_id` names the call, `leg_id` its half at one telephone. `state` came about `at`. `client_number` is None
    for a hidden number and while it is unknown; `virtual_number` is the clinic's number that was dialled; `extension`
    is the short number of the telephone. `is_internal` marks a talk between colleagues. `order` grows with the events
    of an exchange that numbers them: of two words about one moment the later one counts.
    """

    external_id: str
    leg_id: str
    direction: Direction
    state: LegState
    at: dt.datetime
    client_number: str | None = None
    virtual_number: str | None = None
    extension: str | None = None
    is_internal: bool = False
    order: int = 0


class SeenCall(msgspec.Struct, frozen=True, kw_only=True):
    """A whole call as a provider's statistics tell it.

    `external_id` is the provider's, or made of the row itself. `is_named`: it is the one that events of the same call
    carry, so that calls of two names are two, however alike. `seconds` is how long they talked.
    """

    external_id: str
    direction: Direction
    started_at: dt.datetime
    is_answered: bool
    is_named: bool = False
    seconds: int = 0
    client_number: str | None = None
    virtual_number: str | None = None
    extension: str | None = None


class Telephone(msgspec.Struct, frozen=True):
    """A telephone of the exchange: its short number, and whose it is there."""

    number: str
    title: str


class CallRef(msgspec.Struct, frozen=True):
    """A call as its provider knows it: for fetching the recording. `recording_id` is what `find_recording` found."""

    external_id: str
    leg_id: str | None
    extension: str | None
    direction: Direction
    started_at: dt.datetime
    client_number: str | None
    recording_id: str | None = None


LARGEST_RECORDING = 32 * 1024 * 1024
"""Bytes that a provider reads of one recording: `largest` of its request. Two hours of speech at 32 kbit/s."""


class Recording(msgspec.Struct, frozen=True):
    """The sound of a talk."""

    content: bytes
    content_type: str = "audio/mpeg"


class TelephonyProvider(msgspec.Struct, frozen=True, kw_only=True):
    """A cloud exchange, as its plugin offers it by the hook `telephony_providers`.

    `kind` is the id of its `ConnectionKind`. Every function takes `ctx` without a transaction (`ctx.is_outside`) and
    the open connection, and raises a `Problem` with a sentence when the exchange refuses.

    - `call(ctx, connection, extension, phone)` rings the telephone `extension`, then connects it with `phone`.
    - `recording(ctx, connection, call)` is the sound; None while there is none.
    - `statistics(ctx, connection, since, until)` are the calls that began in that time.
    - `find_recording(ctx, connection, call)` is the provider's number of the recording, None while there is none. It is
      asked when a talk is over and again after 1, 5 and 15 minutes. Where it is not offered, every talk may have one.
    """

    kind: str
    call: Callable[[Any, Any, str, str], Awaitable[None]]
    recording: Callable[[Any, Any, CallRef], Awaitable[Recording | None]]
    statistics: Callable[[Any, Any, dt.datetime, dt.datetime], Awaitable[list[SeenCall]]]
    find_recording: Callable[[Any, Any, CallRef], Awaitable[str | None]] | None = None


class CallerFact(msgspec.Struct, frozen=True):
    """A line of the card of an incoming call: «Долг – 12 500,00 ₽». `status` is a colour such as "miss"."""

    title: str
    text: str
    note: str | None = None
    status: str | None = None


class CallerAction(msgspec.Struct, frozen=True):
    """A button of that card that opens the panel `href`."""

    title: str
    icon: str
    href: str


class CallerPart(msgspec.Struct, frozen=True):
    """What another plugin adds to the card of an incoming call."""

    order: int
    facts: tuple[CallerFact, ...] = ()
    actions: tuple[CallerAction, ...] = ()


class Caller(msgspec.Struct, frozen=True):
    """A patient with the number that calls."""

    id: int
    name: str
    card_number: int
    birth_date: dt.date | None
    phone: str


class CallRow(msgspec.Struct, frozen=True):
    """A line of the log."""

    id: int
    direction: Direction
    state: CallState
    started_at: dt.datetime
    seconds: int | None
    is_answered: bool
    client_number: str | None
    virtual_number: str | None
    patient_id: int | None
    patient: str | None
    staff: str | None
    done_at: dt.datetime | None
    done_by: str | None
    has_provider: bool
    has_recording: bool

    @property
    def is_missed(self) -> bool:
        return self.direction == "in" and self.state == "finished" and not self.is_answered


class Figures(msgspec.Struct, frozen=True):
    """Calls with the outside from day to day, both included (HOME-03).

    `answered` and `missed` are of the incoming ones.
    """

    date_from: dt.date
    date_to: dt.date
    total: int
    incoming: int
    outgoing: int
    answered: int
    missed: int


class CallPage(msgspec.Struct, frozen=True):
    """A page of the log with cursors to its neighbours."""

    rows: list[CallRow]
    previous: str | None
    next: str | None


class Incoming(msgspec.Struct, frozen=True):
    """The card of an incoming call. `callers` are all patients with that number."""

    id: int
    state: CallState
    started_at: dt.datetime
    answered_at: dt.datetime | None
    is_answered: bool
    client_number: str | None
    virtual_number: str | None
    callers: list[Caller]
    parts: list[CallerPart]


class ExtensionRow(msgspec.Struct, frozen=True):
    """A telephone of the clinic and whose it is: `title` at the exchange, `staff` in the clinic."""

    id: int
    number: str
    title: str | None
    connection_id: int
    connection: str
    staff: str | None


class CallChange(Followed, frozen=True, kw_only=True):
    """A call with the outside as programs follow it; `seconds` of talk. A missed call is done when somebody called
    back: `done_at`. `recording_id` says that there is a recording."""

    direction: Direction | None = None
    state: CallState | None = None
    started_at: dt.datetime | None = None
    answered_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    seconds: int | None = None
    is_answered: bool | None = None
    client_number: str | None = None
    virtual_number: str | None = None
    extension: str | None = None
    staff_id: int | None = None
    patient_id: int | None = None
    recording_id: str | None = None
    done_at: dt.datetime | None = None
    row_version: int | None = None


class CallWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to call, and which telephone of the clinic rings first: people have their own, programs name one."""

    patient_id: int
    extension_id: int | None = None


class CallBackWish(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which telephone of the clinic rings first: people have their own, programs name one."""

    extension_id: int | None = None


class Ringing(msgspec.Struct, frozen=True):
    """The telephone rings; whoever takes it is connected with `phone`."""

    phone: str


class NewExtension(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose the telephone `number` of the exchange is."""

    connection_id: int
    number: str
    staff_id: int
