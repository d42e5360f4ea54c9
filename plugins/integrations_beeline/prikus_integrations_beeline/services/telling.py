"""What an event says of a call, in telephony's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from prikus_integrations_beeline.models import Abonent
from prikus_integrations_beeline.schemas import CallEvent
from prikus_integrations_beeline.services.abonents import digits
from prikus_telephony.public import Leg

GOES_ON = frozenset(
    f"Call{what}Event" for what in ("Received", "Originated", "Updated", "Answered", "Held", "Retrieved")
)
LEAVES = frozenset(f"Call{what}Event" for what in ("Released", "Transferred", "Redirected"))
ENDED = "SubscriptionTerminatedEvent"


def legs(event: CallEvent, people: Mapping[str, Abonent]) -> Iterator[Leg]:
    """All that the event knows of the leg's way, so that one that was lost is made good by the next.

    Other kinds than of calls say nothing. A menu that picks up is not an answer.
    """
    if event.kind not in GOES_ON | LEAVES or not event.tracking_id or not event.leg_id:
        return
    said = _said(event, people.get(event.user_id or ""))
    if event.started_at:
        yield Leg(state="ringing", at=event.started_at, **said)
    if event.answered_at and not event.is_menu:
        yield Leg(state="answered", at=event.answered_at, **said)
    if event.released_at and event.kind in LEAVES:
        yield Leg(state="released", at=event.released_at, **said)


def _said(event: CallEvent, owner: Abonent | None) -> dict[str, Any]:
    """A click to dial first rings its own telephone, and names that as the other side."""
    is_own = owner is not None and owner.phone is not None and digits(event.number) == owner.phone
    return {
        "external_id": event.tracking_id,
        "leg_id": event.leg_id,
        "direction": "in" if event.is_incoming else "out",
        "client_number": None if is_own else event.number,
        "virtual_number": event.dialled if event.is_incoming else None,
        "extension": owner.extension if owner and not event.is_menu else None,
        "is_internal": event.is_internal,
        "order": event.sequence,
    }
