"""What imaging promises of every service."""

from __future__ import annotations

from prikus_imaging.testing import ProviderContract
from prikus_integrations_diagnocat.fake import HOST
from tests.plugins.integrations_diagnocat.conftest import account


class TestDiagnocat(ProviderContract):
    plugin = "integrations_diagnocat"
    kind = "diagnocat"
    host = HOST
    account = "login"

    def credentials(self) -> dict[str, str]:
        return account()

    def wrong(self) -> dict[str, str]:
        return {"password": "wrong-4711"}
