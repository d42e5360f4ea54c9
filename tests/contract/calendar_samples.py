"""One request at least for each route of the calendar."""

from __future__ import annotations

import datetime as dt
from itertools import count
from typing import Any

import msgspec
from sqlalchemy import update

from prikus.testing.clinics import TestClinic
from prikus.testing.contract.samples import Bound, Filter, Id, Sample
from prikus_calendar.models import AppointmentStatus, VisitType
from prikus_calendar.schemas import ChangeStatus, NewAppointment, Saved
from prikus_calendar.services.booking import book
from prikus_calendar.services.statuses import change_status
from tests.contract.samples import DAY, Desk, inserted, new_branch, new_chair, new_desk, new_keys, new_patient, numbers

APPOINTMENTS = "/calendar/appointments"
APPOINTMENT = "/calendar/appointments/{id:int}/"
API = "/api/v1/calendar/"
OTHER_DAY = DAY + dt.timedelta(days=1)


class CalendarSamples:
    """Appointments of one patient at one desk, an hour each."""

    clinic: TestClinic
    desk: Desk
    patient: Id

    @classmethod
    async def of(cls, clinic: TestClinic, marker: str) -> list[Sample]:
        self = cls()
        self.clinic, self.marker, self.slots = clinic, marker, count()
        self.keys = new_keys(clinic)
        self.desk, self.patient = await new_desk(clinic, marker), await new_patient(clinic, marker)
        self.visit_type = await inserted(clinic, VisitType, name=marker)
        self.status = await self._named_status("confirmed")
        self.waiting = await self._named_status("waiting")
        return [
            *await self._grid(),
            *await self._forms(),
            *await self._changes(),
            *await self._shifts(),
            *await self._api(),
            *await self._programs(),
        ]

    async def _named_status(self, meaning: str) -> Id:
        async with self.clinic.ctx_as("director") as ctx:
            own = AppointmentStatus.clinic_id == self.clinic.id, AppointmentStatus.meaning == meaning
            row = update(AppointmentStatus).where(*own).values(name=f"{self.marker} {meaning}")
            return Id((await ctx.db.execute(row.returning(AppointmentStatus.id))).scalar_one())

    def _slot(self) -> dict[str, Any]:
        """25 minutes of the desk's day, of which the half hour is free."""
        starts = dt.datetime.combine(DAY, dt.time(8)) + next(self.slots) * dt.timedelta(minutes=30)
        ends = starts + dt.timedelta(minutes=25)
        return {"date": str(DAY), "starts": str(starts.time()), "ends": str(ends.time())}

    async def _booked(self, when: dict[str, Any] | None = None) -> Saved:
        named = {"patient_id": self.patient, "chair_id": self.desk.chair, "doctor_id": self.desk.doctor}
        numbered = {name: int(number) for name, number in named.items()}
        wish = msgspec.convert((when or self._slot()) | numbered | {"comment": self.marker}, NewAppointment)
        async with self.clinic.ctx_as("director") as ctx:
            saved = await book(ctx, wish, f"contract-{next(numbers)}")
            wish = ChangeStatus(row_version=saved.row_version, status_id=int(self.status))
            return await change_status(ctx, saved.id, wish)

    async def _grid(self) -> list[Sample]:
        async with self.clinic.ctx_as("director") as ctx:
            branch = Filter(ctx.branch.id)
        await self._booked()
        day = {"date": str(DAY)}
        return [
            Sample(method="GET", path="/calendar", query=day | {"chair": Filter(self.desk.chair)}),
            Sample(method="GET", path="/calendar", query=day, cookies={"prikus_branch": branch}),
            Sample(method="GET", path="/calendar/month", query=day | {"month": str(DAY)}, shows=False),
            Sample(method="GET", path="/calendar/patients/{patient_id:int}/next", at={"patient_id": self.patient}),
        ]

    async def _forms(self) -> list[Sample]:
        named = {"patient_id": self.patient, "shift_id": self.desk.shift}
        kind = {"visit_type_id": Filter(self.visit_type)}
        new = {**named, "visit_type_id": self.visit_type, "comment": self.marker, "idempotency_key": next(self.keys)}
        return [
            Sample(method="GET", path=APPOINTMENTS + "/new", query={"date": str(DAY), **named}),
            Sample(method="POST", path=APPOINTMENTS + "/form", form={"date": str(DAY), **named, **kind}, shows=True),
            Sample(method="POST", path=APPOINTMENTS, form=self._slot() | new),
        ]

    async def _changes(self) -> list[Sample]:
        found = []
        for action in ("move", "status", "cancel"):
            at = {"id": Id((await self._booked()).id)}
            found.append(Sample(method="GET", path=APPOINTMENT + action, at=at))
        shift = {"shift_id": self.desk.shift}
        refilled = await self._booked()
        fields = {"row_version": refilled.row_version, "date": str(DAY), **shift}
        form = {"at": {"id": Id(refilled.id)}, "form": fields, "shows": True}
        found.append(Sample(method="POST", path=APPOINTMENT + "move/form", **form))
        for action, fields in (
            ("move", self._slot() | shift),
            ("status", {"status_id": self.waiting}),
            ("cancel", {"reason": self.marker}),
        ):
            saved = await self._booked()
            wish = {"row_version": saved.row_version, **fields}
            found.append(Sample(method="POST", path=APPOINTMENT + action, at={"id": Id(saved.id)}, form=wish))
        return found

    async def _shifts(self) -> list[Sample]:
        desk, doomed = await new_desk(self.clinic, self.marker), await new_desk(self.clinic, self.marker)
        hours = {"date": str(OTHER_DAY), "starts": "09:00:00", "ends": "15:00:00"}
        new = {"staff_id": desk.doctor, "chair_id": desk.chair, **hours}
        path, free = "/calendar/shifts/{id:int}/delete", await new_chair(self.clinic, self.marker)
        moved = {"chair_id": free, "row_version": 1, **hours}
        return [
            Sample(method="GET", path="/calendar/shifts/new", query={"chair_id": Filter(desk.chair)}),
            Sample(method="POST", path="/calendar/shifts", form=new),
            Sample(method="GET", path=path, at={"id": self.desk.shift}),
            Sample(method="POST", path=path, at={"id": doomed.shift}, form={"row_version": 1}),
            Sample(
                method="POST", path=API + "shifts/{id:int}/move", at={"id": desk.shift}, json=moved | {"date": str(DAY)}
            ),
        ]

    def _keyed(self, wish: dict[str, Any]) -> Sample:
        headers = {"Idempotency-Key": next(self.keys)}
        return Sample(method="POST", path=API + "appointments", json=wish, headers=headers)

    async def _over_a_taken_slot(self, new: dict[str, Any]) -> Sample:
        taken = self._slot()
        await self._booked(taken)
        return msgspec.structs.replace(self._keyed(taken | new | {"allow_overlap": True}), case="over a taken slot")

    async def _api(self) -> list[Sample]:
        branch = await new_branch(self.clinic, self.marker)
        await new_desk(self.clinic, self.marker, branch)
        span = {"from": str(DAY), "to": str(DAY)}
        new = {"patient_id": self.patient, "chair_id": self.desk.chair, "visit_type_id": self.visit_type}
        doctor = {"doctor_id": Bound(self.desk.doctor)}
        found = [
            Sample(method="GET", path=API + "day", query={"date": str(DAY)}),
            Sample(method="GET", path=API + "day", query={"date": str(DAY), "branch": branch}),
            Sample(method="GET", path=API + "appointments", query=span),
            Sample(method="GET", path=API + "appointments", query=span | {"branch": branch}),
            *(self._keyed(self._slot() | new | more) for more in ({}, doctor)),
            await self._over_a_taken_slot(new),
        ]
        moved = self._slot() | {"chair_id": self.desk.chair}
        when = self._slot()
        resized = await self._booked(when)
        path, shorter = API + "appointments/{id:int}/resize", when["ends"].replace("5:00", "0:00")
        wish = {"row_version": resized.row_version, "ends": shorter}
        found.append(Sample(method="POST", path=path, at={"id": Id(resized.id)}, json=wish))
        for action, fields in (
            ("move", moved | doctor),
            ("status", {"status_id": self.waiting}),
            ("cancel", {"reason": self.marker}),
        ):
            saved = await self._booked()
            wish = {"row_version": saved.row_version, **fields}
            path = f"{API}appointments/{{id:int}}/{action}"
            found.append(Sample(method="POST", path=path, at={"id": Id(saved.id)}, json=wish))
        return found

    async def _programs(self) -> list[Sample]:
        """Lists that programs follow wait for transactions that are open elsewhere: they need not show the newest."""
        saved, noted = await self._booked(), await self._booked()
        desk, doomed = await new_desk(self.clinic, self.marker), await new_desk(self.clinic, self.marker)
        branch = await new_branch(self.clinic, self.marker)
        hours = {"date": str(OTHER_DAY), "starts": "09:00:00", "ends": "15:00:00"}
        new = {"staff_id": desk.doctor, "chair_id": desk.chair, **hours}
        one = API + "appointments/{id:int}"
        words = {"metadata": {"crm": self.marker}}
        return [
            Sample(method="GET", path=API + "appointments/changes", shows=False),
            Sample(method="GET", path=one, at={"id": Id(saved.id)}),
            Sample(method="GET", path=one + "/metadata", at={"id": Id(saved.id)}, shows=False),
            Sample(method="POST", path=one + "/metadata", at={"id": Id(noted.id)}, json=words),
            Sample(method="GET", path=API + "free", query={"date": str(DAY), "branch": branch}, shows=False),
            Sample(method="GET", path=API + "statuses"),
            Sample(method="GET", path=API + "visit-types"),
            Sample(method="GET", path=API + "shifts/changes", shows=False),
            Sample(method="POST", path=API + "shifts", json=new, headers={"Idempotency-Key": next(self.keys)}),
            Sample(
                method="POST", path=API + "shifts/{id:int}/delete", at={"id": doomed.shift}, json={"row_version": 1}
            ),
        ]
