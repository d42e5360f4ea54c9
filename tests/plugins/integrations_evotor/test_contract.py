"""What fiscal promises of every provider of registers."""

from __future__ import annotations

import uuid

from prikus_fiscal.testing import ProviderContract
from prikus_integrations_evotor.fake import HOST
from tests.plugins.integrations_evotor.conftest import filled_in


class TestEvotor(ProviderContract):
    plugin = "integrations_evotor"
    kind = "evotor"
    host = HOST

    def credentials(self) -> dict[str, str]:
        return filled_in(uuid.uuid4().hex[:12], title="Эвотор касса")

    def wrong(self) -> dict[str, str]:
        return {"password": "wrong-4711"}
