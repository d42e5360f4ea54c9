"""Taking in what sources hand over: once, however often it is said."""

from __future__ import annotations

import msgspec
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from prikus.toolkit import Aggregate, Context, own_phone, patient_with_phone, read_phone, storable
from prikus_crm.events import RequestCreated
from prikus_crm.models import CrmRequest, RequestSource
from prikus_crm.schemas import OPEN, Lead, LeadSource

CHANNEL = "crm.requests"


async def hear(ctx: Context, source: LeadSource, lead: Lead) -> int:
    """The number of the request, made now or before. Nothing of it is lost: what fits no field goes to the words."""
    source_id = await _source(ctx, source)
    phone, values = _values(lead)
    values["patient_id"] = patient = await patient_with_phone(ctx, phone)
    row = insert(CrmRequest).values(source_id=source_id, external_id=storable(lead.external_id), **values)
    fresh = row.on_conflict_do_nothing(index_elements=["clinic_id", "source_id", "external_id"])
    made = await ctx.db.scalar(fresh.returning(CrmRequest.id))
    if made is None:
        known = select(CrmRequest.id).where(CrmRequest.source_id == source_id)
        return (await ctx.db.scalars(known.where(CrmRequest.external_id == storable(lead.external_id)))).one()
    fact = RequestCreated(request_id=made, source=source.code, patient_id=patient)
    await ctx.emit(fact, Aggregate("crm.crm_request", made, 1))
    ctx.changed(CHANNEL, made)
    return made


async def know_patient(ctx: Context, patient_id: int) -> None:
    """Who wrote has a card now: requests that wait for an answer are theirs, unless the number is shared."""
    phone = await own_phone(ctx, patient_id)
    if phone is None:
        return
    waiting = ctx.visible(CrmRequest).where(CrmRequest.phone == phone, CrmRequest.patient_id.is_(None))
    for request in await ctx.db.scalars(waiting.where(CrmRequest.status.in_(OPEN))):
        request.patient_id = patient_id
        ctx.changed(CHANNEL, request.id)


async def claim(ctx: Context, patient_id: int) -> None:
    """All requests from the patient's own number are theirs, settled and deleted ones too."""
    if phone := await own_phone(ctx, patient_id):
        theirs = update(CrmRequest).where(CrmRequest.phone == phone, CrmRequest.patient_id.is_(None))
        await ctx.db.execute(theirs.values(patient_id=patient_id))


async def _source(ctx: Context, source: LeadSource) -> int:
    known = select(RequestSource.id).where(RequestSource.code == source.code)
    if (id := await ctx.db.scalar(known)) is not None:
        return id
    row = insert(RequestSource).values(**msgspec.structs.asdict(source)).on_conflict_do_nothing()
    await ctx.db.execute(row)
    return (await ctx.db.scalars(known)).one()


def _values(lead: Lead) -> tuple[str | None, dict[str, object]]:
    phone, words = None, [storable(lead.text)]
    if given := storable(lead.phone):
        try:
            phone = read_phone(given)
        except ValueError:
            words.insert(0, f"Телефон: {given}")
    values: dict[str, object] = {
        "phone": phone,
        "words": "\n".join(filter(None, words)) or None,
        "utm": {storable(name): storable(value) for name, value in lead.utm.items() if storable(name)} or None,
    }
    values |= {name: storable(getattr(lead, name)) or None for name in ("name", "email", "place", "page")}
    return phone, values | ({"received_at": lead.received_at} if lead.received_at else {})
