from prikus.testing.clinics import TestClinic
from prikus.testing.contract import PluginContract
from prikus.testing.contract.samples import Sample
from tests.contract import samples


class TestIntegrationsTilda(PluginContract):
    """It has neither pages nor tables: what it does is seen under «API Интеграции» and in the CRM."""

    plugin = "integrations_tilda"
    table = samples.RIGHTS

    async def samples(self, clinic: TestClinic, marker: str) -> list[Sample]:
        return []

    async def add_row(self, clinic: TestClinic, number: int) -> None:
        pass
