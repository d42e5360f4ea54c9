import datetime as dt
from typing import ClassVar
from uuid import uuid4

from sqlalchemy import insert, text

from prikus.testing.clinics import TestClinic
from prikus.testing.contract import PluginContract
from prikus.testing.contract.samples import Sample
from prikus_calendar.models import Shift
from prikus_calendar.schemas import NewAppointment
from prikus_calendar.services.booking import book
from tests.contract import samples
from tests.contract.calendar_samples import CalendarSamples
from tests.contract.samples import DAY, RIGHTS


async def appointment(clinic: TestClinic, name: str, number: int) -> dict[str, object]:
    """A doctor at work in a chair from 9 to 15 by the clinic's clock, and a patient at 10."""
    doctor = await clinic.staff("doctor", last_name=f"Врачёв{number}")
    async with clinic.ctx_as("administrator") as ctx:
        patient = await samples.patient(ctx, name, number)
        chair = await samples.chair(ctx, f"Кресло {number}", number)
        zone = ctx.zone(ctx.branch.id)
        hours = {
            "starts_at": dt.datetime.combine(DAY, dt.time(9), zone),
            "ends_at": dt.datetime.combine(DAY, dt.time(15), zone),
        }
        place = {"staff_id": doctor.staff_id, "chair_id": chair, "branch_id": ctx.branch.id, "business_date": DAY}
        shift = (await ctx.db.execute(insert(Shift).values(**hours, **place).returning(Shift.id))).scalar_one()
        wish = NewAppointment(
            patient_id=patient,
            chair_id=chair,
            doctor_id=doctor.staff_id,
            date=DAY,
            starts=dt.time(10),
            ends=dt.time(11),
        )
        saved = await book(ctx, wish, str(uuid4()))
    return {"patient_id": patient, "appointments.id": saved.id, "shifts.id": shift}


class TestCalendar(PluginContract):
    plugin = "calendar"
    table = RIGHTS
    lists = (
        f"/calendar?date={DAY}",
        f"/api/v1/calendar/day?date={DAY}",
        f"/api/v1/calendar/free?date={DAY}",
        "/api/v1/calendar/appointments/changes",
        "/api/v1/calendar/shifts/changes",
    )

    kept: ClassVar = ("calendar.appointment_status.name", "calendar.visit_type.name")  # the clinic's reference books

    async def settle(self, clinic: TestClinic) -> None:
        """Nobody is expected any more."""
        async with clinic.ctx_as("system") as ctx:
            await ctx.db.execute(text("update calendar.appointment set occupies = false"))

    async def samples(self, clinic: TestClinic, marker: str) -> list[Sample]:
        return await CalendarSamples.of(clinic, marker)

    async def add_row(self, clinic: TestClinic, number: int) -> None:
        await appointment(clinic, f"Пациентов{number}", number + 10)
