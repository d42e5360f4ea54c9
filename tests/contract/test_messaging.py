from typing import ClassVar

from prikus.testing.clinics import TestClinic
from prikus.testing.contract import PluginContract
from prikus.testing.contract.samples import Sample
from tests.contract import samples
from tests.contract.messaging_samples import MessagingSamples


class TestMessaging(PluginContract):
    plugin = "messaging"
    table = samples.RIGHTS
    lists = ("/messaging/messages", "/api/v1/messaging/messages", "/api/v1/messaging/messages/changes")
    without_clinic: ClassVar = (
        # They need a service that is connected: tests/plugins/messaging/provider/test_writing.py.
        "POST /messaging/messages/new",
        "POST /api/v1/messaging/messages",
    )

    async def samples(self, clinic: TestClinic, marker: str) -> list[Sample]:
        return await MessagingSamples.of(clinic, marker)

    async def add_row(self, clinic: TestClinic, number: int) -> None:
        made = await MessagingSamples.begun(clinic, f"Сообщений{number}")
        await made.message()
