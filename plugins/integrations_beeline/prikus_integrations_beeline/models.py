"""Subscriptions to the events of exchanges, and who the people of an exchange are."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from prikus.toolkit import Instant, TenantModel, one_of, ref, unique


class Subscription(TenantModel):
    """What tells us of calls. Written down before it is asked for; only events of known ones are taken in.

    `asked` has no number yet and keeps others from asking meanwhile; `active` tells; `over` is to be deleted at the
    exchange, or ended there. Renewed at `renew_at`, when a fifth of the granted time is left.
    """

    __table_args__ = (
        one_of("state", "asked", "active", "over"),
        unique("connection_id", "subscription_id"),
        unique("connection_id", where="state = 'asked'"),
    )
    connection_id: Mapped[int] = ref("core.connection", on_delete="CASCADE")
    state: Mapped[str] = mapped_column(Text)
    subscription_id: Mapped[str | None] = mapped_column(Text)
    asked_at: Mapped[dt.datetime] = mapped_column(Instant)
    renew_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    expires_at: Mapped[dt.datetime | None] = mapped_column(Instant)


class Abonent(TenantModel):
    """An employee at the exchange: events name the `user_id`, people the short number `extension`."""

    __table_args__ = (unique("connection_id", "user_id"),)
    connection_id: Mapped[int] = ref("core.connection", on_delete="CASCADE")
    user_id: Mapped[str] = mapped_column(Text)
    extension: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
