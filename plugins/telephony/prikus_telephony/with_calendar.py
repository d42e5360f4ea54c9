"""What the card of an incoming call gains when the calendar is there: the next visit, and one key to book."""

from __future__ import annotations

from sqlalchemy import select

from prikus.toolkit import Context, StaffMember, hookimpl, short_name
from prikus_calendar.public import appointments_v1
from prikus_telephony.schemas import CallerAction, CallerFact, CallerPart


@hookimpl
async def caller_part(ctx: Context, patient_id: int) -> CallerPart | None:
    """«Ближайший» visit and the button «Записать», each for those who may."""
    facts = (await _next_visit(ctx, patient_id),) if ctx.can("calendar.appointment.view") else ()
    actions = ()
    if ctx.can("calendar.appointment.create"):
        href = f"/calendar/appointments/new?patient_id={patient_id}"
        actions = (CallerAction("Записать", "calendar-plus", href),)
    return CallerPart(20, facts, actions)


async def _next_visit(ctx: Context, patient_id: int) -> CallerFact:
    visits = appointments_v1().subquery()
    row = (
        await ctx.db.execute(
            select(
                visits.c.starts_at,
                visits.c.branch_id,
                StaffMember.last_name,
                StaffMember.first_name,
                StaffMember.patronymic,
            )
            .join(StaffMember, (StaffMember.clinic_id == visits.c.clinic_id) & (StaffMember.id == visits.c.doctor_id))
            .where(visits.c.patient_id == patient_id, visits.c.occupies, visits.c.ends_at > ctx.now())
            .order_by(visits.c.starts_at)
            .limit(1)
        )
    ).one_or_none()
    if row is None:
        return CallerFact("Ближайший", "Не записан")
    when = row.starts_at.astimezone(ctx.zone(row.branch_id))
    return CallerFact("Ближайший", f"{when:%d.%m.%Y, %H:%M}", short_name(*row[2:]))
