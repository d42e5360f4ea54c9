"""What booking channels use of online booking. All of it runs in the caller's transaction and with its rights."""

from __future__ import annotations

from prikus_online_booking.schemas import (
    Booked,
    Booking,
    BookingProvider,
    Cell,
    Doctor,
    Outcome,
    Place,
    Result,
    Schedule,
    Wish,
)
from prikus_online_booking.services.booking import book, cancel, move
from prikus_online_booking.services.finding import Ref, find_booking
from prikus_online_booking.services.publishing import schedule

__all__ = [
    "Booked",
    "Booking",
    "BookingProvider",
    "Cell",
    "Doctor",
    "Outcome",
    "Place",
    "Ref",
    "Result",
    "Schedule",
    "Wish",
    "book",
    "cancel",
    "find_booking",
    "move",
    "schedule",
]
