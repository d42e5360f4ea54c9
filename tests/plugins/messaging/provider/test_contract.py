"""What messaging promises of every provider: of one that can be asked, and of one that only tells by itself."""

from __future__ import annotations

from prikus_messaging.testing import ProviderContract
from tests.plugins import newborn


class TestPigeon(ProviderContract):
    """Whose answer was lost waits for a person; the kit tries the other one with the scaffold."""

    plugin = kind = "pigeon"
    host = newborn.host_of("pigeon")
    account = "token"

    def credentials(self) -> dict[str, str]:
        return newborn.credentials()

    def wrong(self) -> dict[str, str]:
        return {"token": "unknown"}
