"""Reference books that belong to nobody else."""

from __future__ import annotations

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from prikus.data.base import ALIVE, SoftDeleted, TenantModel, unique


class Gender(TenantModel, SoftDeleted):
    """A gender; the two shipped ones have the code that official forms use (REF-33)."""

    __table_args__ = (unique("name", where=ALIVE),)
    code: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)


class MarketingChannel(TenantModel, SoftDeleted):
    """How patients learn of the clinic (REF-48)."""

    __table_args__ = (unique("name", where=ALIVE),)
    name: Mapped[str] = mapped_column(Text)


class PatientGroup(TenantModel, SoftDeleted):
    """«Группа пациентов (CLV)» (REF-51)."""

    __table_args__ = (unique("name", where=ALIVE),)
    name: Mapped[str] = mapped_column(Text)
