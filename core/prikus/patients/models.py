"""Patients and what is known about them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, Index, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from prikus.data.base import ALIVE, PERSONAL, Noted, SoftDeleted, TenantModel, index, ref, unique
from prikus.data.triggers import append_only
from prikus.data.types import Instant, one_of


class Patient(TenantModel, SoftDeleted, Noted):
    """A patient of the clinic. `sort_name`, `search_name`, `phone_digits` are computed by `patients.services.names`.

    With `erased_at` the card is empty and stays only for what the law keeps: invoices, visits.
    """

    __table_args__ = (
        unique("card_number"),
        Index("patient_alive_card_idx", "clinic_id", "card_number", postgresql_where=text(ALIVE)),
        index("sort_name", "id", where=ALIVE),
        index("phone_digits", where=ALIVE),
        index("deleted_at", "id", where="deleted_at is not null"),
        index("search_name", where=ALIVE),
        index("changed_xid", "id"),
        Index(
            "patient_search_trgm_idx",
            "clinic_id",
            "search_name",
            "phone_digits",
            postgresql_using="gin",
            postgresql_where=text(ALIVE),
            postgresql_ops={"search_name": "gin_trgm_ops", "phone_digits": "gin_trgm_ops"},
        ),
    )
    card_number: Mapped[int] = mapped_column(BigInteger)
    last_name: Mapped[str] = mapped_column(Text)
    first_name: Mapped[str] = mapped_column(Text)
    patronymic: Mapped[str | None] = mapped_column(Text)
    sort_name: Mapped[str] = mapped_column(Text)
    search_name: Mapped[str] = mapped_column(Text)
    phone: Mapped[str] = mapped_column(Text)
    phone_digits: Mapped[str] = mapped_column(Text)
    home_phone: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    birth_date: Mapped[dt.date | None] = mapped_column(Date)
    gender_id: Mapped[int | None] = ref("core.gender", optional=True)
    marketing_channel_id: Mapped[int | None] = ref("core.marketing_channel", optional=True)
    patient_group_id: Mapped[int | None] = ref("core.patient_group", optional=True)
    coordinator_id: Mapped[int | None] = ref("core.staff_member", optional=True)
    mailing_enabled: Mapped[bool] = mapped_column(Boolean, server_default=text("false"))
    is_active: Mapped[bool] = mapped_column(Boolean, server_default=text("true"))
    snils: Mapped[str | None] = mapped_column(Text)
    inn: Mapped[str | None] = mapped_column(Text)
    oms_policy_number: Mapped[str | None] = mapped_column(Text)
    comment: Mapped[str | None] = mapped_column(Text)
    erased_at: Mapped[dt.datetime | None] = mapped_column(Instant)


class IdentityDocument(TenantModel):
    """Passport, or another document of a foreign citizen (PAT-04)."""

    __table_args__ = (one_of("kind", "passport", "other"), unique("patient_id"))
    patient_id: Mapped[int] = ref("core.patient", on_delete="CASCADE")
    kind: Mapped[str] = mapped_column(Text)
    title: Mapped[str | None] = mapped_column(Text)
    series: Mapped[str | None] = mapped_column(Text)
    number: Mapped[str | None] = mapped_column(Text)
    issuer: Mapped[str | None] = mapped_column(Text)
    department_code: Mapped[str | None] = mapped_column(Text)
    issued_on: Mapped[dt.date | None] = mapped_column(Date)


class PatientAddress(TenantModel):
    """Registration or residence; a missing residence means "same as registration" (PAT-05)."""

    __table_args__ = (one_of("kind", "registration", "residence"), unique("patient_id", "kind"))
    patient_id: Mapped[int] = ref("core.patient", on_delete="CASCADE")
    kind: Mapped[str] = mapped_column(Text)
    postcode: Mapped[str | None] = mapped_column(Text)
    region: Mapped[str | None] = mapped_column(Text)
    city: Mapped[str | None] = mapped_column(Text)
    street: Mapped[str | None] = mapped_column(Text)
    house: Mapped[str | None] = mapped_column(Text)
    flat: Mapped[str | None] = mapped_column(Text)


class PatientEvent(TenantModel):
    """A line of «События пациента» (PAT-17). Append-only, fed by the events of all plugins."""

    __table_args__ = (index("patient_id", "happened_at", "id"),)
    patient_id: Mapped[int] = ref("core.patient", on_delete="CASCADE")
    kind: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    text: Mapped[str | None] = mapped_column(Text, comment=PERSONAL)
    href: Mapped[str | None] = mapped_column(Text)
    icon: Mapped[str] = mapped_column(Text)
    happened_at: Mapped[dt.datetime] = mapped_column(Instant)
    actor_kind: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    payload: Mapped[dict[str, object] | None] = mapped_column(JSONB, comment=PERSONAL)


@append_only("patient_id", "undo", "undone_at")
class PatientMerge(TenantModel):
    """A card that became part of another (PAT-22). Old addresses of `gone_id` lead to `patient_id`.

    `undo` is what it takes to part them again: the card's row, ids of moved rows, rows that gave way, filled fields.
    """

    __table_args__ = (unique("gone_id", where="undone_at is null"), index("patient_id"))
    gone_id: Mapped[int] = mapped_column(BigInteger)
    gone_card_number: Mapped[int] = mapped_column(BigInteger)
    patient_id: Mapped[int] = ref("core.patient")
    undo: Mapped[dict[str, Any] | None] = mapped_column(JSONB, comment=PERSONAL)
    undone_at: Mapped[dt.datetime | None] = mapped_column(Instant)


@append_only()
class PatientErasure(TenantModel):
    """The act of erasing a patient's personal data: why, and how many rows of each table were emptied or deleted.

    All acts together are the list that is done again after a restore from a backup (reliability 52).
    """

    __table_args__ = (index("patient_id"),)
    patient_id: Mapped[int] = ref("core.patient")
    reason: Mapped[str] = mapped_column(Text)
    rows: Mapped[dict[str, Any]] = mapped_column(JSONB)
