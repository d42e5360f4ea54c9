from prikus.connections.models import Connection
from prikus.testing.clinics import TestClinic
from prikus.testing.contract import PluginContract
from prikus.testing.contract.samples import Sample
from tests.contract import samples
from tests.contract.samples import inserted


class TestIntegrationsEvotor(PluginContract):
    """It has neither pages nor tables: what it does is seen under «API Интеграции»."""

    plugin = "integrations_evotor"
    table = samples.RIGHTS

    async def samples(self, clinic: TestClinic, marker: str) -> list[Sample]:
        """No route: only a connection that bears the marker."""
        await self._register(clinic, marker)
        return []

    async def add_row(self, clinic: TestClinic, number: int) -> None:
        await self._register(clinic, str(number))

    async def _register(self, clinic: TestClinic, name: str) -> None:
        await inserted(clinic, Connection, plugin_id="integrations_evotor", kind="evotor", title=f"Касса {name}")
