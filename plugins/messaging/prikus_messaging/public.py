"""What providers and other plugins may use of messaging."""

from __future__ import annotations

import datetime as dt

from prikus.toolkit import Context, Demo
from prikus_messaging.events import MessageStatusChanged
from prikus_messaging.jobs import wake_channel
from prikus_messaging.schemas import Counted, Message, MessageProvider, MessageRef, NewMessage, Outcome
from prikus_messaging.services import furnishing, hearing, writing
from prikus_messaging.services.counting import count_parts

__all__ = [
    "Counted",
    "Message",
    "MessageProvider",
    "MessageRef",
    "MessageStatusChanged",
    "NewMessage",
    "Outcome",
    "ask_soon",
    "count_parts",
    "note_status",
    "send_message",
    "take_over",
]


async def send_message(ctx: Context, new: NewMessage, *, expires_at: dt.datetime | None = None) -> int:
    """Write a message that leaves after the commit; its number. Needs the right `messaging.message.send`.

    One that has not left by `expires_at` (in a day, unless said) never does. Raises `Invalid` beside the fields,
    `Conflict` while no service is connected. With `is_mailing` the patient must have agreed (PAT-11), also when it
    leaves.
    """
    written = await writing.write_message(ctx, new, expires_at=expires_at)
    await wake_channel(ctx, written.connection_id)
    return written.message_id


async def note_status(
    ctx: Context,
    connection_id: int,
    outcome: Outcome,
    *,
    message_id: int | None = None,
    external_id: str | None = None,
) -> bool:
    """Take in what a provider told by itself: for its webhooks. False when it is no message of this connection.

    `outcome.state` is accepted, delivered or failed; `message_id` our number, else `external_id` the provider's. It may
    come twice, late, and before the answer to the request: a state never goes back. What is not signed goes to
    `ask_soon`.
    """
    return await hearing.note(ctx, connection_id, outcome, message_id, external_id)


async def ask_soon(
    ctx: Context, connection_id: int, *, message_id: int | None = None, external_id: str | None = None
) -> bool:
    """The same for words that anybody could have said: they are a hint, the provider is asked at once.

    False when it is no message of this connection.
    """
    is_ours = await hearing.hint(ctx, connection_id, message_id, external_id)
    if is_ours:
        await wake_channel(ctx, connection_id)
    return is_ours


async def take_over(demo: Demo, connection_id: int) -> None:
    """For the demo of a provider: the invented messages went over it."""
    await furnishing.take_over(demo, connection_id)
