"""One request at least for each route of online booking: a channel, what it shows, what came over it."""

from __future__ import annotations

import datetime as dt

from prikus.connections.models import Connection
from prikus.testing.clinics import TestClinic
from prikus.testing.contract.samples import Id, Sample
from prikus_online_booking.models import ExternalBooking, ExternalIdentity
from tests.contract.samples import inserted, new_branch, new_patient, numbers

PLACE = "/online_booking/channels/{connection_id:int}"
API = "/api/v1"


class BookingSamples:
    @classmethod
    async def of(cls, clinic: TestClinic, marker: str) -> list[Sample]:
        self = await cls.begun(clinic, marker)
        at = {"connection_id": self.channel}
        doctor, branch = {**at, "staff_id": self.doctor}, {**at, "branch_id": await new_branch(clinic, marker)}
        doctors, branches = f"{PLACE}/doctors/{{staff_id:int}}", f"{PLACE}/branches/{{branch_id:int}}"
        shown = {"is_published": "1", "minutes": "45", "code": f"{marker} {next(numbers)}"}
        body = {"is_published": True, "minutes": 45}
        await self.booking("cancelled", patient_id=int(self.patient), reason=marker)
        await self.booking("refused", name=f"{marker} Анна", phone="+79123401289", reason="Это время уже занято.")
        return [
            Sample(method="GET", path="/online_booking/bookings"),
            Sample(method="GET", path="/online_booking/channels"),
            Sample(method="GET", path=doctors, at=doctor),
            Sample(method="POST", path=doctors, at=doctor, form=shown),
            Sample(method="GET", path=branches, at=branch),
            Sample(method="POST", path=branches, at=branch, form={"code": f"{marker} {next(numbers)}"}),
            Sample(method="GET", path=API + "/online_booking/bookings"),
            Sample(method="GET", path=API + "/online_booking/bookings/changes", shows=False),
            Sample(method="GET", path=API + "/online_booking/channels"),
            Sample(method="POST", path=API + doctors, at=doctor, json={**body, "code": f"{marker} {next(numbers)}"}),
            Sample(method="POST", path=API + branches, at=branch, json={"code": f"{marker} {next(numbers)}"}),
        ]

    @classmethod
    async def begun(cls, clinic: TestClinic, marker: str) -> BookingSamples:
        """A channel that shows a doctor, and a patient."""
        self = cls()
        self.clinic, self.marker = clinic, marker
        self.patient = await new_patient(clinic, marker)
        self.doctor = Id((await clinic.staff("doctor", last_name=marker)).staff_id)
        title = f"{marker} {next(numbers)}"
        self.channel = await inserted(
            clinic, Connection, plugin_id="online_booking", kind="aggregator", title=title, state="on"
        )
        values = {"connection_id": int(self.channel), "kind": "doctor", "staff_id": int(self.doctor)}
        await inserted(clinic, ExternalIdentity, **values, code=title, is_published=True)
        return self

    async def booking(self, state: str, **more: object) -> Id:
        values = {"connection_id": int(self.channel), "external_id": str(next(numbers)), "state": state}
        moment = dt.datetime.now(dt.UTC)
        return await inserted(self.clinic, ExternalBooking, **values, starts_at=moment, **more)
