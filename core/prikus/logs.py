"""What processes say of themselves: a line of JSON each, words for people on a terminal (reliability 50, 62)."""

from __future__ import annotations

import re
import sys

import structlog
from structlog.typing import EventDict, Processor

DETAIL = re.compile(r"^.*\bDETAIL:.*$", re.MULTILINE)


def without_values(said: str) -> str:
    """What PostgreSQL says of an error, without the row that it quotes."""
    return DETAIL.sub("DETAIL hidden", said)


def _hide(logger: object, method: str, event: EventDict) -> EventDict:
    if "exception" in event:
        event["exception"] = without_values(event["exception"])
    return event


def configure() -> None:
    """Tracebacks name places, never values: locals hold patients' data, and drawing them stops a worker for seconds."""
    ending: tuple[Processor, ...] = (structlog.processors.JSONRenderer(ensure_ascii=False),)
    if sys.stdout.isatty():
        ending = (structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _hide,
            *ending,
        ]
    )
