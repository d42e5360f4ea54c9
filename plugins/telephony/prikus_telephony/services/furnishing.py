"""What demos of exchanges make of the invented calls."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import update

from prikus.toolkit import Demo
from prikus_telephony.models import Extension, PhoneCall


async def take_over(demo: Demo, connection_id: int, desks: Mapping[str, int]) -> None:
    """For the demo of an exchange: the invented calls came over it, its telephones stand on these people's desks."""
    await demo.db.execute(
        update(PhoneCall).where(PhoneCall.connection_id.is_(None)).values(connection_id=connection_id)
    )
    rows = [{"connection_id": connection_id, "number": number, "staff_id": id} for number, id in desks.items()]
    await demo.add(Extension, rows)
