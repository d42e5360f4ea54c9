"""Taking bookings in: each once, whatever is repeated and whoever else wants the time (INT-12, INT-13)."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from prikus.toolkit import Conflict, Context, Invalid, NotFound, SaidPerson, read_phone, recognise_patient, storable
from prikus_calendar.public import NewAppointment, book_appointment, cancel_appointment, move_appointment
from prikus_online_booking.models import ExternalBooking
from prikus_online_booking.schemas import Booking, Cell, Doctor, Outcome, Schedule, Wish
from prikus_online_booking.services.cells import Target, find
from prikus_online_booking.services.finding import Ref, booked, locked
from prikus_online_booking.services.publishing import schedule, schedule_of

CHANNEL = "online_booking.bookings"
OFFERED, LOOK_AHEAD = 3, 14
LONGEST_ID, LONGEST_COMMENT = 200, 2000
DAY = dt.timedelta(days=1)
NO_SLOT = "Такого времени нет в опубликованном расписании."
TAKEN = "Это время уже занято."
PATIENT_BUSY = "Пациент уже записан на это время к другому врачу."
UNKNOWN, GONE, LATE = "Такой записи нет.", "Запись отменена.", "Приём уже начался."


class Wanted(msgspec.Struct, frozen=True):
    """What a wish names, as far as it is known here."""

    doctor: Doctor | None = None
    target: Target | None = None


async def book(ctx: Context, connection_id: int, booking: Booking) -> Outcome:
    """Book once: the same `external_id` again is the same booking. What is refused is kept with its reason.

    A patient is recognised by phone and name or gets a card. Refusals are outcomes; nothing of them is raised.
    """
    ctx.require("calendar.appointment.create")
    said = _cleaned(booking)
    if said.external_id is not None and not 0 < len(said.external_id) <= LONGEST_ID:
        return Outcome(result="invalid", sentence="Проверьте номер записи.", fields={"external_id": "1–200 знаков."})
    row = await _taken_up(ctx, connection_id, said)
    if row.state != "refused":
        found = await booked(ctx, connection_id, row.id)
        if found is None or found.state == "cancelled":
            return Outcome(result="gone", sentence=GONE, booking=found)
        return Outcome(result="booked", booking=found, is_repeated=True)
    wanted = await _wanted(ctx, connection_id, said.wish)
    if wanted.target is None:
        outcome = Outcome(result="no_slot", sentence=NO_SLOT)
    elif not wanted.target.is_free:
        outcome = Outcome(result="taken", sentence=TAKEN)
    else:
        outcome = await _booked(ctx, row, said, wanted.target)
    if outcome.result == "booked":
        await ctx.audit("online_booking.booked", "appointment", row.appointment_id, "Запись из онлайн-записи")
        outcome = msgspec.structs.replace(outcome, booking=await booked(ctx, connection_id, row.id))
    else:
        _refuse(row, said, wanted, outcome)
        outcome = await _with_free(ctx, connection_id, said.wish, outcome, wanted)
    await ctx.db.flush()
    ctx.changed(CHANNEL)
    return outcome


async def _booked(ctx: Context, row: ExternalBooking, said: Booking, target: Target) -> Outcome:
    """The patient's card and the appointment, or neither."""
    names = ("last_name", "first_name", "patronymic", "phone", "birth_date")
    person = SaidPerson(**{name: getattr(said, name) for name in names})
    cell = target.cell
    try:
        async with ctx.db.begin_nested():
            patient = await recognise_patient(ctx, person)
            new = NewAppointment(
                patient_id=patient.id,
                chair_id=cell.chair_id,
                doctor_id=cell.doctor_id,
                date=cell.starts_at.date(),
                starts=cell.starts_at.time(),
                ends=target.ends_at.time(),
                source="site",
                comment=said.comment,
            )
            saved = await book_appointment(ctx, new)
    except Invalid as invalid:
        if "starts" in invalid.fields or "ends" in invalid.fields:
            return Outcome(result="no_slot", sentence=NO_SLOT)
        return Outcome(result="invalid", sentence=" ".join(invalid.fields.values()), fields=invalid.fields)
    except (Conflict, NotFound) as refused:
        return _refusal(refused)
    row.state, row.changed_by = "new", "channel"
    row.appointment_id, row.patient_id, row.is_new_patient = saved.id, patient.id, patient.is_new
    row.staff_id, row.starts_at = cell.doctor_id, cell.starts_at
    row.name = row.phone = row.reason = None
    return Outcome(result="booked")


def _refusal(refused: Conflict | NotFound) -> Outcome:
    """Why, without the names that the calendar tells its own people."""
    match refused.detail.get("held"):
        case "patient":
            return Outcome(result="patient_busy", sentence=PATIENT_BUSY)
        case "chair" | "doctor":
            return Outcome(result="taken", sentence=TAKEN)
    return Outcome(result="no_slot", sentence=NO_SLOT)


def _refuse(row: ExternalBooking, said: Booking, wanted: Wanted, outcome: Outcome) -> None:
    row.state, row.reason = "refused", outcome.sentence
    row.name = " ".join(filter(None, (said.last_name, said.first_name, said.patronymic))) or None
    row.phone = _readable(said.phone)
    row.staff_id = wanted.doctor.id if wanted.doctor else None
    moment = wanted.target.cell.starts_at if wanted.target else said.wish.starts_at
    row.starts_at = _instant(moment)


def _instant(moment: dt.datetime) -> dt.datetime | None:
    """None for a clock without a place, and for what lies before the first day or behind the last one in UTC."""
    try:
        return moment.astimezone(dt.UTC) if moment.tzinfo else None
    except OverflowError:
        return None


async def move(ctx: Context, connection_id: int, ref: Ref, wish: Wish) -> Outcome:
    """Another time or doctor for a booking of this channel. Refused, it stays where it was."""
    ctx.require("calendar.appointment.edit")
    wish = _cleaned_wish(wish)
    row, refused = await _living(ctx, connection_id, ref)
    if row is None or refused is not None:
        return refused or Outcome(result="unknown", sentence=UNKNOWN)
    before = await booked(ctx, connection_id, row.id)
    wanted = await _wanted(ctx, connection_id, wish)
    if wanted.target is None:
        return Outcome(result="no_slot", sentence=NO_SLOT, booking=before)
    cell, ends_at = wanted.target.cell, wanted.target.ends_at
    assert row.appointment_id is not None
    try:
        await move_appointment(
            ctx,
            row.appointment_id,
            chair_id=cell.chair_id,
            doctor_id=cell.doctor_id,
            date=cell.starts_at.date(),
            starts=cell.starts_at.time(),
            ends=ends_at.time(),
        )
    except (Invalid, NotFound):
        return Outcome(result="no_slot", sentence=NO_SLOT, booking=before)
    except Conflict as conflict:
        if "held" not in conflict.detail:
            return Outcome(result="gone", sentence=GONE, booking=before)
        outcome = msgspec.structs.replace(_refusal(conflict), booking=before)
        return await _with_free(ctx, connection_id, wish, outcome, wanted)
    is_there = before is not None and (before.doctor, before.starts_at, before.ends_at) == (
        wanted.doctor and wanted.doctor.code,
        cell.starts_at,
        ends_at,
    )
    if not is_there:
        row.state, row.changed_by, row.reason = "moved", "channel", None
        row.staff_id, row.starts_at = cell.doctor_id, cell.starts_at
        await _note(ctx, row, "moved", "Запись перенесена каналом онлайн-записи")
    return Outcome(result="moved", booking=await booked(ctx, connection_id, row.id), is_repeated=is_there)


async def cancel(ctx: Context, connection_id: int, ref: Ref, reason: str | None = None) -> Outcome:
    """Cancel a booking of this channel; again, or after the clinic did, it is cancelled as well."""
    ctx.require("calendar.appointment.cancel")
    row, refused = await _living(ctx, connection_id, ref)
    if row is None or refused is not None:
        if refused is not None and refused.result == "gone":
            return msgspec.structs.replace(refused, result="cancelled", sentence="", is_repeated=True)
        return refused or Outcome(result="unknown", sentence=UNKNOWN)
    assert row.appointment_id is not None
    words = (storable(reason) or "Отменено пациентом в онлайн-записи")[:LONGEST_COMMENT]
    is_fresh = await cancel_appointment(ctx, row.appointment_id, words[:500])
    row.state, row.changed_by, row.reason = "cancelled", "channel" if is_fresh else "clinic", None
    await _note(ctx, row, "cancelled", "Запись отменена каналом онлайн-записи")
    found = await booked(ctx, connection_id, row.id)
    return Outcome(result="cancelled", booking=found, is_repeated=not is_fresh)


async def _note(ctx: Context, row: ExternalBooking, what: str, sentence: str) -> None:
    await ctx.audit(f"online_booking.{what}", "appointment", row.appointment_id, sentence)
    await ctx.db.flush()
    ctx.changed(CHANNEL)


async def _living(ctx: Context, connection_id: int, ref: Ref) -> tuple[ExternalBooking | None, Outcome | None]:
    """The booking, locked; or why nothing can be done with it."""
    row = await locked(ctx, connection_id, ref)
    if row is None or row.appointment_id is None:
        return None, None
    found = await booked(ctx, connection_id, row.id)
    if found is None:
        return None, None
    if found.state == "cancelled":
        return row, Outcome(result="gone", sentence=GONE, booking=found)
    if found.starts_at <= ctx.now():
        return row, Outcome(result="late", sentence=LATE, booking=found)
    return row, None


async def _taken_up(ctx: Context, connection_id: int, said: Booking) -> ExternalBooking:
    """Its row, locked: made now, or before by the same request, for which a repetition waits here."""
    id = said.external_id or _derived(said)
    values = {"connection_id": connection_id, "external_id": id, "state": "refused"}
    fresh = insert(ExternalBooking).values(values)
    query = select(ExternalBooking).where(
        ExternalBooking.connection_id == connection_id, ExternalBooking.external_id == id
    )
    while True:
        await ctx.db.execute(fresh.on_conflict_do_nothing())
        row = (await ctx.db.scalars(query.with_for_update())).one_or_none()
        if row is None:  # renamed while we waited for it
            continue
        if said.external_id is not None or not await _is_over(ctx, connection_id, row):
            return row
        # Nobody but us has made this number, and what it stood for is over.
        row.external_id = f"{id} {row.id}"
        await ctx.db.flush()


async def _is_over(ctx: Context, connection_id: int, row: ExternalBooking) -> bool:
    """Whether it was cancelled, also by the clinic and before anybody has heard of it."""
    if row.state == "refused":
        return False
    found = await booked(ctx, connection_id, row.id)
    return found is None or found.state == "cancelled"


def _derived(said: Booking) -> str:
    words = (said.wish.doctor, said.wish.place or "", said.wish.starts_at.isoformat(), _readable(said.phone) or "")
    return "~" + hashlib.sha256("\0".join(words).encode()).hexdigest()[:32]


async def _wanted(ctx: Context, connection_id: int, wish: Wish) -> Wanted:
    try:
        day = wish.starts_at.date()
        found = await schedule_of(ctx, connection_id, wish.doctor, day - DAY, day + DAY)
    except OverflowError:
        return Wanted()
    if not found.doctors:
        return Wanted()
    return Wanted(found.doctors[0], find(_in_place(found, wish), wish))


def _in_place(found: Schedule, wish: Wish) -> list[Cell]:
    """Cells of the branch that the wish names, of all branches where it names none."""
    places = [place.id for place in found.places if wish.place in (None, place.code)]
    return [cell for cell in found.cells if cell.branch_id in places]


async def _with_free(ctx: Context, connection_id: int, wish: Wish, outcome: Outcome, wanted: Wanted) -> Outcome:
    """With the doctor's next free cells where the patient wants to come, if it is only the time that does not suit."""
    if outcome.result not in ("taken", "patient_busy") or wanted.doctor is None or wanted.target is None:
        return outcome
    begin = wanted.target.cell.starts_at
    found = await schedule(ctx, connection_id, begin.date(), begin.date() + LOOK_AHEAD * DAY, staff_id=wanted.doctor.id)
    free = [cell for cell in _in_place(found, wish) if cell.is_free and cell.starts_at > begin]
    return msgspec.structs.replace(outcome, free=tuple(free[:OFFERED]))


def _cleaned(booking: Booking) -> Booking:
    said: dict[str, Any] = {name: storable(getattr(booking, name)) for name in ("last_name", "first_name", "phone")}
    for name in ("patronymic", "comment"):
        said[name] = storable(getattr(booking, name))[:LONGEST_COMMENT] or None
    if booking.external_id is not None:
        said["external_id"] = storable(booking.external_id)
    return msgspec.structs.replace(booking, wish=_cleaned_wish(booking.wish), **said)


def _cleaned_wish(wish: Wish) -> Wish:
    place = None if wish.place is None else storable(wish.place)
    return msgspec.structs.replace(wish, doctor=storable(wish.doctor), place=place)


def _readable(phone: str) -> str | None:
    try:
        return read_phone(phone)
    except ValueError:
        return phone[:40] or None
