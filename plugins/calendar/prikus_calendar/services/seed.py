"""Reference books that a clinic starts with. Rows that exist are left alone."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert

from prikus.toolkit import Context
from prikus_calendar.models import COLOURS, MEANINGS, AppointmentStatus, VisitType

STATUSES = (
    "Запланирован",
    "Подтверждён",
    "Ожидает в клинике",
    "На приёме",
    "Завершён",
    "Не пришёл",
    "Отменён",
    "Санирован",
    "Думает",
)
FREE = ("missed", "cancelled")
VISIT_TYPES = ("Первичный", "Повторный", "Консультация", "Лечение", "Гигиена", "Осмотр")


def status_rows() -> list[dict[str, object]]:
    """The nine statuses of CAL-11 in their order."""
    return [
        {"name": name, "meaning": meaning, "colour": colour, "position": position, "occupies": meaning not in FREE}
        for position, (name, meaning, colour) in enumerate(zip(STATUSES, MEANINGS, COLOURS, strict=True), 1)
    ]


def visit_type_rows() -> list[dict[str, object]]:
    return [{"name": name, "position": position} for position, name in enumerate(VISIT_TYPES, 1)]


async def seed_references(ctx: Context) -> None:
    """Statuses and visit types of a clinic that sees the calendar for the first time."""
    for model, rows in ((AppointmentStatus, status_rows()), (VisitType, visit_type_rows())):
        await ctx.db.execute(insert(model).values(rows).on_conflict_do_nothing())
