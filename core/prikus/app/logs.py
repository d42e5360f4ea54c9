"""The log of a process: one JSON line for each thing said (reliability 62), plain text at a terminal.

Tracebacks never hold the values of variables: those are people's data (reliability 50), and to draw them takes half a
second in which the process answers nobody.
"""

from __future__ import annotations

import sys

import structlog


def configure() -> None:
    shown = (
        [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
        if sys.stdout.isatty()
        else [structlog.processors.ExceptionRenderer(), structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *shown,
        ]
    )
