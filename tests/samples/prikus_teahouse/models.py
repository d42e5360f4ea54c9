from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from prikus.toolkit import ALIVE, Money, SoftDeleted, TenantModel, index, ref, soft_ref, unique


class Origin(TenantModel):
    __table_args__ = (unique("name"),)
    name: Mapped[str] = mapped_column(Text)


class Tea(TenantModel, SoftDeleted):
    __table_args__ = (unique("name", where=ALIVE), index("origin_id"))
    name: Mapped[str] = mapped_column(Text)
    price: Mapped[Decimal] = mapped_column(Money, server_default="0")
    origin_id: Mapped[int | None] = ref("teahouse.origin", optional=True)
    plan_line_id: Mapped[int | None] = soft_ref("clinical.plan_line")


class Cup(TenantModel):
    """Written by the listener: what was heard. Two cups of one number are refused at the commit only."""

    __table_args__ = (UniqueConstraint("clinic_id", "tea_id", "number", deferrable=True, initially="DEFERRED"),)
    tea_id: Mapped[int] = ref("teahouse.tea")
    number: Mapped[int] = mapped_column(Integer)
    note: Mapped[str] = mapped_column(Text, server_default="")
