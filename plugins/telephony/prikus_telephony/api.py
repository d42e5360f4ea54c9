"""Calls for programs: the log, calling out, recordings, whose telephones are whose (API-01)."""

from __future__ import annotations

import datetime as dt

from litestar import Response, get, post
from litestar.params import JSONBody

from prikus.toolkit import Changes, Context, Cursor, Done, Limit, PressKey, RowId, checked_body, pressed_once
from prikus_telephony.schemas import (
    CallBackWish,
    CallChange,
    CallPage,
    CallRow,
    CallWish,
    Direction,
    ExtensionRow,
    Figures,
    NewExtension,
    Ringing,
)
from prikus_telephony.services import extensions, log, providers


@get("/calls")
async def get_calls(
    ctx: Context,
    date_from: dt.date | None = None,
    date_to: dt.date | None = None,
    direction: Direction | None = None,
    missed: bool = False,
    waiting: bool = False,
    after: Cursor = None,
    before: Cursor = None,
) -> CallPage:
    """Звонки, новые сверху, по 30; `next` ответа – это `after` следующей страницы."""
    filters = log.Filters(date_from, date_to, direction, missed, waiting)
    return await log.calls(ctx, filters, after=after, before=before)


@get("/calls/changes")
async def get_changed_calls(ctx: Context, changed_since: Cursor = None, limit: Limit = 100) -> Changes[CallChange]:
    """Звонки в порядке изменений. Курсор из ответа продолжает список в любой день."""
    return await log.changed_calls(ctx, changed_since, limit)


@get("/calls/{call_id:int}")
async def get_call(ctx: Context, call_id: RowId) -> CallRow:
    """Один звонок."""
    return await log.one(ctx, call_id)


@get("/figures")
async def get_figures(ctx: Context, date_from: dt.date | None = None, date_to: dt.date | None = None) -> Figures:
    """Сколько было звонков за дни с date_from по date_to включительно."""
    return await log.figures(ctx, date_from, date_to)


@post("/calls", status_code=200)
async def call_patient(outside: Context, data: JSONBody[CallWish]) -> Ringing:
    """Позвонить пациенту: сначала звонит телефон клиники extension_id. 409, если телефония не подключена.

    Повторённый запрос звонит ещё раз: после потерянного ответа сначала посмотрите изменения звонков.
    """
    return Ringing(await providers.call_patient(outside, data.patient_id, data.extension_id))


@post("/calls/{call_id:int}/call-back", status_code=200)
async def call_back(outside: Context, call_id: RowId, data: JSONBody[CallBackWish]) -> Ringing:
    """Перезвонить на номер этого звонка. Повторённый запрос звонит ещё раз."""
    return Ringing(await providers.call_back(outside, call_id, data.extension_id))


@post("/calls/{call_id:int}/done", status_code=200)
async def mark_done(ctx: Context, call_id: RowId) -> Done:
    """Отметить, что по пропущенному перезвонили. 409, если отмечено или звонок не пропущен."""
    await log.mark_done(ctx, call_id)
    return Done(call_id)


@get("/calls/{call_id:int}/recording", media_type="audio/mpeg")
async def get_recording(outside: Context, call_id: RowId) -> Response[bytes]:
    """Запись разговора; каждое прослушивание отмечается. 404, пока записи нет."""
    found = await providers.recording(outside, call_id)
    return Response(found.content, media_type=found.content_type, headers={"Cache-Control": "no-store"})


@get("/extensions")
async def get_extensions(ctx: Context) -> list[ExtensionRow]:
    """Внутренние номера, по порядку."""
    return await extensions.extensions(ctx)


@post("/extensions")
async def add_extension(ctx: Context, data: JSONBody[NewExtension], idempotency_key: PressKey) -> Done:
    """Закрепить внутренний номер за сотрудником. 409, если он уже закреплён."""
    new = checked_body(data)

    async def add() -> Done:
        return Done(await extensions.add_extension(ctx, new.connection_id, new.number, new.staff_id))

    return await pressed_once(ctx, idempotency_key, new, Done, add)


@post("/extensions/{extension_id:int}/remove", status_code=200)
async def remove_extension(ctx: Context, extension_id: RowId) -> Done:
    """Открепить внутренний номер."""
    await extensions.remove_extension(ctx, extension_id)
    return Done(extension_id)


routes = [
    get_calls,
    get_changed_calls,
    get_call,
    get_figures,
    call_patient,
    call_back,
    mark_done,
    get_recording,
    get_extensions,
    add_extension,
    remove_extension,
]
