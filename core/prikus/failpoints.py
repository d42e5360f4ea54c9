"""Named places where a test ends or freezes a process of ours (reliability 14).

`PRIKUS_FAILPOINT=before_commit:kill:2` kills the process, with the group that it leads, at its second arrival there;
`freeze` stops it until somebody sends SIGCONT. Without the variable an arrival does nothing. The place says its name
on stderr first.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Literal, get_args

from prikus.errors import Misconfigured

Name = Literal[
    "before_write",
    "after_ledger",
    "after_outbox",
    "before_commit",
    "after_commit",
    "before_answer",
    "before_send",
    "after_send",
    "after_claim",
    "before_work",
    "after_work",
]
NAMES: tuple[Name, ...] = get_args(Name)
ACTIONS = {"kill": signal.SIGKILL, "freeze": signal.SIGSTOP}
VARIABLE = "PRIKUS_FAILPOINT"


def _pass(name: Name) -> None:
    """Nobody waits anywhere."""


def armed(order: str | None) -> Callable[[Name], None]:
    """What an arrival does. Raises `Misconfigured` for an order that names no place or no action."""
    if not order:
        return _pass
    place, action, times = (*order.split(":"), "", "", "")[:3]
    if place not in NAMES or action not in ACTIONS or not times.isdecimal():
        raise Misconfigured(f"{VARIABLE} – место:действие:раз, например before_commit:kill:1, а не «{order}».")
    left = int(times)

    def arrive(name: Name) -> None:
        nonlocal left
        if name != place:
            return
        left -= 1
        if left == 0:
            os.write(2, f"failpoint {name}: {action}\n".encode())
            os.killpg(os.getpgrp(), ACTIONS[action])

    return arrive


failpoint = armed(os.environ.get(VARIABLE))
