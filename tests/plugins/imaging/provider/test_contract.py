"""What imaging promises of every service: of one that can be asked, and of one that cannot look."""

from __future__ import annotations

from prikus_imaging.testing import ProviderContract
from tests.plugins import newborn


class TestBlind(ProviderContract):
    """What may have been taken waits for a person; the kit tries the other one with the scaffold."""

    plugin = kind = "blind"
    host = newborn.host_of("blind")
    account = "token"

    def credentials(self) -> dict[str, str]:
        return newborn.credentials()

    def wrong(self) -> dict[str, str]:
        return {"token": "unknown"}
