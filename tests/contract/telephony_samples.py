"""One request at least for each route of telephony that needs no exchange."""

from __future__ import annotations

import datetime as dt
from itertools import count

from prikus.connections.models import Connection
from prikus.testing.clinics import TestClinic
from prikus.testing.contract.samples import Id, Sample
from prikus_telephony.models import Extension, PhoneCall
from tests.contract.samples import inserted, new_keys, new_patient

CALL = "/telephony/calls/{call_id:int}"
EXTENSIONS = "/telephony/extensions"
API = "/api/v1"
numbers = count(1)


class TelephonySamples:
    """Calls of one patient over one exchange."""

    @classmethod
    async def of(cls, clinic: TestClinic, marker: str) -> list[Sample]:
        self = cls()
        self.clinic, self.marker = clinic, marker
        self.patient = await new_patient(clinic, marker)
        self.connection = await inserted(
            clinic, Connection, plugin_id="telephony", kind="ringer", title=f"{marker} {next(numbers)}", state="on"
        )
        self.colleague = Id((await clinic.staff("administrator", last_name=marker)).staff_id)
        called = await self.call(state="finished", is_answered=True)
        ringing = await self.call(state="ringing")
        at = {"patient_id": self.patient}
        return [
            Sample(method="GET", path="/telephony/calls"),
            Sample(method="GET", path="/telephony/figures", shows=False),
            Sample(method="GET", path=CALL + "/player", at={"call_id": called}),
            Sample(method="POST", path=CALL + "/done", at={"call_id": await self.call(state="finished")}),
            Sample(method="GET", path="/telephony/incoming/{call_id:int}", at={"call_id": ringing}, shows=False),
            Sample(method="GET", path="/telephony/patients/{patient_id:int}/call", at=at),
            Sample(method="GET", path=EXTENSIONS + "/new"),
            Sample(method="POST", path=EXTENSIONS + "/new", form=self.telephone()),
            *await self.telephones(),
            *await self.programs(called),
        ]

    async def call(self, *, state: str, is_answered: bool = False) -> Id:
        moment = dt.datetime.now(dt.UTC)
        return await inserted(
            self.clinic,
            PhoneCall,
            connection_id=int(self.connection),
            external_id=f"{self.marker} {next(numbers)}",
            direction="in",
            state=state,
            started_at=moment,
            ended_at=moment if state == "finished" else None,
            is_answered=is_answered,
            client_number="+79123401289",
            patient_id=int(self.patient),
        )

    def telephone(self) -> dict[str, object]:
        return {"connection_id": self.connection, "number": str(next(numbers)), "staff_id": self.colleague}

    async def telephones(self) -> list[Sample]:
        values = {"connection_id": int(self.connection), "staff_id": int(self.colleague)}
        extension = await inserted(self.clinic, Extension, number=f"9{next(numbers)}", **values)
        await inserted(self.clinic, Extension, number=f"9{next(numbers)}", **values)
        path = EXTENSIONS + "/{extension_id:int}/remove"
        return [
            Sample(method="GET", path=EXTENSIONS),
            Sample(method="POST", path=path, at={"extension_id": extension}),
        ]

    async def programs(self, called: Id) -> list[Sample]:
        """The list that programs follow waits for transactions that are open elsewhere: it need not show the newest."""
        values = {"connection_id": int(self.connection), "staff_id": int(self.colleague)}
        extension = await inserted(self.clinic, Extension, number=f"9{next(numbers)}", **values)
        key = {"Idempotency-Key": next(new_keys(self.clinic))}
        remove = API + EXTENSIONS + "/{extension_id:int}/remove"
        return [
            Sample(method="GET", path=API + "/telephony/calls"),
            Sample(method="GET", path=API + "/telephony/calls/changes", shows=False),
            Sample(method="GET", path=API + "/telephony/figures", shows=False),
            Sample(method="GET", path=API + CALL, at={"call_id": called}),
            Sample(method="POST", path=API + CALL + "/done", at={"call_id": await self.call(state="finished")}),
            Sample(method="GET", path=API + EXTENSIONS),
            Sample(method="POST", path=API + EXTENSIONS, json=self.telephone(), headers=key),
            Sample(method="POST", path=remove, at={"extension_id": extension}),
        ]
