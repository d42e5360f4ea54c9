"""What demos of providers make of the invented messages."""

from __future__ import annotations

from sqlalchemy import update

from prikus.toolkit import Demo
from prikus_messaging.models import OutboundMessage


async def take_over(demo: Demo, connection_id: int) -> None:
    """The messages of the past went over this connection."""
    nobodys = update(OutboundMessage).where(OutboundMessage.connection_id.is_(None))
    await demo.db.execute(nobodys.values(connection_id=connection_id))
