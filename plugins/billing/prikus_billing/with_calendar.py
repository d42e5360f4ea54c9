"""What billing gains when the calendar is there: the doctor of today's appointment."""

from __future__ import annotations

from sqlalchemy import select

from prikus.toolkit import Context, hookimpl
from prikus_calendar.public import appointments_v1, doctor_of_visit


@hookimpl
async def propose_doctor(ctx: Context, patient_id: int) -> tuple[int, int | None] | None:
    """The doctor whom the patient visits today in the person's branch, with the appointment."""
    if not ctx.can("calendar.appointment.view"):
        return None
    today = ctx.today(ctx.branch_id)
    doctor_id = await doctor_of_visit(ctx, patient_id, today)
    if doctor_id is None:
        return None
    visits = appointments_v1().subquery()
    appointment_id = await ctx.db.scalar(
        select(visits.c.id)
        .where(
            visits.c.patient_id == patient_id,
            visits.c.business_date == today,
            visits.c.doctor_id == doctor_id,
            visits.c.occupies,
        )
        .order_by(visits.c.starts_at)
        .limit(1)
    )
    return doctor_id, appointment_id
