"""The page «Календарь» and what it loads (CAL-01, CAL-02, CAL-04, CAL-07)."""

from __future__ import annotations

import calendar
import datetime as dt
from functools import partial
from typing import Literal

import msgspec
from litestar import Response, get

from prikus.toolkit import Context, NotFound, fragment, page
from prikus_calendar.schemas import Day, StatusInfo
from prikus_calendar.services import day as reading
from prikus_calendar.services.agenda import agenda
from prikus_calendar.services.clock import FIRST_DAY, LAST_DAY, NO_DAY, wall_clock
from prikus_calendar.services.statuses import statuses

Mode = Literal["patients", "doctors"]
RIGHTS = {
    "create": "calendar.appointment.create",
    "edit": "calendar.appointment.edit",
    "cancel": "calendar.appointment.cancel",
    "overlap": "calendar.appointment.overlap",
    "shifts": "calendar.shift.edit",
    "card": "patients.patient.view",
}
WEEKDAYS = ("пн", "вт", "ср", "чт", "пт", "сб", "вс")
MONTHS = (
    *("Январь", "Февраль", "Март", "Апрель", "Май", "Июнь"),
    *("Июль", "Август", "Сентябрь", "Октябрь", "Ноябрь", "Декабрь"),
)


class GridData(msgspec.Struct, frozen=True):
    """What the element `<calendar-day>` starts with."""

    day: Day
    statuses: list[StatusInfo]
    mode: Mode
    can: dict[str, bool]


class Month(msgspec.Struct, frozen=True):
    """A page of the mini-calendar."""

    first: dt.date
    weeks: list[list[dt.date]]
    working: frozenset[dt.date]

    @property
    def title(self) -> str:
        return f"{MONTHS[self.first.month - 1]} {self.first.year}"

    @property
    def previous(self) -> dt.date:
        return (self.first - dt.timedelta(days=1)).replace(day=1)

    @property
    def next(self) -> dt.date:
        return (self.first + dt.timedelta(days=32)).replace(day=1)


@get("/")
async def show_day(
    ctx: Context, date: dt.date | None = None, mode: Mode = "patients", chair: int | None = None
) -> Response[str]:
    branch_id = ctx.branch.id
    shown = date or ctx.today(branch_id)
    month = await _month(ctx, branch_id, shown)
    day = await reading.day(ctx, shown, branch_id)
    now = wall_clock(ctx, branch_id)
    known = await statuses(ctx)
    can = {name: ctx.can(code) for name, code in RIGHTS.items()}
    return page(
        ctx,
        "calendar/day.html",
        block="agenda",
        day=day,
        mode=mode,
        chair=chair,
        now=now,
        previous=shown - dt.timedelta(days=1),
        following=shown + dt.timedelta(days=1),
        weekdays=WEEKDAYS,
        length_words=length_words,
        day_href=partial(_day_href, mode),
        here_today=ctx.today(branch_id),
        branch=ctx.branch,
        shown=shown,
        week=[shown + dt.timedelta(days=n - shown.weekday()) for n in range(7)],
        agenda=agenda(day, now),
        month=month,
        data=msgspec.json.encode(GridData(day, known, mode, can)).decode(),
    )


@get("/month")
async def show_month(ctx: Context, month: dt.date, date: dt.date, mode: Mode = "patients") -> Response[str]:
    """Another page of the mini-calendar; `date` stays chosen."""
    ctx.require("calendar.appointment.view")
    branch_id = ctx.branch.id
    return fragment(
        ctx,
        "calendar/day.html",
        "month",
        mode=mode,
        shown=date,
        day_href=partial(_day_href, mode),
        here_today=ctx.today(branch_id),
        month=await _month(ctx, branch_id, month),
    )


def _day_href(mode: Mode, date: dt.date, chair: int | None = None) -> str:
    """The address of a day, relative to the page; the mode and the chosen chair are kept."""
    mark = "&mode=doctors" if mode == "doctors" else ""
    return f"?date={date.isoformat()}{mark}" + (f"&chair={chair}" if chair else "")


def length_words(minutes: int) -> str:
    """«1 ч 30 мин»"""
    hours, rest = divmod(minutes, 60)
    return " ".join(part for part in (f"{hours} ч" if hours else "", f"{rest} мин" if rest else "") if part)


async def _month(ctx: Context, branch_id: int, day: dt.date) -> Month:
    """Raises `NotFound` for a day that the calendar does not have."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise NotFound(NO_DAY)
    weeks = calendar.Calendar().monthdatescalendar(day.year, day.month)
    working = await reading.working_days(ctx, branch_id, weeks[0][0], weeks[-1][-1])
    return Month(day.replace(day=1), weeks, working)


@get("/patients/{patient_id:int}/next")
async def show_next_visits(ctx: Context, patient_id: int) -> Response[str]:
    """The box «Ближайшие приёмы» of the patient's card."""
    visits = await reading.next_visits(ctx, patient_id)
    return fragment(ctx, "calendar/next_visits.html", "box", visits=visits, patient_id=patient_id)


routes = [show_day, show_month, show_next_visits]
