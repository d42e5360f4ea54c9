"""Panels of appointments: booking, moving, cancelling (CAL-08, CAL-10, CAL-12)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
from litestar import Request, Response, get, post

from prikus.toolkit import (
    Conflict,
    Context,
    Stale,
    announce,
    done,
    fragment,
    key_of,
    page,
    read_date,
    read_form,
    read_time,
)
from prikus_calendar.schemas import (
    AppointmentCell,
    CancelAppointment,
    ChangeStatus,
    FreeTime,
    MoveAppointment,
    NewAppointment,
    Saved,
    ShiftCell,
    Source,
)
from prikus_calendar.services import booking, statuses
from prikus_calendar.services import day as reading
from prikus_calendar.services.agenda import gaps

PLACED = {"chair_id": "shift_id", "doctor_id": "shift_id"}
"""Where the form shows what a move names."""
USUAL_LENGTH = dt.timedelta(minutes=30)
SOURCES = (
    ("phone", "Звонок"),
    ("visit", "Обращение в клинику"),
    ("site", "Сайт"),
    ("messenger", "Мессенджер"),
    ("recommendation", "Рекомендация"),
    ("other", "Другое"),
)


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """The form of a booking as far as it is filled in. `shift_id` names doctor and chair."""

    patient_id: int | None = None
    date: dt.date | None = None
    starts: dt.time | None = None
    ends: dt.time | None = None
    shift_id: int | None = None
    visit_type_id: int | None = None
    source: Source | None = None
    comment: str | None = None
    allow_overlap: bool = False


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """The same form, ready to be saved."""

    patient_id: int
    date: dt.date
    starts: dt.time
    ends: dt.time
    shift_id: int
    visit_type_id: int | None = None
    source: Source | None = None
    comment: str | None = None
    allow_overlap: bool = False


class MoveDraft(msgspec.Struct, frozen=True, kw_only=True):
    row_version: int
    date: dt.date | None = None
    starts: dt.time | None = None
    ends: dt.time | None = None
    shift_id: int | None = None
    allow_overlap: bool = False


class FilledMove(msgspec.Struct, frozen=True, kw_only=True):
    row_version: int
    date: dt.date
    starts: dt.time
    ends: dt.time
    shift_id: int
    allow_overlap: bool = False


@get("/appointments/new")
async def new_appointment(
    ctx: Context,
    request: Request,
    patient_id: int | None = None,
    date: dt.date | None = None,
    starts: str | None = None,
    ends: str | None = None,
    shift_id: int | None = None,
) -> Response[str]:
    """The form, for the day that is shown unless another one is asked for."""
    ctx.require("calendar.appointment.create")
    shown = date or _day_of_page(request) or ctx.today(ctx.branch.id)
    draft = Draft(
        patient_id=patient_id,
        date=shown,
        starts=read_clock(starts),
        ends=read_clock(ends),
        shift_id=shift_id,
    )
    return page(ctx, "calendar/appointment.html", block="panel", **await _form(ctx, draft))


@post("/appointments/form", status_code=200)
async def refill_form(ctx: Context, request: Request) -> Response[str]:
    """The form again after another day or time was chosen; nothing is saved."""
    ctx.require("calendar.appointment.create")
    draft = await read_form(request, Draft)
    return fragment(ctx, "calendar/appointment.html", "panel", **await _form(ctx, draft), changed=True)


@post("/appointments", status_code=200)
async def create(ctx: Context, request: Request) -> Response[str]:
    filled = await read_form(request, Filled)
    shift = await reading.shift(ctx, filled.shift_id)
    new = NewAppointment(
        patient_id=filled.patient_id,
        chair_id=shift.chair_id,
        doctor_id=shift.doctor_id,
        date=filled.date,
        starts=filled.starts,
        ends=filled.ends,
        visit_type_id=filled.visit_type_id,
        source=filled.source,
        comment=filled.comment,
        allow_overlap=filled.allow_overlap,
    )
    key = await key_of(request)
    try:
        saved = await booking.book(ctx, new, key)
    except Conflict as conflict:
        await ctx.db.rollback()
        draft = msgspec.convert(msgspec.structs.asdict(filled), Draft)
        shown = await _form(ctx, draft, conflict)
        return fragment(ctx, "calendar/appointment.html", "panel", status=409, changed=True, **shown)
    return _saved(saved, f"Запись на {filled.date:%d.%m.%Y}, {filled.starts:%H:%M} создана")


@get("/appointments/{id:int}/move")
async def move_form(ctx: Context, id: int) -> Response[str]:
    ctx.require("calendar.appointment.edit")
    cell = await reading.appointment(ctx, id)
    draft = Draft(date=cell.date, starts=cell.starts.time(), ends=cell.ends.time())
    shown = await _form(ctx, draft, doctor_id=cell.doctor_id)
    return page(ctx, "calendar/move.html", block="panel", cell=cell, row_version=cell.row_version, **shown)


@post("/appointments/{id:int}/move/form", status_code=200)
async def refill_move(ctx: Context, id: int, request: Request) -> Response[str]:
    """The form of the move again, with the doctors of another day; nothing is saved."""
    ctx.require("calendar.appointment.edit")
    wish = await read_form(request, MoveDraft)
    cell = await reading.appointment(ctx, id)
    shown = await _form(ctx, _draft_of(wish), doctor_id=cell.doctor_id)
    return fragment(ctx, "calendar/move.html", "panel", cell=cell, row_version=wish.row_version, changed=True, **shown)


def _draft_of(wish: MoveDraft | FilledMove) -> Draft:
    return Draft(
        date=wish.date,
        starts=wish.starts,
        ends=wish.ends,
        shift_id=wish.shift_id,
        allow_overlap=wish.allow_overlap,
    )


@post("/appointments/{id:int}/move", status_code=200)
async def move(ctx: Context, id: int, request: Request) -> Response[str]:
    filled = await read_form(request, FilledMove)
    shift = await reading.shift(ctx, filled.shift_id)
    wish = MoveAppointment(
        row_version=filled.row_version,
        chair_id=shift.chair_id,
        doctor_id=shift.doctor_id,
        date=filled.date,
        starts=filled.starts,
        ends=filled.ends,
        allow_overlap=filled.allow_overlap,
    )
    try:
        saved = await booking.move(ctx, id, wish)
    except Stale as newer:
        fields = {PLACED.get(name, name): text for name, text in newer.fields.items()}
        raise Stale(fields, newer.row_version, newer.sentence) from None
    except Conflict as conflict:
        await ctx.db.rollback()
        cell = await reading.appointment(ctx, id)
        shown = await _form(ctx, _draft_of(filled), conflict)
        return fragment(
            ctx,
            "calendar/move.html",
            "panel",
            status=409,
            cell=cell,
            row_version=filled.row_version,
            changed=True,
            **shown,
        )
    return _saved(saved, f"Приём перенесён на {filled.date:%d.%m.%Y}, {filled.starts:%H:%M}")


@get("/appointments/{id:int}/cancel")
async def cancel_dialog(ctx: Context, id: int) -> Response[str]:
    ctx.require("calendar.appointment.cancel")
    cell = await reading.appointment(ctx, id)
    return fragment(ctx, "calendar/dialogs.html", "cancel", cell=cell, when=when_words(cell))


@get("/appointments/{id:int}/status")
async def status_dialog(ctx: Context, id: int) -> Response[str]:
    ctx.require("calendar.appointment.edit")
    cell = await reading.appointment(ctx, id)
    choices = [(status.id, status.name) for status in await statuses.statuses(ctx)]
    return fragment(ctx, "calendar/dialogs.html", "status", cell=cell, when=when_words(cell), choices=choices)


@post("/appointments/{id:int}/status", status_code=200)
async def change_status(ctx: Context, id: int, request: Request) -> Response[str]:
    saved = await statuses.change_status(ctx, id, await read_form(request, ChangeStatus))
    return _saved(saved, "Статус изменён")


@post("/appointments/{id:int}/cancel", status_code=200)
async def cancel(ctx: Context, id: int, request: Request) -> Response[str]:
    saved = await statuses.cancel(ctx, id, await read_form(request, CancelAppointment))
    return _saved(saved, "Приём отменён, время свободно")


def read_clock(text: str | None) -> dt.time | None:
    """`09:30` of an address; nonsense counts as absent."""
    try:
        return read_time(text) if text else None
    except ValueError:
        return None


def when_words(cell: AppointmentCell | ShiftCell) -> str:
    """«24.11.2026, 09:30–10:15, Иванова Е. Д.»"""
    return f"{cell.date:%d.%m.%Y}, {cell.starts:%H:%M}–{cell.ends:%H:%M}, {cell.doctor}"


def _saved(saved: Saved, text: str) -> Response[str]:
    """Close the panel and let the page behind it look again, once."""
    detail = {"date": saved.date.isoformat(), "change": saved.change}
    return announce(done(text), "calendar-changed", detail)


async def _form(
    ctx: Context, draft: Draft, conflict: Conflict | None = None, *, doctor_id: int | None = None
) -> dict[str, Any]:
    """Values and choices of the form. The doctors offered are those who work on the day."""
    day = await reading.day(ctx, draft.date or ctx.today(ctx.branch.id))
    chairs = {chair.id: chair.name for chair in day.chairs}
    if draft.shift_id and all(shift.id != draft.shift_id for shift in day.shifts):
        doctor_id = (await reading.shift(ctx, draft.shift_id)).doctor_id
    free = (gap for gap in gaps(ctx, day) if draft.shift_id in (None, gap.shift_id))
    gap = min(free, key=lambda gap: gap.starts, default=None)
    shift = _chosen_shift(day.shifts, draft, doctor_id, gap)
    starts, ends = _times(draft, shift, gap)
    name = await reading.patient_name(ctx, draft.patient_id) if draft.patient_id else ""
    return {
        "draft": draft,
        "date": day.date,
        "starts": starts,
        "ends": ends,
        "patient": name,
        "shift_id": shift.id if shift else None,
        "places": [(s.id, _place_words(s, chairs)) for s in day.shifts],
        "visit_types": [(one.id, one.name) for one in await reading.visit_types(ctx)],
        "sources": SOURCES,
        "conflict": conflict.sentence if conflict else None,
        "ways": _ways(conflict, day.date, starts, ends) if conflict else [],
        "can_overlap": bool(conflict and conflict.detail.get("can_overlap")),
    }


def _chosen_shift(
    shifts: list[ShiftCell], draft: Draft, doctor_id: int | None, gap: FreeTime | None
) -> ShiftCell | None:
    """The shift that was chosen; on another day the doctor's one there; the one at that time; where it is free."""
    at = draft.starts
    likings: list[Callable[[ShiftCell], bool]] = [
        lambda shift: shift.id == draft.shift_id,
        lambda shift: shift.doctor_id == doctor_id,
        lambda shift: at is not None and shift.starts.time() <= at < shift.ends.time(),
        lambda shift: gap is not None and shift.id == gap.shift_id,
    ]
    return next((shift for likes in likings for shift in shifts if likes(shift)), shifts[0] if shifts else None)


def _times(draft: Draft, shift: ShiftCell | None, gap: FreeTime | None) -> tuple[dt.time | None, dt.time | None]:
    """The times of the form. An end that is missing, or not after the start, becomes the usual length."""
    free = gap.starts if gap else shift.starts if shift else None
    starts = draft.starts or (free.time() if free else None)
    if starts is None or (draft.ends and draft.ends > starts):
        return starts, draft.ends
    return starts, (dt.datetime.combine(dt.date.min, starts) + USUAL_LENGTH).time()


def _place_words(shift: ShiftCell, chairs: dict[int, str]) -> str:
    hours = f"{shift.starts:%H:%M}–{shift.ends:%H:%M}"
    words = (shift.doctor, chairs.get(shift.chair_id), hours, (shift.profession or "").lower())
    return " · ".join(word for word in words if word)


def _ways(conflict: Conflict, date: dt.date, starts: dt.time | None, ends: dt.time | None) -> list[tuple[str, str]]:
    """Ways out of a taken time: an earlier end, the next free times. Each is a text and, as JSON, what it changes."""
    if starts is None or ends is None:
        return []
    ways = []
    detail: Any = conflict.detail
    if end_at := detail.get("end_at"):
        ways.append((f"Закончить в {end_at:%H:%M}", _json({"ends": f"{end_at:%H:%M}"})))
    length = dt.datetime.combine(dt.date.min, ends) - dt.datetime.combine(dt.date.min, starts)
    for free in detail.get("free", ()):
        fields = {
            "date": free.date().isoformat(),
            "starts": f"{free:%H:%M}",
            "ends": f"{free + length:%H:%M}",
        }
        ways.append((f"{free:%H:%M}" if free.date() == date else f"{free:%d.%m} в {free:%H:%M}", _json(fields)))
    return ways


def _json(fields: dict[str, str]) -> str:
    return msgspec.json.encode(fields).decode()


def _day_of_page(request: Request) -> dt.date | None:
    """The day of the calendar behind the panel."""
    address = urlsplit(request.headers.get("hx-current-url", ""))
    if not address.path.startswith("/calendar"):
        return None
    try:
        return read_date(parse_qs(address.query).get("date", [""])[0])
    except ValueError:
        return None


routes = [
    new_appointment,
    refill_form,
    create,
    move_form,
    refill_move,
    move,
    cancel_dialog,
    cancel,
    status_dialog,
    change_status,
]
