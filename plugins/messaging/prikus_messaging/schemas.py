"""What messaging exchanges with the plugins of its providers, and shows. Instants are UTC, numbers E.164."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

import msgspec

from prikus.toolkit import Followed

State = Literal["queued", "sending", "accepted", "delivered", "failed", "unknown"]
Shown = Literal["queued", "accepted", "delivered", "failed", "unknown"]
Purpose = Literal["service", "mailing"]
Trouble = Literal["data", "credentials", "money", "busy"]
Ending = Literal["accepted", "failed"]
LONGEST_NUMBER = 20


class Message(msgspec.Struct, frozen=True):
    """What is to be sent. `id` is our number of it: the same in every repetition, stored before the first request.

    It is below 2³¹ in any installation that has not written two thousand million messages.
    """

    id: int
    address: str
    text: str


class MessageRef(msgspec.Struct, frozen=True):
    """A message that is asked about. `external_id` is the provider's number, None while we have had no answer.

    `tried_at` is when it was sent last: for providers that find it only by time, `address` and `text`.
    """

    id: int
    external_id: str | None
    address: str
    text: str
    tried_at: dt.datetime


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a message.

    - `accepted`: the operator has it. `delivered`: so has the person.
    - `failed`: it was taken and will not arrive.
    - `refused`: nothing was taken. `trouble` says whom it concerns: `data` this message, which a person must mend;
      `credentials` and `money` the connection, which rests ten minutes; `busy` the service, which is asked again.
    - `unknown`: it may have been taken. It is never sent again before the provider has said that it has not.
    - `absent`, of `status` only: the provider surely has no such message.

    `parts` and `cost` (in roubles) are what the provider charges, where it says so; `sentence` is for a person.
    """

    state: Literal["accepted", "delivered", "failed", "refused", "unknown", "absent"]
    external_id: str | None = None
    parts: int | None = None
    cost: Decimal | None = None
    trouble: Trouble | None = None
    sentence: str | None = None


class MessageProvider(msgspec.Struct, frozen=True, kw_only=True):
    """A service that sends messages, as its plugin offers it by the hook `message_providers`.

    `kind` is the id of its `ConnectionKind`. Its functions take `ctx` without a transaction and the open connection.

    - `send(ctx, connection, message)` sends one message. It may raise `Invalid` for what can never be sent and
      `OutsideFailed` for the network, whose `is_unknown` is believed; all else is said as an `Outcome`.
    - `status(ctx, connection, refs)` tells of up to 100 messages by our number; of those left out nothing is known
      yet. It raises a `Problem` while the service does not answer. None where the service cannot be asked: then it
      must call back, and a person decides about a message whose answer was lost.
    """

    kind: str
    send: Callable[[Any, Any, Message], Awaitable[Outcome]]
    status: Callable[[Any, Any, Sequence[MessageRef]], Awaitable[Mapping[int, Outcome]]] | None = None


class Counted(msgspec.Struct, frozen=True):
    """How long a text is: `signs` as the network counts them, `parts` that are paid for, signs `left` in the last."""

    signs: int
    parts: int
    left: int
    is_unicode: bool


class ChannelInfo(msgspec.Struct, frozen=True):
    """A connection that messages can be sent over."""

    connection_id: int
    title: str


class NewMessage(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """«Отправить смс»: to a patient, to a number, or about a patient to another number.

    `connection_id` is needed where several services are connected. `is_mailing`: an offer, for which the patient must
    have agreed to mailings (PAT-11).
    """

    text: str
    patient_id: int | None = None
    phone: str | None = None
    connection_id: int | None = None
    is_mailing: bool = False


class Written(msgspec.Struct, frozen=True):
    """The message waits to be sent over the connection."""

    message_id: int
    connection_id: int


class Decision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person found out of a message that the provider says nothing of."""

    state: Ending


class Recipient(msgspec.Struct, frozen=True):
    """Whom a message is written to, as the form begins. `phone` is the card's number, `typed` another one that stands
    in the form: whoever then chooses another patient must not write to the first one's number. `takes_mailings` is the
    patient's switch, `is_mailing` that of the form."""

    patient_id: int | None = None
    patient: str | None = None
    phone: str | None = None
    typed: str | None = None
    takes_mailings: bool = True
    is_mailing: bool = False
    text: str = ""


class MessageRow(msgspec.Struct, frozen=True):
    """A line of the log. `parts` and `cost` are the provider's, where it told them; `needs_decision`: it will not."""

    id: int
    state: State
    purpose: Purpose
    created_at: dt.datetime
    sent_at: dt.datetime | None
    final_at: dt.datetime | None
    address: str
    text: str
    parts: int
    cost: Decimal | None
    error: str | None
    patient_id: int | None
    patient: str | None
    connection_id: int | None
    author: str | None
    needs_decision: bool


class MessagePage(msgspec.Struct, frozen=True):
    """A page of the log with cursors to its neighbours."""

    rows: list[MessageRow]
    previous: str | None
    next: str | None


class MessageChange(Followed, frozen=True, kw_only=True):
    """A message as programs follow it. Empty `address` and `text`: the patient's data were erased."""

    state: State | None = None
    purpose: Purpose | None = None
    created_at: dt.datetime | None = None
    sent_at: dt.datetime | None = None
    final_at: dt.datetime | None = None
    address: str | None = None
    text: str | None = None
    parts: int | None = None
    cost: Decimal | None = None
    error: str | None = None
    patient_id: int | None = None
    connection_id: int | None = None
    row_version: int | None = None
