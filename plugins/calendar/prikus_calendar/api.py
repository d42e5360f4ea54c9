"""JSON for the grid: the same services as the pages."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from litestar import get, post
from litestar.params import HeaderParameter, JSONBody, QueryParameter

from prikus.toolkit import Context
from prikus_calendar.schemas import (
    CancelAppointment,
    ChangeStatus,
    Day,
    MoveAppointment,
    MoveShift,
    NewAppointment,
    ResizeAppointment,
    Saved,
    Span,
)
from prikus_calendar.services import booking, shifts, statuses
from prikus_calendar.services import day as reading

Key = Annotated[str, HeaderParameter(name="Idempotency-Key")]


@get("/day")
async def get_day(ctx: Context, date: dt.date, branch: int | None = None) -> Day:
    """Сетка одного дня филиала."""
    return await reading.day(ctx, date, branch)


@get("/appointments")
async def get_appointments(
    ctx: Context,
    first: Annotated[dt.date, QueryParameter(name="from")],
    last: Annotated[dt.date, QueryParameter(name="to")],
    branch: int | None = None,
) -> Span:
    """Записи и рабочее время за дни с from по to включительно."""
    return await reading.span(ctx, first, last, branch)


@post("/appointments")
async def create_appointment(ctx: Context, data: JSONBody[NewAppointment], idempotency_key: Key) -> Saved:
    """Записать пациента. 409, если время занято."""
    return await booking.book(ctx, data, idempotency_key)


@post("/appointments/{id:int}/move", status_code=200)
async def move_appointment(ctx: Context, id: int, data: JSONBody[MoveAppointment]) -> Saved:
    """Перенести запись на другое время, кресло или к другому врачу."""
    return await booking.move(ctx, id, data)


@post("/appointments/{id:int}/resize", status_code=200)
async def resize_appointment(ctx: Context, id: int, data: JSONBody[ResizeAppointment]) -> Saved:
    """Изменить конец записи в тот же день."""
    return await booking.resize(ctx, id, data)


@post("/appointments/{id:int}/status", status_code=200)
async def change_status(ctx: Context, id: int, data: JSONBody[ChangeStatus]) -> Saved:
    """Изменить статус записи."""
    return await statuses.change_status(ctx, id, data)


@post("/appointments/{id:int}/cancel", status_code=200)
async def cancel_appointment(ctx: Context, id: int, data: JSONBody[CancelAppointment]) -> Saved:
    """Отменить запись: время освобождается."""
    return await statuses.cancel(ctx, id, data)


@post("/shifts/{id:int}/move", status_code=200)
async def move_shift(ctx: Context, id: int, data: JSONBody[MoveShift]) -> Saved:
    """Перенести рабочее время врача."""
    return await shifts.move_shift(ctx, id, data)


routes = [
    get_day,
    get_appointments,
    create_appointment,
    move_appointment,
    resize_appointment,
    change_status,
    cancel_appointment,
    move_shift,
]
