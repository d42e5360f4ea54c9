"""What comes in with forms and what pages and plugins read of patients."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import msgspec

from prikus.access.names import full_name

Sort = Literal["name", "-name", "card", "-card"]


class PatientForm(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """The three blocks of a card, as the panel sends them (PAT-03…PAT-06, PAT-08, PAT-09).

    `other_document` says which of the two documents counts; `same_address` that no residence is kept.
    """

    last_name: str
    first_name: str
    patronymic: str | None = None
    phone: str
    email: str | None = None
    birth_date: dt.date | None = None
    gender_id: int | None = None
    marketing_channel_id: int | None = None
    patient_group_id: int | None = None
    coordinator_id: int | None = None
    mailing_enabled: bool = False
    home_phone: str | None = None
    other_document: bool = False
    passport_series: str | None = None
    passport_number: str | None = None
    passport_issuer: str | None = None
    passport_department_code: str | None = None
    passport_issued_on: dt.date | None = None
    document_title: str | None = None
    document_number: str | None = None
    document_issuer: str | None = None
    document_issued_on: dt.date | None = None
    snils: str | None = None
    inn: str | None = None
    oms_policy_number: str | None = None
    registration_postcode: str | None = None
    registration_region: str | None = None
    registration_city: str | None = None
    registration_street: str | None = None
    registration_house: str | None = None
    registration_flat: str | None = None
    same_address: bool = False
    residence_postcode: str | None = None
    residence_region: str | None = None
    residence_city: str | None = None
    residence_street: str | None = None
    residence_house: str | None = None
    residence_flat: str | None = None
    comment: str | None = None


class NewPatient(PatientForm, kw_only=True):
    """`despite_duplicate` is the answer to the warning; `next` an address to open in the panel with the new patient."""

    despite_duplicate: bool = False
    next: str | None = None


class EditedPatient(PatientForm, kw_only=True):
    """`row_version` is what the form was filled from."""

    is_active: bool = False
    row_version: int


class Added(msgspec.Struct, frozen=True):
    """A new patient."""

    id: int
    card_number: int


class Match(msgspec.Struct, frozen=True):
    """A patient as lists and pickers show it."""

    id: int
    card_number: int
    last_name: str
    first_name: str
    patronymic: str | None
    phone: str
    birth_date: dt.date | None
    is_active: bool

    @property
    def name(self) -> str:
        return full_name(self.last_name, self.first_name, self.patronymic)


class Document(msgspec.Struct, frozen=True):
    """Passport or another document of identity."""

    kind: str
    title: str | None
    series: str | None
    number: str | None
    issuer: str | None
    department_code: str | None
    issued_on: dt.date | None


class Address(msgspec.Struct, frozen=True):
    """An address in parts."""

    postcode: str | None = None
    region: str | None = None
    city: str | None = None
    street: str | None = None
    house: str | None = None
    flat: str | None = None

    @property
    def line(self) -> str:
        """In one line, as on an envelope."""
        parts = (self.postcode, self.region, self.city, self.street, self.house, self.flat and f"кв. {self.flat}")
        return ", ".join(part for part in parts if part)


class Card(msgspec.Struct, frozen=True):
    """All that the main section of a card shows. Sensitive fields are None without the right to see them."""

    id: int
    row_version: int
    card_number: int
    last_name: str
    first_name: str
    patronymic: str | None
    phone: str
    home_phone: str | None
    email: str | None
    birth_date: dt.date | None
    gender_id: int | None
    gender: str | None
    gender_code: str | None
    marketing_channel_id: int | None
    channel: str | None
    patient_group_id: int | None
    group: str | None
    coordinator_id: int | None
    coordinator: str | None
    mailing_enabled: bool
    is_active: bool
    snils: str | None
    inn: str | None
    oms_policy_number: str | None
    comment: str | None
    created_at: dt.datetime
    document: Document | None
    registration: Address | None
    residence: Address | None

    @property
    def name(self) -> str:
        return full_name(self.last_name, self.first_name, self.patronymic)

    @property
    def snils_shown(self) -> str | None:
        """`112-233-445 95`; what is not eleven digits stays as it was written."""
        text = self.snils
        if text is None or len(text) != 11 or not text.isdecimal():
            return text
        return f"{text[:3]}-{text[3:6]}-{text[6:9]} {text[9:]}"


class FeedEntry(msgspec.Struct, frozen=True):
    """A line of the feed. `day` is the clinic's local one; `author` is «Фамилия И. О.», or None for the system."""

    id: int
    kind: str
    title: str
    text: str | None
    href: str | None
    icon: str
    happened_at: dt.datetime
    day: dt.date
    author: str | None
