"""The demo clinic's SMS-Center: the fake one, where it is running."""

from __future__ import annotations

from prikus.toolkit import Demo, furnish_connection
from prikus_integrations_smsc.hooks import connection_kinds
from prikus_messaging.public import take_over

HOST = "smsc.ru"


async def load(demo: Demo) -> None:
    """A connection with an account that the fake knows, and the messages of the past."""
    if "integrations_smsc" not in demo.clinic.effective:
        return
    [kind] = connection_kinds()
    settings = {"login": f"clinic-{demo.clinic.id}", "sender": ""}
    made = await furnish_connection(demo, kind, HOST, {"password": f"pass-{demo.clinic.id}"}, settings=settings)
    await take_over(demo, made)
