"""What messaging asks others."""

from __future__ import annotations

from prikus.toolkit import hookspec
from prikus_messaging.schemas import MessageProvider


@hookspec("describe", title="каналы сообщений")
def message_providers() -> list[MessageProvider]:
    """Services that send messages. What became of one they tell by `public.note_status`, or are asked for it."""
    raise NotImplementedError
