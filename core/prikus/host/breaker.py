"""What keeps failing is left alone for a while, in this clinic only (reliability 61)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

FAILURES = 3
WITHIN_SECONDS = 60.0
OFF_SECONDS = 300.0


class Place(NamedTuple):
    """One implementation in one clinic."""

    clinic_id: int
    plugin: str
    hook: str


class Breaker:
    """Counts failures by place: the third within a minute switches it off for five. Each process counts for itself."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failed_at: dict[Place, list[float]] = {}
        self._off_until: dict[Place, float] = {}

    def is_off(self, place: Place) -> bool:
        until = self._off_until.get(place)
        if until is None:
            return False
        if self._clock() < until:
            return True
        del self._off_until[place]
        return False

    def fail(self, place: Place) -> bool:
        """Note a failure. True when it was the one that switched the place off."""
        now = self._clock()
        recent = [at for at in self._failed_at.pop(place, ()) if now - at < WITHIN_SECONDS]
        recent.append(now)
        if len(recent) < FAILURES:
            self._failed_at[place] = recent
            return False
        self._off_until[place] = now + OFF_SECONDS
        return True
