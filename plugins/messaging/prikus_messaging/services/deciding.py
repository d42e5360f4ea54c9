"""What a person decides about a message, and what an erased patient's messages come to."""

from __future__ import annotations

from sqlalchemy import select

from prikus.toolkit import Conflict, Context
from prikus_messaging.models import OutboundMessage
from prikus_messaging.schemas import Ending, Outcome
from prikus_messaging.services.outcomes import give_up, settle
from prikus_messaging.services.telling import tell
from prikus_messaging.services.writing import RIGHT

NOT_OPEN = "Решать нечего: о сообщении известно, чем оно кончилось, или сервис ещё спрашивают."
LEFT = "Сообщение уже ушло: отменить его нельзя."
NOT_ARRIVED = "Отмечено: сообщение не ушло."
CANCELLED = "Отменено до отправки."
FORGOTTEN = "Данные пациента стёрты."


async def decide(ctx: Context, message_id: int, state: Ending) -> None:
    """Say what became of a message whose answer was lost and whose service says nothing of it.

    It is never sent again by that: a new one is written. Raises `Conflict` for any other message.
    """
    ctx.require(RIGHT)
    message = await ctx.load(OutboundMessage, message_id, lock=True)
    if message.state != "unknown" or message.next_at is not None:
        raise Conflict(NOT_OPEN)
    if state == "accepted":
        message.state, message.error, message.sent_at = "accepted", None, message.tried_at
    else:
        give_up(message, NOT_ARRIVED, ctx.now())
    await ctx.db.flush()
    await ctx.audit("messaging.message.decided", "message", message_id, _decided(message))
    await tell(ctx, message, "unknown")


def _decided(message: OutboundMessage) -> str:
    return f"Сообщение № {message.id}: {'ушло' if message.state == 'accepted' else 'не ушло'}"


async def cancel(ctx: Context, message_id: int) -> None:
    """Take a message back that has not left. Raises `Conflict` when it has."""
    ctx.require(RIGHT)
    message = await ctx.load(OutboundMessage, message_id, lock=True)
    if message.state != "queued":
        raise Conflict(LEFT)
    give_up(message, CANCELLED, ctx.now())
    await ctx.db.flush()
    await ctx.audit("messaging.message.cancelled", "message", message_id, f"Отменено сообщение № {message_id}")
    await tell(ctx, message, "queued")


async def forget(ctx: Context, patient_id: int) -> None:
    """Before the words are emptied: what waits does not leave, and nobody is asked for what has left.

    What may have left waits for a person; of what is being sent just now its worker writes what it hears.
    """
    open_ones = OutboundMessage.patient_id == patient_id, OutboundMessage.next_at.is_not(None)
    query = select(OutboundMessage).where(*open_ones, OutboundMessage.state != "sending")
    for message in await ctx.db.scalars(query.order_by(OutboundMessage.id).with_for_update()):
        before = message.state
        if before == "queued":
            give_up(message, FORGOTTEN, ctx.now())
        else:
            settle(message, Outcome(state="unknown"), ctx.now(), can_ask=False)
        await ctx.db.flush()
        await tell(ctx, message, before)
