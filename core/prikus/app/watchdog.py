"""A loop that does not turn: its stacks are written down, then the process ends and is replaced (reliability 61).

Nothing inside the process can interrupt a busy loop. What is confirmed is in PostgreSQL; what was not is rolled back.
"""

from __future__ import annotations

import asyncio
import faulthandler
import sys
import threading
import time

import structlog

log = structlog.get_logger("prikus.watchdog")
BEATS_A_STALL = 5
"""Heartbeats in the time after which a loop counts as stalled."""


class Watchdog:
    """Watches the running loop from a thread. `stall` and `limit` are seconds; a limit of 0 lets it stall for ever.

    The end is the work of `faulthandler`: its clock needs no lock of the interpreter, which a regular expression or a
    library in C may hold for minutes.
    """

    def __init__(self, stall: float, limit: float) -> None:
        self._stall = stall
        self._limit = limit
        self._pause = stall / BEATS_A_STALL
        self._beat_at = time.monotonic()
        self._timer: asyncio.TimerHandle | None = None
        self._stopped = threading.Event()

    def start(self) -> None:
        """Called on the loop that is to be watched."""
        if not self._limit:
            return
        self._beat()
        threading.Thread(target=self._watch, name="prikus-watchdog", daemon=True).start()

    def stop(self) -> None:
        self._stopped.set()
        if self._timer is not None:
            self._timer.cancel()
            faulthandler.cancel_dump_traceback_later()

    def _beat(self) -> None:
        self._beat_at = time.monotonic()
        faulthandler.dump_traceback_later(self._limit, exit=True, file=sys.stderr)
        self._timer = asyncio.get_running_loop().call_later(self._pause, self._beat)

    def _watch(self) -> None:
        written_for = 0.0
        while not self._stopped.wait(self._pause):
            beat_at = self._beat_at
            stalled = time.monotonic() - beat_at
            if stalled > self._stall and beat_at != written_for:
                written_for = beat_at
                log.error("loop stalled", seconds=round(stalled, 1), ends_after_seconds=self._limit)
                faulthandler.dump_traceback(sys.stderr)
