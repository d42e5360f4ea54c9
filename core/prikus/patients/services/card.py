"""Reading a card and its feed: one statement each."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, ClauseElement, and_, bindparam, or_, select, tuple_
from sqlalchemy.orm import aliased

from prikus.access.context import Context
from prikus.access.models import StaffMember
from prikus.access.names import short_name
from prikus.data.base import visible
from prikus.data.statements import prepared
from prikus.errors import NotFound
from prikus.patients.hookspecs import FeedKind
from prikus.patients.models import IdentityDocument, Patient, PatientAddress, PatientEvent
from prikus.patients.schemas import Address, Card, Document, FeedEntry
from prikus.patients.services.entering import SENSITIVE
from prikus.references.models import Gender, MarketingChannel, PatientGroup

FEED_PAGE = 20
PATIENT, BEFORE = bindparam("patient", type_=BigInteger), bindparam("before", type_=BigInteger)
OWN = (
    "id",
    "row_version",
    "card_number",
    "last_name",
    "first_name",
    "patronymic",
    "phone",
    "home_phone",
    "email",
    "birth_date",
    "gender_id",
    "marketing_channel_id",
    "patient_group_id",
    "coordinator_id",
    "mailing_enabled",
    "is_active",
    *SENSITIVE,
    "comment",
    "created_at",
)


async def read_card(ctx: Context, patient_id: int) -> Card:
    """The whole card in one statement. Raises `NotFound`, `Denied`."""
    ctx.require("patients.patient.view")
    found = await _card().row(ctx.db, patient=patient_id)
    if found is None:
        raise NotFound()
    row = found._asdict()
    may_see = ctx.can("patients.sensitive.view")
    own = {name: row[name] for name in OWN}
    if not may_see:
        own |= dict.fromkeys(SENSITIVE)
    return Card(
        **own,
        gender=row["gender"],
        gender_code=row["gender_code"],
        channel=row["channel"],
        group=row["group"],
        coordinator=short_name(row["staff_last"], row["staff_first"], row["staff_patronymic"])
        if row["staff_last"]
        else None,
        document=_part(Document, row, "document") if may_see else None,
        registration=_part(Address, row, "registration"),
        residence=_part(Address, row, "residence"),
    )


def _part(into: Any, row: Any, prefix: str) -> Any:
    if row[f"{prefix}_id"] is None:
        return None
    return into(**{name: row[f"{prefix}_{name}"] for name in into.__struct_fields__})


@prepared
def _card() -> ClauseElement:
    registration, residence = aliased(PatientAddress), aliased(PatientAddress)
    parts = (
        (IdentityDocument, Document, "document"),
        (registration, Address, "registration"),
        (residence, Address, "residence"),
    )
    labelled = [
        getattr(table, name).label(f"{prefix}_{name}")
        for table, struct, prefix in parts
        for name in ("id", *struct.__struct_fields__)
    ]
    return (
        visible(
            Patient,
            *(getattr(Patient, name) for name in OWN),
            Gender.name.label("gender"),
            Gender.code.label("gender_code"),
            MarketingChannel.name.label("channel"),
            PatientGroup.name.label("group"),
            StaffMember.last_name.label("staff_last"),
            StaffMember.first_name.label("staff_first"),
            StaffMember.patronymic.label("staff_patronymic"),
            *labelled,
        )
        .outerjoin(Gender, Gender.id == Patient.gender_id)
        .outerjoin(MarketingChannel, MarketingChannel.id == Patient.marketing_channel_id)
        .outerjoin(PatientGroup, PatientGroup.id == Patient.patient_group_id)
        .outerjoin(StaffMember, StaffMember.id == Patient.coordinator_id)
        .outerjoin(IdentityDocument, IdentityDocument.patient_id == Patient.id)
        .outerjoin(registration, and_(registration.patient_id == Patient.id, registration.kind == "registration"))
        .outerjoin(residence, and_(residence.patient_id == Patient.id, residence.kind == "residence"))
        .where(Patient.id == PATIENT)
    )


@prepared
def _present() -> ClauseElement:
    return visible(Patient, Patient.id).where(Patient.id == PATIENT)


async def require_patient(ctx: Context, patient_id: int) -> None:
    """Raise `NotFound` unless this clinic has the patient, `Denied` without the right to see patients."""
    ctx.require("patients.patient.view")
    if await _present().scalar(ctx.db, patient=patient_id) is None:
        raise NotFound()


async def read_feed(
    ctx: Context, patient_id: int, kind: FeedKind | None = None, before: int | None = None
) -> tuple[list[FeedEntry], int | None]:
    """Lines of «События пациента», newest first, and the cursor of older ones (PAT-17)."""
    ctx.require("patients.patient.view")
    query = _feed(kind.events if kind else (), before is not None)
    rows = await query.rows(ctx.db, patient=patient_id, before=before)
    zone = ctx.zone()
    entries = [_entry(zone, *row) for row in rows[:FEED_PAGE]]
    return entries, entries[-1].id if len(rows) > FEED_PAGE else None


def _entry(zone: ZoneInfo, *row: Any) -> FeedEntry:
    *event, last, first, patronymic = row
    seen: Any = event[-1].astimezone(zone).date(), short_name(last, first, patronymic) if last else None
    return FeedEntry(*event, *seen)


@prepared
def _feed(events: tuple[str, ...], is_older: bool) -> ClauseElement:
    query = (
        select(
            PatientEvent.id,
            PatientEvent.kind,
            PatientEvent.title,
            PatientEvent.text,
            PatientEvent.href,
            PatientEvent.icon,
            PatientEvent.happened_at,
            StaffMember.last_name,
            StaffMember.first_name,
            StaffMember.patronymic,
        )
        .outerjoin(StaffMember, and_(PatientEvent.actor_kind == "staff", StaffMember.id == PatientEvent.actor_id))
        .where(PatientEvent.patient_id == PATIENT)
        .order_by(PatientEvent.happened_at.desc(), PatientEvent.id.desc())
        .limit(FEED_PAGE + 1)
    )
    if events:
        query = query.where(or_(*(PatientEvent.kind.startswith(f"{event}.") for event in events)))
    if is_older:
        edge = select(PatientEvent.happened_at, PatientEvent.id).where(PatientEvent.id == BEFORE).scalar_subquery()
        query = query.where(tuple_(PatientEvent.happened_at, PatientEvent.id) < edge)
    return query
