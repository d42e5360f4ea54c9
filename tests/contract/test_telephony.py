from typing import ClassVar

from prikus.connections.models import Connection
from prikus.testing.clinics import TestClinic
from prikus.testing.contract import PluginContract
from prikus.testing.contract.samples import Sample
from prikus_telephony.models import Extension
from tests.contract import samples
from tests.contract.samples import inserted
from tests.contract.telephony_samples import TelephonySamples


class TestTelephony(PluginContract):
    plugin = "telephony"
    kept = ("telephony.phone_call.external_id",)  # the provider's number of the call, about nobody
    table = samples.RIGHTS
    lists = (
        "/telephony/calls",
        "/telephony/extensions",
        "/api/v1/telephony/calls",
        "/api/v1/telephony/calls/changes",
        "/api/v1/telephony/extensions",
    )
    without_clinic: ClassVar = (
        # They need an exchange that answers: tests/plugins/telephony/provider/test_provider.py.
        "/telephony/calls/{call_id:int}/call-back",
        "/telephony/calls/{call_id:int}/recording",
        "POST /telephony/patients/{patient_id:int}/call",
        "/api/v1/telephony/calls/{call_id:int}/call-back",
        "/api/v1/telephony/calls/{call_id:int}/recording",
        "POST /api/v1/telephony/calls",
    )

    async def samples(self, clinic: TestClinic, marker: str) -> list[Sample]:
        return await TelephonySamples.of(clinic, marker)

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
