from typing import ClassVar

from prikus.connections.models import Connection
from prikus.testing.clinics import TestClinic
from prikus.testing.contract import PluginContract
from prikus.testing.contract.samples import Sample
from prikus_integrations_beeline.models import Abonent
from tests.contract import samples
from tests.contract.samples import inserted


class TestIntegrationsBeeline(PluginContract):
    """It has no pages of its own: what it does is seen under «API Интеграции» and in telephony."""

    plugin = "integrations_beeline"
    kept: ClassVar = ("integrations_beeline.abonent.user_id",)  # the clinic's own people at the exchange
    table = samples.RIGHTS

    async def samples(self, clinic: TestClinic, marker: str) -> list[Sample]:
        """No route: only what tables hold."""
        await self._person(clinic, marker)
        return []

    async def add_row(self, clinic: TestClinic, number: int) -> None:
        await self._person(clinic, str(number))

    async def _person(self, clinic: TestClinic, name: str) -> None:
        title = f"Beeline {name}"
        at = await inserted(clinic, Connection, plugin_id="integrations_beeline", kind="beeline", title=title)
        await inserted(clinic, Abonent, connection_id=int(at), user_id=name)
