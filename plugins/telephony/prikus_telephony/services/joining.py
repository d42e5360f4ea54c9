"""Legs of a call into one call. Pure: the same events in any order, any number of times, give the same call."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from prikus_telephony.schemas import Direction, Leg

RANKS = {"ringing": 0, "answered": 1, "released": 2}
LOCAL = 10
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
SAID = ("direction", "client_number", "virtual_number", "extension", "is_internal")


class LegFacts(msgspec.Struct, frozen=True):
    """What is known of one leg. `said` is for each thing the newest word about it.

    Name → [when, rank, value, order].
    """

    leg_id: str
    started_at: dt.datetime
    answered_at: dt.datetime | None
    released_at: dt.datetime | None
    said: Mapping[str, list[Any]]

    def word(self, name: str) -> Any:
        return self.said[name][2] if name in self.said else None


class CallFacts(msgspec.Struct, frozen=True):
    """What all legs say together. `is_over` when every known leg is released."""

    direction: Direction
    started_at: dt.datetime
    answered_at: dt.datetime | None
    ended_at: dt.datetime | None
    is_internal: bool
    client_number: str | None
    virtual_number: str | None
    extension: str | None

    @property
    def is_over(self) -> bool:
        return self.ended_at is not None

    @property
    def seconds(self) -> int | None:
        if self.answered_at is None or self.ended_at is None:
            return None
        return max(0, round((self.ended_at - self.answered_at).total_seconds()))


def e164(number: str | None) -> str | None:
    """A number as it is compared; Russian ones also when they come without +7. None for what has no digits."""
    digits = "".join(sign for sign in number or "" if sign in "0123456789")
    if len(digits) == LOCAL:
        return f"+7{digits}"
    if len(digits) == LOCAL + 1 and digits[0] == "8" and not (number or "").lstrip().startswith("+"):
        return f"+7{digits[1:]}"
    return f"+{digits}" if digits else None


def heard(known: LegFacts | None, leg: Leg) -> LegFacts:
    """The leg after one more event about it."""
    when = (leg.at - EPOCH) // dt.timedelta(microseconds=1)
    said = dict(known.said) if known else {}
    for name in SAID:
        value = getattr(leg, name)
        if name in ("client_number", "virtual_number"):
            value = e164(value)
        if value is not None:
            said[name] = max(said.get(name, []), [when, RANKS[leg.state], value, leg.order], key=_order)
    return LegFacts(
        leg.leg_id,
        min(leg.at, known.started_at) if known else leg.at,
        _first(known and known.answered_at, leg.at if leg.state == "answered" else None),
        _last(known and known.released_at, leg.at if leg.state == "released" else None),
        said,
    )


def joined(legs: Iterable[LegFacts]) -> CallFacts:
    """The call of these legs. Talks between colleagues count only when there is nothing else."""
    found = sorted(legs, key=lambda leg: (leg.started_at, leg.leg_id))
    outer = [leg for leg in found if not leg.word("is_internal")] or found
    answered = [leg for leg in outer if leg.answered_at is not None]
    answered.sort(key=lambda leg: (leg.answered_at, leg.leg_id))
    telling = [*answered, *outer]
    released = [leg.released_at for leg in outer if leg.released_at is not None]
    return CallFacts(
        direction=outer[0].word("direction"),
        started_at=outer[0].started_at,
        answered_at=answered[0].answered_at if answered else None,
        ended_at=max(released) if len(released) == len(outer) else None,
        is_internal=all(leg.word("is_internal") for leg in outer),
        client_number=_told(telling, "client_number"),
        virtual_number=_told(telling, "virtual_number"),
        extension=_told(answered or (outer if outer[0].word("direction") == "out" else []), "extension"),
    )


def _told(legs: list[LegFacts], name: str) -> Any:
    return next((leg.word(name) for leg in legs if leg.word(name) is not None), None)


def _order(word: list[Any]) -> tuple[Any, ...]:
    """Words that the version before wrote have no order."""
    return (*word[:2], (*word[3:], 0)[0], str(word[2])) if word else ()


def _first(*moments: dt.datetime | None) -> dt.datetime | None:
    return min((moment for moment in moments if moment), default=None)


def _last(*moments: dt.datetime | None) -> dt.datetime | None:
    return max((moment for moment in moments if moment), default=None)
