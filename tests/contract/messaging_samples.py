"""One request at least for each route of messaging that needs no connected service."""

from __future__ import annotations

import datetime as dt
from itertools import count

from prikus.connections.models import Connection
from prikus.testing.clinics import TestClinic
from prikus.testing.contract.samples import Id, Sample
from prikus_messaging.models import OutboundMessage
from tests.contract.samples import inserted, new_patient

MESSAGES = "/messaging/messages"
MESSAGE = MESSAGES + "/{message_id:int}"
API = "/api/v1"
numbers = count(1)


class MessagingSamples:
    """Messages to one patient over one connection."""

    @classmethod
    async def begun(cls, clinic: TestClinic, marker: str) -> MessagingSamples:
        self = cls()
        self.clinic, self.marker = clinic, marker
        self.patient = await new_patient(clinic, marker)
        self.connection = await inserted(
            clinic, Connection, plugin_id="messaging", kind="postman", title=f"{marker} {next(numbers)}", state="on"
        )
        return self

    @classmethod
    async def of(cls, clinic: TestClinic, marker: str) -> list[Sample]:
        self = await cls.begun(clinic, marker)
        sent, at = await self.message(), {"patient_id": self.patient}
        return [
            Sample(method="GET", path=MESSAGES),
            Sample(method="GET", path=MESSAGES + "/new", query={"again": sent}),
            Sample(method="GET", path="/messaging/patients/{patient_id:int}/message", at=at),
            Sample(method="GET", path=MESSAGE, at={"message_id": sent}),
            Sample(method="POST", path=MESSAGE + "/decide", at=await self.lost(), form={"state": "accepted"}),
            Sample(method="POST", path=MESSAGE + "/cancel", at=await self.waiting()),
            *await self.programs(sent),
        ]

    async def message(self, state: str = "delivered") -> Id:
        moment = dt.datetime.now(dt.UTC)
        return await inserted(
            self.clinic,
            OutboundMessage,
            connection_id=int(self.connection),
            patient_id=int(self.patient),
            address="+79123401289",
            text=f"{self.marker}, ждём вас завтра",
            parts=1,
            state=state,
            external_id=str(next(numbers)),
            next_at=None,
            expires_at=moment + dt.timedelta(days=1),
        )

    async def lost(self) -> dict[str, Id]:
        """A message whose answer was lost and whose service says nothing."""
        return {"message_id": await self.message("unknown")}

    async def waiting(self) -> dict[str, Id]:
        return {"message_id": await self.message("queued")}

    async def programs(self, sent: Id) -> list[Sample]:
        """The list that programs follow waits for transactions that are open elsewhere: it need not show the newest."""
        return [
            Sample(method="GET", path=API + MESSAGES),
            Sample(method="GET", path=API + MESSAGES + "/changes", shows=False),
            Sample(method="GET", path=API + MESSAGE, at={"message_id": sent}),
            Sample(method="GET", path=API + "/messaging/channels", shows=False),
            Sample(method="POST", path=API + MESSAGE + "/decide", at=await self.lost(), json={"state": "failed"}),
            Sample(method="POST", path=API + MESSAGE + "/cancel", at=await self.waiting()),
        ]
