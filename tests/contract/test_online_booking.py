from typing import ClassVar

from prikus.testing.clinics import TestClinic
from prikus.testing.contract import PluginContract
from prikus.testing.contract.samples import Sample
from tests.contract import samples
from tests.contract.online_booking_samples import BookingSamples


class TestOnlineBooking(PluginContract):
    plugin = "online_booking"
    table = samples.RIGHTS
    lists = (
        "/online_booking/bookings",
        "/online_booking/channels",
        "/api/v1/online_booking/bookings",
        "/api/v1/online_booking/bookings/changes",
        "/api/v1/online_booking/channels",
    )
    kept: ClassVar = (
        "online_booking.external_identity.code",  # the channel's name of a doctor
    )

    async def samples(self, clinic: TestClinic, marker: str) -> list[Sample]:
        return await BookingSamples.of(clinic, marker)

    async def add_row(self, clinic: TestClinic, number: int) -> None:
        made = await BookingSamples.begun(clinic, f"Записавшаяся{number}")
        await made.booking("new", patient_id=int(made.patient))
