"""What imaging promises of every service: of one that can be asked, and of one that cannot look."""

from __future__ import annotations

import uuid

from prikus_imaging.testing import ProviderContract
from tests.plugins.imaging.provider.conftest import HOSTS


class TestBlind(ProviderContract):
    """What may have been taken waits for a person; the kit tries the other one with the scaffold."""

    plugin = kind = "blind"
    host = HOSTS["blind"]
    account = "token"

    def credentials(self) -> dict[str, str]:
        return {"token": f"key-{uuid.uuid4().hex}"}

    def wrong(self) -> dict[str, str]:
        return {"token": "unknown"}
