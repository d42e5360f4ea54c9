"""What messaging promises of every provider."""

from __future__ import annotations

from prikus_integrations_smsc.fake import HOST
from prikus_messaging.testing import ProviderContract
from tests.plugins.integrations_smsc.conftest import account


class TestSmsc(ProviderContract):
    plugin = "integrations_smsc"
    kind = "smsc"
    host = HOST
    account = "login"

    def credentials(self) -> dict[str, str]:
        return account()

    def wrong(self) -> dict[str, str]:
        return {"password": "wrong-4711"}
