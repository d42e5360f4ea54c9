"""Clinics, what they subscribe to, and their places."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import BigInteger, Boolean, Date, ForeignKey, Identity, Integer, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from prikus.data.base import ALIVE, GlobalModel, SoftDeleted, TenantModel, ref, unique
from prikus.data.types import Instant, Money, one_of

DISK = 10_000_000_000
"""Bytes that a plan gives where the operator has said nothing else."""


class Clinic(GlobalModel):
    """The tenant. `state_version` grows with every change that decides what is on, for whom; caches are keyed by it."""

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    slug: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(Text, server_default="RUB")
    time_zone: Mapped[str] = mapped_column(Text, server_default="Europe/Moscow")
    locale: Mapped[str] = mapped_column(Text, server_default="ru")
    state_version: Mapped[int] = mapped_column(BigInteger, server_default="1")
    created_at: Mapped[dt.datetime] = mapped_column(Instant, server_default=text("now()"))


class SubscriptionPlan(GlobalModel):
    """A tariff: which plugins a clinic may switch on, for how much a month, how much it may keep.

    `disk` is in bytes, empty without a limit (SET-01).
    """

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(Text, unique=True)
    title: Mapped[str] = mapped_column(Text)
    price: Mapped[Decimal] = mapped_column(Money)
    position: Mapped[int] = mapped_column(Integer)
    disk: Mapped[int | None] = mapped_column(BigInteger, server_default=str(DISK))


class PlanPlugin(GlobalModel):
    """A plugin that a plan includes."""

    plan_id: Mapped[int] = mapped_column(ForeignKey("core.subscription_plan.id", ondelete="CASCADE"), primary_key=True)
    plugin_id: Mapped[str] = mapped_column(Text, primary_key=True)


class Subscription(GlobalModel):
    """What a clinic has subscribed to. After `ends_on` the clinic reads only when the grace is over."""

    __table_args__ = (one_of("state", "active", "suspended"), UniqueConstraint("clinic_id"))
    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    clinic_id: Mapped[int] = mapped_column(ForeignKey("core.clinic.id", ondelete="CASCADE"))
    plan_id: Mapped[int] = mapped_column(ForeignKey("core.subscription_plan.id"))
    starts_on: Mapped[dt.date] = mapped_column(Date)
    ends_on: Mapped[dt.date | None] = mapped_column(Date)
    state: Mapped[str] = mapped_column(Text, server_default="active")


class ClinicPlugin(TenantModel):
    """The clinic's own switch of a plugin. `switched_by` keeps the person's name, `updated_at` the moment."""

    __table_args__ = (unique("plugin_id"),)
    plugin_id: Mapped[str] = mapped_column(Text)
    is_enabled: Mapped[bool] = mapped_column(Boolean)
    switched_by: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)


class LegalEntity(TenantModel, SoftDeleted):
    """Who issues invoices. One is made with the clinic; with one, nobody sees the choice (ORG-01)."""

    full_name: Mapped[str] = mapped_column(Text)
    short_name: Mapped[str] = mapped_column(Text)
    inn: Mapped[str | None] = mapped_column(Text)
    kpp: Mapped[str | None] = mapped_column(Text)
    ogrn: Mapped[str | None] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    licence: Mapped[str | None] = mapped_column(Text)


class Branch(TenantModel, SoftDeleted):
    """One location. An empty `time_zone` means the clinic's (ROAD-01)."""

    __table_args__ = (unique("name", where=ALIVE),)
    legal_entity_id: Mapped[int] = ref("core.legal_entity")
    name: Mapped[str] = mapped_column(Text)
    address: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    time_zone: Mapped[str | None] = mapped_column(Text)


class Chair(TenantModel, SoftDeleted):
    """A dental chair, a column of the timetable (CAL-07)."""

    __table_args__ = (unique("branch_id", "name", where=ALIVE),)
    branch_id: Mapped[int] = ref("core.branch")
    name: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(Integer, server_default="0")
