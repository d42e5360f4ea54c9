"""Calls, their legs, and whose the clinic's telephones are."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Boolean, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from prikus.toolkit import PERSONAL, Instant, TenantModel, index, one_of, ref, unique


class PhoneCall(TenantModel):
    """A call, derived from its legs and the provider's statistics. `state` only goes forward.

    `is_named`: statistics told of it by the name that its events carry. `is_answered` may be true without
    `answered_at`: statistics do not tell when. `seconds` is how long they talked, `recording_id` the exchange's number
    of the recording, once it was found there. A missed call is done when somebody has called back: `done_at`,
    `done_by_id`.
    """

    __table_args__ = (
        one_of("direction", "in", "out"),
        one_of("state", "ringing", "answered", "finished"),
        unique("connection_id", "external_id"),
        index("started_at", "id"),
        index("client_number", "started_at"),
        index("patient_id", "started_at"),
        index("state", where="state <> 'finished'"),
        index("changed_xid", "id"),
    )
    connection_id: Mapped[int | None] = ref("core.connection", optional=True)
    external_id: Mapped[str] = mapped_column(Text)
    is_named: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    direction: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    started_at: Mapped[dt.datetime] = mapped_column(Instant)
    answered_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    ended_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    seconds: Mapped[int | None] = mapped_column(Integer)
    is_answered: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    is_internal: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    client_number: Mapped[str | None] = mapped_column(Text, comment=PERSONAL)
    virtual_number: Mapped[str | None] = mapped_column(Text)
    extension: Mapped[str | None] = mapped_column(Text)
    staff_id: Mapped[int | None] = ref("core.staff_member", optional=True)
    patient_id: Mapped[int | None] = ref("core.patient", optional=True)
    recording_id: Mapped[str | None] = mapped_column(Text)
    done_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    done_by_id: Mapped[int | None] = ref("core.staff_member", optional=True)


class CallLeg(TenantModel):
    """All that was said about a call at one telephone, joined so that the order of hearing does not matter.

    `said` holds for each thing the newest word about it: name → [when, rank, value, order].
    """

    __table_args__ = (unique("call_id", "leg_id"),)
    call_id: Mapped[int] = ref("telephony.phone_call", on_delete="CASCADE")
    leg_id: Mapped[str] = mapped_column(Text)
    started_at: Mapped[dt.datetime] = mapped_column(Instant)
    answered_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    released_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    said: Mapped[dict[str, list[object]] | None] = mapped_column(JSONB, comment=PERSONAL)


class Extension(TenantModel):
    """A telephone of the clinic: the short number `number` of a connection, on this person's desk if any.

    `title` is whose it is at the exchange, for those that the exchange has told of.
    """

    __table_args__ = (unique("connection_id", "number"), index("staff_id"))
    connection_id: Mapped[int] = ref("core.connection", on_delete="CASCADE")
    number: Mapped[str] = mapped_column(Text)
    title: Mapped[str | None] = mapped_column(Text)
    staff_id: Mapped[int | None] = ref("core.staff_member", optional=True)
