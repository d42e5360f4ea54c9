"""JSON of patients: the same services as the pages (API-01)."""

from __future__ import annotations

import msgspec
from litestar import get, post
from litestar.params import JSONBody

from prikus.access.context import Context
from prikus.patients.schemas import Added, Card, EditedPatient, FeedEntry, Match, NewPatient
from prikus.patients.services import following, keeping, merging
from prikus.patients.services.card import read_card, read_feed, require_patient
from prikus.patients.services.following import PatientItem
from prikus.patients.services.opening import note_opening
from prikus.patients.services.search import find_patients
from prikus.ui.forms import checked_body
from prikus.ui.programs import (
    Changes,
    Cursor,
    Done,
    Limit,
    Metadata,
    NotedWords,
    OptionalId,
    PressKey,
    RowId,
    Typed,
)


class Merge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`other_id` becomes part of the card that the address names."""

    other_id: int


class Feed(msgspec.Struct, frozen=True):
    """Events of a patient, newest first; `before` is the cursor of older ones."""

    items: list[FeedEntry]
    before: int | None


@get("/")
async def get_patients(ctx: Context, changed_since: Cursor = None, limit: Limit = 100) -> Changes[PatientItem]:
    """Пациенты в порядке изменений, с удалёнными и объединёнными. Курсор из ответа продолжает список в любой день."""
    return await following.changed_patients(ctx, changed_since, limit)


@get("/search")
async def search_patients(ctx: Context, q: Typed) -> list[Match]:
    """Поиск по началу имени, телефона или номеру карты: лучшие десять."""
    return await find_patients(ctx, q)


@post("/")
async def create_patient(ctx: Context, data: JSONBody[NewPatient], idempotency_key: PressKey) -> Added:
    """Новая карта. 409, если такой человек с этим телефоном уже есть: повторите с despite_duplicate."""
    return await keeping.add_patient(ctx, checked_body(data), idempotency_key)


@get("/{patient_id:int}")
async def get_patient(ctx: Context, patient_id: RowId) -> Card:
    """Карта целиком. Документы видны с правом на них."""
    found = await read_card(ctx, patient_id)
    await note_opening(ctx, found)
    return found


@post("/{patient_id:int}", status_code=200)
async def edit_patient(ctx: Context, patient_id: RowId, data: JSONBody[EditedPatient]) -> Done:
    """Записать карту целиком поверх версии row_version. 409, если её успел изменить коллега."""
    await keeping.edit_patient(ctx, patient_id, checked_body(data))
    return Done(patient_id)


@post("/{patient_id:int}/delete", status_code=200)
async def delete_patient(ctx: Context, patient_id: RowId) -> Done:
    """В корзину."""
    await keeping.delete_patient(ctx, patient_id)
    return Done(patient_id)


@post("/{patient_id:int}/merge", status_code=200)
async def merge_patient(ctx: Context, patient_id: RowId, data: JSONBody[Merge]) -> merging.Merged:
    """Объединить: карта other_id становится частью этой."""
    return await merging.merge_patients(ctx, data.other_id, patient_id)


@get("/{patient_id:int}/feed")
async def get_feed(ctx: Context, patient_id: RowId, before: OptionalId = None) -> Feed:
    """«События пациента», новые сверху."""
    await require_patient(ctx, patient_id)
    return Feed(*await read_feed(ctx, patient_id, None, before))


@get("/{patient_id:int}/metadata")
async def get_metadata(ctx: Context, patient_id: RowId) -> NotedWords:
    """Пометки программ на карте."""
    return await following.read_metadata(ctx, patient_id)


@post("/{patient_id:int}/metadata", status_code=200)
async def note_metadata(ctx: Context, patient_id: RowId, data: JSONBody[Metadata]) -> NotedWords:
    """Добавить и убрать пометки; остальные ключи остаются."""
    return await following.note_metadata(ctx, patient_id, data)


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
