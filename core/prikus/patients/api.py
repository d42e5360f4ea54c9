"""JSON of patients: the same services as the pages (API-01)."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import get, post
from litestar.params import HeaderParameter, JSONBody, Parameter, QueryParameter

from prikus.access.context import Context
from prikus.patients.schemas import Added, Card, EditedPatient, FeedEntry, Match, NewPatient
from prikus.patients.services import following, keeping, merging
from prikus.patients.services.card import read_card, read_feed, require_patient
from prikus.patients.services.opening import note_opening
from prikus.patients.services.search import find_patients
from prikus.ui.forms import checked_body

Id = Annotated[int, Parameter(gt=0, le=2**63 - 1)]
Key = Annotated[str, HeaderParameter(name="Idempotency-Key", min_length=8, max_length=100)]
Limit = Annotated[int, QueryParameter(ge=1, le=500)]
Cursor = Annotated[str | None, QueryParameter(max_length=200)]
Typed = Annotated[str, QueryParameter(max_length=200)]


class Merge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`other_id` becomes part of the card that the address names."""

    other_id: int


class Metadata(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words of programs: at most 50 keys, values up to 500 characters; null takes a key away."""

    metadata: dict[str, str | None]


class Noted(msgspec.Struct, frozen=True):
    """All that programs noted."""

    metadata: dict[str, str]


class Feed(msgspec.Struct, frozen=True):
    """Events of a patient, newest first; `before` is the cursor of older ones."""

    items: list[FeedEntry]
    before: int | None


class Done(msgspec.Struct, frozen=True):
    """It is done to this one."""

    id: int


@get("/")
async def get_patients(ctx: Context, changed_since: Cursor = None, limit: Limit = 100) -> following.PatientChanges:
    """Пациенты в порядке изменений, с удалёнными и объединёнными. Курсор из ответа продолжает список в любой день."""
    return await following.changed_patients(ctx, changed_since, limit)


@get("/search")
async def search_patients(ctx: Context, q: Typed) -> list[Match]:
    """Поиск по началу имени, телефона или номеру карты: лучшие десять."""
    return await find_patients(ctx, q)


@post("/")
async def create_patient(ctx: Context, data: JSONBody[NewPatient], idempotency_key: Key) -> Added:
    """Новая карта. 409, если такой человек с этим телефоном уже есть: повторите с despite_duplicate."""
    return await keeping.add_patient(ctx, checked_body(data), idempotency_key)


@get("/{patient_id:int}")
async def get_patient(ctx: Context, patient_id: Id) -> Card:
    """Карта целиком. Документы видны с правом на них."""
    found = await read_card(ctx, patient_id)
    await note_opening(ctx, found)
    return found


@post("/{patient_id:int}", status_code=200)
async def edit_patient(ctx: Context, patient_id: Id, data: JSONBody[EditedPatient]) -> Done:
    """Записать карту целиком поверх версии row_version. 409, если её успел изменить коллега."""
    await keeping.edit_patient(ctx, patient_id, checked_body(data))
    return Done(patient_id)


@post("/{patient_id:int}/delete", status_code=200)
async def delete_patient(ctx: Context, patient_id: Id) -> Done:
    """В корзину."""
    await keeping.delete_patient(ctx, patient_id)
    return Done(patient_id)


@post("/{patient_id:int}/merge", status_code=200)
async def merge_patient(ctx: Context, patient_id: Id, data: JSONBody[Merge]) -> merging.Merged:
    """Объединить: карта other_id становится частью этой."""
    return await merging.merge_patients(ctx, data.other_id, patient_id)


@get("/{patient_id:int}/feed")
async def get_feed(
    ctx: Context, patient_id: Id, before: Annotated[int | None, QueryParameter(gt=0, le=2**63 - 1)] = None
) -> Feed:
    """«События пациента», новые сверху."""
    await require_patient(ctx, patient_id)
    return Feed(*await read_feed(ctx, patient_id, None, before))


@get("/{patient_id:int}/metadata")
async def get_metadata(ctx: Context, patient_id: Id) -> Noted:
    """Пометки программ на карте."""
    return Noted(await following.read_metadata(ctx, patient_id))


@post("/{patient_id:int}/metadata", status_code=200)
async def note_metadata(ctx: Context, patient_id: Id, data: JSONBody[Metadata]) -> Noted:
    """Добавить и убрать пометки; остальные ключи остаются."""
    return Noted(await following.note_metadata(ctx, patient_id, data.metadata))


routes = [
    get_patients,
    search_patients,
    create_patient,
    get_patient,
    edit_patient,
    delete_patient,
    merge_patient,
    get_feed,
    get_metadata,
    note_metadata,
]
