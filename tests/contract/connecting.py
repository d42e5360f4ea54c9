"""What is the same for plugins that only connect a service."""

from __future__ import annotations

from typing import ClassVar

from prikus.connections.models import Connection
from prikus.testing.clinics import TestClinic
from prikus.testing.contract import PluginContract
from prikus.testing.contract.samples import Sample
from tests.contract import samples
from tests.contract.samples import inserted


class ConnectingContract(PluginContract):
    """It has neither pages nor tables. `kind` is that of its connections."""

    kind: ClassVar[str]
    table = samples.RIGHTS

    async def samples(self, clinic: TestClinic, marker: str) -> list[Sample]:
        """No route: only a connection that bears the marker."""
        await self._connection(clinic, marker)
        return []

    async def add_row(self, clinic: TestClinic, number: int) -> None:
        await self._connection(clinic, str(number))

    async def _connection(self, clinic: TestClinic, name: str) -> None:
        await inserted(clinic, Connection, plugin_id=self.plugin, kind=self.kind, title=f"{self.kind} {name}")
