"""What online booking asks others."""

from __future__ import annotations

from prikus.toolkit import hookspec
from prikus_online_booking.schemas import BookingProvider


@hookspec("describe", title="каналы онлайн-записи")
def booking_providers() -> list[BookingProvider]:
    """Channels by which patients book. What they ask comes in by an `Answerer` and goes to `public`."""
    raise NotImplementedError
