"""What messaging promises of every provider: of one that can be asked, and of one that only tells by itself."""

from __future__ import annotations

import uuid

from prikus_messaging.testing import ProviderContract
from tests.plugins.messaging.provider.conftest import HOSTS


class TestPigeon(ProviderContract):
    """Whose answer was lost waits for a person; the kit tries the other one with the scaffold."""

    plugin = kind = "pigeon"
    host = HOSTS["pigeon"]
    account = "token"

    def credentials(self) -> dict[str, str]:
        return {"token": f"key-{uuid.uuid4().hex}"}

    def wrong(self) -> dict[str, str]:
        return {"token": "unknown"}
