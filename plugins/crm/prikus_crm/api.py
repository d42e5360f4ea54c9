"""Requests as JSON: `/api/v1/crm/requests`."""

from __future__ import annotations

import datetime as dt

from litestar import get, post
from litestar.params import JSONBody

from prikus.toolkit import (
    Changes,
    Context,
    Cursor,
    Done,
    Limit,
    Metadata,
    NotedWords,
    OptionalId,
    PressKey,
    RowId,
    checked_body,
)
from prikus_crm.schemas import MoveForm, RequestChange, RequestForm, RequestPage, RequestRow, Status
from prikus_crm.services import keeping, listing, programs
from prikus_crm.services.listing import Filters, Sort


@get("/requests")
async def get_requests(
    ctx: Context,
    q: str = "",
    date_from: dt.date | None = None,
    date_to: dt.date | None = None,
    status: Status | None = None,
    source: str | None = None,
    responsible: OptionalId = None,
    sort: Sort = "-received",
    after: str | None = None,
    before: str | None = None,
) -> RequestPage:
    """Обращения, по 30; `next` ответа – это `after` следующей страницы."""
    filters = Filters(q=q, date_from=date_from, date_to=date_to, status=status, source=source, responsible=responsible)
    return await listing.requests(ctx, filters, sort, after=after, before=before)


@get("/requests/{request_id:int}")
async def get_request(ctx: Context, request_id: RowId) -> RequestRow:
    """Обращение с пациентом и ответственным."""
    return await listing.one(ctx, request_id)


@get("/requests/changes")
async def get_changed_requests(
    ctx: Context, changed_since: Cursor = None, limit: Limit = 100
) -> Changes[RequestChange]:
    """Обращения в порядке изменений, с удалёнными. Курсор из ответа продолжает список в любой день."""
    return await programs.changed_requests(ctx, changed_since, limit)


@post("/requests")
async def create_request(ctx: Context, data: JSONBody[RequestForm], idempotency_key: PressKey) -> Done:
    """Записать обращение. Пациент находится по телефону, если не назван."""
    return await keeping.add(ctx, checked_body(data), idempotency_key)


@post("/requests/{request_id:int}", status_code=200)
async def change_request(ctx: Context, request_id: RowId, data: JSONBody[RequestForm]) -> Done:
    """Записать обращение целиком поверх версии row_version. 409, если его успел изменить коллега."""
    await keeping.change(ctx, request_id, checked_body(data))
    return Done(request_id)


@post("/requests/{request_id:int}/move", status_code=200)
async def move_request(ctx: Context, request_id: RowId, data: JSONBody[MoveForm]) -> Done:
    """Другой статус. «Отказ» требует причины: его записывают вместе с ней."""
    await keeping.move(ctx, request_id, data.status)
    return Done(request_id)


@post("/requests/{request_id:int}/delete", status_code=200)
async def delete_request(ctx: Context, request_id: RowId) -> Done:
    """В корзину."""
    await keeping.delete(ctx, request_id)
    return Done(request_id)


@get("/requests/{request_id:int}/metadata")
async def get_metadata(ctx: Context, request_id: RowId) -> NotedWords:
    """Пометки программ на обращении."""
    return await programs.read_metadata(ctx, request_id)


@post("/requests/{request_id:int}/metadata", status_code=200)
async def note_metadata(ctx: Context, request_id: RowId, data: JSONBody[Metadata]) -> NotedWords:
    """Добавить и убрать пометки; остальные ключи остаются."""
    return await programs.note_metadata(ctx, request_id, data)


routes = [
    get_requests,
    get_request,
    get_changed_requests,
    create_request,
    change_request,
    move_request,
    delete_request,
    get_metadata,
    note_metadata,
]
