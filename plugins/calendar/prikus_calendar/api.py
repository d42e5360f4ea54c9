"""JSON of the calendar for the grid and for programs: the same services as the pages (API-01)."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from litestar import get, post
from litestar.params import JSONBody, QueryParameter

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
    pressed_once,
)
from prikus_calendar.schemas import (
    AppointmentCell,
    AppointmentChange,
    CancelAppointment,
    ChangeStatus,
    Day,
    FreeTime,
    MoveAppointment,
    MoveShift,
    NewAppointment,
    NewShifts,
    ResizeAppointment,
    RowVersion,
    Saved,
    SavedShifts,
    ShiftChange,
    Span,
    StatusInfo,
    VisitTypeInfo,
)
from prikus_calendar.services import booking, programs, shifts, statuses
from prikus_calendar.services import day as reading


@get("/day")
async def get_day(ctx: Context, date: dt.date, branch: OptionalId = None) -> Day:
    """Сетка одного дня филиала."""
    return await reading.day(ctx, date, branch)


@get("/appointments")
async def get_appointments(
    ctx: Context,
    first: Annotated[dt.date, QueryParameter(name="from")],
    last: Annotated[dt.date, QueryParameter(name="to")],
    branch: OptionalId = None,
) -> Span:
    """Записи и рабочее время за дни с from по to включительно."""
    return await reading.span(ctx, first, last, branch)


@post("/appointments")
async def create_appointment(ctx: Context, data: JSONBody[NewAppointment], idempotency_key: PressKey) -> Saved:
    """Записать пациента. 409, если время занято."""
    return await booking.book(ctx, checked_body(data), idempotency_key)


@post("/appointments/{id:int}/move", status_code=200)
async def move_appointment(ctx: Context, id: RowId, data: JSONBody[MoveAppointment]) -> Saved:
    """Перенести запись на другое время, кресло или к другому врачу."""
    return await booking.move(ctx, id, data)


@post("/appointments/{id:int}/resize", status_code=200)
async def resize_appointment(ctx: Context, id: RowId, data: JSONBody[ResizeAppointment]) -> Saved:
    """Изменить конец записи в тот же день."""
    return await booking.resize(ctx, id, data)


@post("/appointments/{id:int}/status", status_code=200)
async def change_status(ctx: Context, id: RowId, data: JSONBody[ChangeStatus]) -> Saved:
    """Изменить статус записи."""
    return await statuses.change_status(ctx, id, data)


@post("/appointments/{id:int}/cancel", status_code=200)
async def cancel_appointment(ctx: Context, id: RowId, data: JSONBody[CancelAppointment]) -> Saved:
    """Отменить запись: время освобождается."""
    return await statuses.cancel(ctx, id, checked_body(data))


@post("/shifts/{id:int}/move", status_code=200)
async def move_shift(ctx: Context, id: RowId, data: JSONBody[MoveShift]) -> Saved:
    """Перенести рабочее время врача."""
    return await shifts.move_shift(ctx, id, data)


@get("/appointments/changes")
async def get_changed_appointments(
    ctx: Context, changed_since: Cursor = None, limit: Limit = 100
) -> Changes[AppointmentChange]:
    """Записи в порядке изменений. Курсор из ответа продолжает список в любой день."""
    return await programs.changed_appointments(ctx, changed_since, limit)


@get("/appointments/{id:int}")
async def get_appointment(ctx: Context, id: RowId) -> AppointmentCell:
    """Одна запись; время – по часам филиала."""
    return await reading.appointment(ctx, id)


@get("/appointments/{id:int}/metadata")
async def get_metadata(ctx: Context, id: RowId) -> NotedWords:
    """Пометки программ на записи."""
    return await programs.read_metadata(ctx, id)


@post("/appointments/{id:int}/metadata", status_code=200)
async def note_metadata(ctx: Context, id: RowId, data: JSONBody[Metadata]) -> NotedWords:
    """Добавить и убрать пометки; остальные ключи остаются."""
    return await programs.note_metadata(ctx, id, data)


@get("/free")
async def get_free_times(ctx: Context, date: dt.date, branch: OptionalId = None) -> list[FreeTime]:
    """Свободное рабочее время дня, которое ещё не прошло, по креслам."""
    return await programs.free_times(ctx, date, branch)


@get("/statuses")
async def get_statuses(ctx: Context) -> list[StatusInfo]:
    """Статусы записей."""
    return await statuses.statuses(ctx)


@get("/visit-types")
async def get_visit_types(ctx: Context) -> list[VisitTypeInfo]:
    """Типы визитов."""
    return await reading.visit_types(ctx)


@get("/shifts/changes")
async def get_changed_shifts(ctx: Context, changed_since: Cursor = None, limit: Limit = 100) -> Changes[ShiftChange]:
    """Рабочее время врачей в порядке изменений, с удалённым."""
    return await programs.changed_shifts(ctx, changed_since, limit)


@post("/shifts")
async def create_shifts(ctx: Context, data: JSONBody[NewShifts], idempotency_key: PressKey) -> SavedShifts:
    """Рабочее время врача на один день или по дням недели. 409, если часть дней занята."""
    return await pressed_once(ctx, idempotency_key, data, SavedShifts, lambda: shifts.add_shifts(ctx, data))


@post("/shifts/{id:int}/delete", status_code=200)
async def delete_shift(ctx: Context, id: RowId, data: JSONBody[RowVersion]) -> Done:
    """Убрать рабочее время. 409, если в него записаны пациенты."""
    await shifts.delete_shift(ctx, id, data.row_version)
    return Done(id)


routes = [
    get_day,
    get_appointments,
    create_appointment,
    move_appointment,
    resize_appointment,
    change_status,
    cancel_appointment,
    move_shift,
    get_changed_appointments,
    get_appointment,
    get_metadata,
    note_metadata,
    get_free_times,
    get_statuses,
    get_visit_types,
    get_changed_shifts,
    create_shifts,
    delete_shift,
]
