import datetime as dt
from typing import ClassVar

from prikus.connections.models import Connection
from prikus.testing.clinics import TestClinic
from prikus.testing.contract import PluginContract
from prikus.testing.contract.samples import Sample
from prikus_telephony.models import Extension, PhoneCall
from tests.contract import samples
from tests.contract.samples import inserted
from tests.contract.telephony_samples import TelephonySamples


class TestTelephony(PluginContract):
    plugin = "telephony"
    kept = ("telephony.phone_call.external_id",)  # the provider's number of the call, about nobody
    table = samples.RIGHTS
    lists = ("/telephony/calls", "/telephony/extensions")
    without_clinic: ClassVar = (
        # They need an exchange that answers: tests/plugins/telephony/test_provider.py.
        "/telephony/calls/{call_id:int}/call-back",
        "/telephony/calls/{call_id:int}/recording",
        "/telephony/patients/{patient_id:int}/call",
    )

    async def samples(self, clinic: TestClinic, marker: str) -> list[Sample]:
        made = await TelephonySamples.of(clinic, marker)
        return [sample for sample in made if sample.path not in self.without_clinic]

    async def ids(self, clinic: TestClinic, name: str) -> dict[str, object]:
        async with clinic.ctx_as("director") as ctx:
            patient = await samples.patient(ctx, name)
        connection = await inserted(clinic, Connection, plugin_id="telephony", kind="ringer", title=name, state="on")
        values = {"connection_id": int(connection), "direction": "in", "state": "ringing", "patient_id": patient}
        values |= {"external_id": name, "started_at": dt.datetime.now(dt.UTC), "client_number": "+79123401289"}
        colleague = await clinic.staff("administrator", last_name=name)
        call = await inserted(clinic, PhoneCall, **values)
        telephone = {"connection_id": int(connection), "number": "101", "staff_id": colleague.staff_id}
        extension = await inserted(clinic, Extension, **telephone)
        return {"patient_id": patient, "call_id": int(call), "extension_id": int(extension)}

    async def add_row(self, clinic: TestClinic, number: int) -> None:
        made = TelephonySamples()
        made.clinic, made.marker = clinic, f"Звонков{number}"
        made.patient = await samples.new_patient(clinic, made.marker)
        made.connection = await inserted(
            clinic, Connection, plugin_id="telephony", kind="ringer", title=f"Станция {number}", state="on"
        )
        made.colleague = samples.Id((await clinic.staff("administrator", last_name=made.marker)).staff_id)
        await made.call(state="finished")
        await inserted(
            clinic,
            Extension,
            connection_id=int(made.connection),
            number=str(number),
            staff_id=int(made.colleague),
        )
