"""`PRIKUS_TRACE_HOOKS=1`: a line in the log for each call of an implementation, for authors of plugins.

It says what kind of answer it was and never what it holds, since answers hold patients' data.
"""

from __future__ import annotations

import inspect
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

import structlog

log = structlog.get_logger("prikus.hooks")


def is_asked_for() -> bool:
    return os.environ.get("PRIKUS_TRACE_HOOKS") == "1"


def traced(hook: str, plugin: str, call: Callable[..., Any]) -> Callable[..., Any]:
    """The same implementation, whose calls are logged with plugin, time in milliseconds and kind of the answer."""

    @contextmanager
    def noting() -> Iterator[list[Any]]:
        answer: list[Any] = []
        started, kind = time.perf_counter(), "given up"
        try:
            yield answer
            kind = kind_of(answer[0])
        except Exception as error:
            kind = f"raised {type(error).__name__}"
            raise
        finally:
            ms = round((time.perf_counter() - started) * 1000, 2)
            log.info("hook called", hook=hook, plugin=plugin, ms=ms, answer=kind)

    @wraps(call)
    def described(**values: Any) -> Any:
        with noting() as answer:
            answer.append(call(**values))
        return answer[0]

    @wraps(call)
    async def asked(**values: Any) -> Any:
        with noting() as answer:
            answer.append(await call(**values))
        return answer[0]

    return asked if inspect.iscoroutinefunction(call) else described


def kind_of(value: Any) -> str:
    """`2 × MenuItem`, `str`, `None`."""
    if isinstance(value, list | tuple):
        return f"{len(value)} × {' or '.join(sorted({type(one).__name__ for one in value})) or 'nothing'}"
    return "None" if value is None else type(value).__name__
