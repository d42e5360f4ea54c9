"""Statuses of appointments and cancelling (CAL-10, CAL-11)."""

from __future__ import annotations

from sqlalchemy import select

from prikus.toolkit import Conflict, Context, Invalid, Stale
from prikus_calendar.events import AppointmentCancelled, AppointmentStatusChanged
from prikus_calendar.models import Appointment, AppointmentStatus
from prikus_calendar.schemas import CancelAppointment, ChangeStatus, Saved, StatusInfo
from prikus_calendar.services.changes import AGAIN, check_version, finish, note
from prikus_calendar.services.clock import Slot
from prikus_calendar.services.overlap import Resources, find_clash, refuse, take_locks

LONGEST_REASON = 500
STANDS = f"Коллега уже изменил эту запись. Сейчас её статус – «{{}}». {AGAIN}"


async def statuses(ctx: Context) -> list[StatusInfo]:
    """The clinic's statuses in their order."""
    ctx.require("calendar.appointment.view")
    S = AppointmentStatus
    rows = await ctx.db.execute(
        ctx.visible(S, S.id, S.name, S.colour, S.meaning, S.occupies).order_by(S.position, S.id)
    )
    return [StatusInfo(*row) for row in rows]


async def change_status(ctx: Context, id: int, wish: ChangeStatus) -> Saved:
    """Set another status. Back to one that occupies the time, the time must still be free (CAL-11)."""
    ctx.require("calendar.appointment.edit")
    appointment = await ctx.load(Appointment, id, lock=True)
    await _check_status(ctx, appointment, wish)
    new = await ctx.load(AppointmentStatus, wish.status_id)
    if new.meaning == "cancelled":
        ctx.require("calendar.appointment.cancel")
        return await _cancel(ctx, appointment, new, None)
    old = await ctx.load(AppointmentStatus, appointment.status_id)
    if new.id == old.id:
        return await finish(ctx, appointment)
    if new.occupies and not appointment.occupies:
        await _take_again(ctx, appointment)
    appointment.status_id = new.id
    appointment.occupies = new.occupies
    appointment.cancelled_at = appointment.cancel_reason = None
    await ctx.db.flush()
    await note(ctx, appointment, "status", {"status_id": old.id}, {"status_id": new.id})
    await ctx.emit(
        AppointmentStatusChanged(
            patient_id=appointment.patient_id,
            appointment_id=appointment.id,
            doctor_id=appointment.doctor_id,
            branch_id=appointment.branch_id,
            business_date=appointment.business_date,
            starts_at=appointment.starts_at,
            time_zone=ctx.zone(appointment.branch_id).key,
            old_meaning=old.meaning,
            old_status=old.name,
            meaning=new.meaning,
            status=new.name,
        ),
        appointment,
    )
    return await finish(ctx, appointment)


async def _check_status(ctx: Context, appointment: Appointment, wish: ChangeStatus) -> None:
    """Raise `Stale` with the status as it stands now when somebody has changed the appointment since it was shown."""
    if appointment.row_version == wish.row_version:
        return
    name = (await ctx.load(AppointmentStatus, appointment.status_id)).name
    fields = {} if appointment.status_id == wish.status_id else {"status_id": f"Сейчас: «{name}»."}
    raise Stale(fields, appointment.row_version, STANDS.format(name))


async def cancel(ctx: Context, id: int, wish: CancelAppointment) -> Saved:
    """Cancel: the appointment stays for reports, its time is free (CAL-10). Raises `Conflict` when it already is."""
    ctx.require("calendar.appointment.cancel")
    if wish.reason and len(wish.reason) > LONGEST_REASON:
        raise Invalid({"reason": f"Не длиннее {LONGEST_REASON} знаков."})
    appointment = await ctx.load(Appointment, id, lock=True)
    check_version(appointment, wish.row_version)
    status = await ctx.db.scalar(select(AppointmentStatus).where(AppointmentStatus.meaning == "cancelled"))
    assert status is not None
    return await _cancel(ctx, appointment, status, wish.reason)


async def _cancel(ctx: Context, appointment: Appointment, status: AppointmentStatus, reason: str | None) -> Saved:
    if appointment.cancelled_at is not None:
        raise Conflict("Этот приём уже отменён.")
    before = {"status_id": appointment.status_id}
    appointment.status_id = status.id
    appointment.occupies = status.occupies
    appointment.overlap_ok = False
    appointment.cancelled_at = ctx.now()
    appointment.cancel_reason = reason
    await ctx.db.flush()
    await note(ctx, appointment, "cancelled", before, {"status_id": status.id, "reason": reason})
    await ctx.emit(
        AppointmentCancelled(
            patient_id=appointment.patient_id,
            appointment_id=appointment.id,
            doctor_id=appointment.doctor_id,
            branch_id=appointment.branch_id,
            business_date=appointment.business_date,
            starts_at=appointment.starts_at,
            time_zone=ctx.zone(appointment.branch_id).key,
            reason=reason,
        ),
        appointment,
    )
    return await finish(ctx, appointment)


async def _take_again(ctx: Context, appointment: Appointment) -> None:
    zone = ctx.zone(appointment.branch_id)
    wanted = Slot(appointment.starts_at, appointment.ends_at, appointment.business_date, zone)
    resources = Resources(appointment.chair_id, appointment.doctor_id, appointment.patient_id)
    await take_locks(ctx, resources, wanted)
    clash = await find_clash(ctx, resources, wanted, but=appointment.id)
    if clash is not None:
        raise await refuse(ctx, resources, wanted, clash, but=appointment.id)
