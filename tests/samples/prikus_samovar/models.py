from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import Date, Text
from sqlalchemy.orm import Mapped, mapped_column

from prikus.toolkit import PERSONAL, Money, TenantModel, append_only, index, ref, soft_ref, unique


class Guest(TenantModel):
    """One to a patient and nothing without the card."""

    __table_args__ = (unique("patient_id"),)
    patient_id: Mapped[int] = ref("core.patient", on_delete="CASCADE")
    habits: Mapped[str] = mapped_column(Text)


class Visit(TenantModel):
    """Stays when the person is forgotten; one a day."""

    __table_args__ = (unique("patient_id", "day"),)
    patient_id: Mapped[int] = ref("core.patient")
    day: Mapped[dt.date] = mapped_column(Date)
    wish: Mapped[str | None] = mapped_column(Text, comment=PERSONAL)


class Talk(TenantModel):
    """Known through its visit only."""

    __table_args__ = (index("visit_id"),)
    visit_id: Mapped[int] = ref("samovar.visit")
    words: Mapped[str] = mapped_column(Text, comment=PERSONAL)


class Ticket(TenantModel):
    """No foreign key: the catalogue knows the reference by its comment."""

    patient_id: Mapped[int | None] = soft_ref("core.patient")
    visit_id: Mapped[int | None] = soft_ref("samovar.visit")
    name: Mapped[str | None] = mapped_column(Text, comment=PERSONAL)


@append_only("patient_id")
class Coin(TenantModel):
    """Money never changes, but whose it is may."""

    __table_args__ = (index("patient_id"),)
    patient_id: Mapped[int] = ref("core.patient")
    amount: Mapped[Decimal] = mapped_column(Money)
