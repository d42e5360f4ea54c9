"""The demo clinic's Diagnocat: the fake one, where it is running."""

from __future__ import annotations

from prikus.toolkit import Demo, furnish_connection
from prikus_integrations_diagnocat.hooks import connection_kinds

HOST = "app2.diagnocat.ru"


async def load(demo: Demo) -> None:
    """A connection with an account that the fake knows."""
    if "integrations_diagnocat" not in demo.clinic.effective:
        return
    [kind] = connection_kinds()
    settings = {"login": f"clinic-{demo.clinic.id}", "region": "ru", "send_name": "no", "signs": ""}
    await furnish_connection(demo, kind, HOST, {"password": f"pass-{demo.clinic.id}"}, settings=settings)
