"""What telephony promises of every provider."""

from __future__ import annotations

import uuid

from prikus_integrations_beeline.fake import HOST
from prikus_telephony.testing import SubscribingContract


class TestBeeline(SubscribingContract):
    plugin = "integrations_beeline"
    kind = "beeline"
    host = HOST
    account = "token"

    def credentials(self) -> dict[str, str]:
        return {"token": f"00000000-0000-4000-8000-{uuid.uuid4().hex[:12]}"}

    def wrong(self) -> dict[str, str]:
        return {"token": "wrong-4711"}
