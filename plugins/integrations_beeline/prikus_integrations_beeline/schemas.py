"""What the exchange says, as it says it. Unknown fields are ignored; numbers come as 10 digits or with +7."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

Moment = int | str
"""Milliseconds since 1970, and now and then ISO 8601."""


class AbonentSaid(msgspec.Struct, frozen=True, rename="camel"):
    """An employee of the clinic as the exchange knows them."""

    user_id: str
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    extension: str | None = None

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.last_name, self.first_name) if part)


class Granted(msgspec.Struct, frozen=True, rename="camel"):
    """The answer to a subscription: `expires` seconds may be fewer than were asked for."""

    subscription_id: str
    expires: int


class RowSaid(msgspec.Struct, frozen=True, rename="camel"):
    """A row of `/v2/statistics`: a call as one abonent had it. `duration` in ms."""

    start_date: Moment
    direction: Literal["INBOUND", "OUTBOUND"]
    status: str
    duration: int = 0
    phone_from: str | None = msgspec.field(default=None, name="phone_from")
    phone_to: str | None = msgspec.field(default=None, name="phone_to")
    abonent: AbonentSaid | None = None
    external_tracking_id: str | None = None


class RecordSaid(msgspec.Struct, frozen=True, rename="camel"):
    """A recording. `external_id` is the call's tracking id. Whose number its `phone` is differs: it is not read."""

    id: int | str
    external_id: str | None = None
    date: Moment = 0
    duration: int = 0
    abonent: AbonentSaid | None = None


class CallEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a subscription, read. Instants are UTC; what was not said is None.

    `kind` is its type without the prefix. `user_id` is whose leg it is; `is_menu` marks one that is nobody's: a menu
    or a group answers. `number` is the other side's, as it came.
    """

    event_id: str
    subscription_id: str
    kind: str
    sequence: int = 0
    user_id: str | None = None
    is_menu: bool = False
    tracking_id: str | None = None
    leg_id: str | None = None
    is_incoming: bool = False
    is_internal: bool = False
    number: str | None = None
    dialled: str | None = None
    started_at: dt.datetime | None = None
    answered_at: dt.datetime | None = None
    released_at: dt.datetime | None = None


def instant(moment: Moment) -> dt.datetime:
    """Raises `ValueError` for what is no moment."""
    text = str(moment)
    if text.lstrip("-").isdecimal():
        return dt.datetime.fromtimestamp(int(text) / 1000, dt.UTC)
    read = dt.datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=dt.UTC)
