"""JSON of patients: the same services as the pages (API-01)."""

from __future__ import annotations

import msgspec
from litestar import get, post
from litestar.params import JSONBody
from litestar.response import Stream

from prikus.access.context import Context
from prikus.patients.schemas import Added, Card, EditedPatient, FeedEntry, Match, NewPatient
from prikus.patients.services import erasing, exporting, following, keeping, merging
from prikus.patients.services.card import read_card, read_feed, require_patient
from prikus.patients.services.choices import read_choices
from prikus.patients.services.comparing import Past, recent_merges
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


class Erasure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """On what ground, and the number of the card as the confirmation."""

    reason: str
    card_number: int


class Named(msgspec.Struct, frozen=True):
    id: int
    name: str


class BookLists(msgspec.Struct, frozen=True):
    """Rows of the reference books that a card refers to."""

    genders: list[Named]
    channels: list[Named]
    groups: list[Named]
    coordinators: list[Named]


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


@get("/{patient_id:int}/merges")
async def get_merges(ctx: Context, patient_id: RowId) -> list[Past]:
    """Объединения с этой картой, которые ещё можно отменить, новые сверху."""
    return (await recent_merges(ctx, patient_id))[1]


@post("/merges/{merge_id:int}/undo", status_code=200)
async def undo_merge(ctx: Context, merge_id: RowId) -> Done:
    """Отменить объединение: карта, которой не стало, снова есть, её номер в ответе."""
    return Done(await merging.part_patients(ctx, merge_id))


@get("/{patient_id:int}/export", media_type="application/zip")
async def export_patient(ctx: Context, patient_id: RowId) -> Stream:
    """Всё о пациенте архивом."""
    patient = await exporting.note_export(ctx, patient_id)
    return Stream(exporting.export_patient(ctx, patient), media_type="application/zip")


@post("/{patient_id:int}/erase", status_code=200)
async def erase_patient(ctx: Context, patient_id: RowId, data: JSONBody[Erasure]) -> Done:
    """Стереть персональные данные. Пути назад нет, поэтому номер карты называют ещё раз."""
    act = checked_body(data)
    await erasing.erase_confirmed(ctx, patient_id, act.card_number, act.reason)
    return Done(patient_id)


@get("/choices")
async def get_choices(ctx: Context) -> BookLists:
    """Справочники карты: пол, рекламные каналы, группы пациентов, координаторы."""
    ctx.require("patients.patient.view")
    found = await read_choices(ctx)
    names = ("genders", "channels", "groups", "coordinators")
    return BookLists(*([Named(*row) for row in getattr(found, name)] for name in names))


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
    get_merges,
    undo_merge,
    export_patient,
    erase_patient,
    get_choices,
    get_feed,
    get_metadata,
    note_metadata,
]
