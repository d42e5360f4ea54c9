"""What providers tell by themselves. It may come twice, late, in another order, before the answer to the request."""

from __future__ import annotations

from sqlalchemy import select

from prikus.toolkit import LARGEST_ID, Context
from prikus_messaging.models import OutboundMessage
from prikus_messaging.schemas import Outcome
from prikus_messaging.services.channels import can_ask
from prikus_messaging.services.outcomes import settle
from prikus_messaging.services.telling import tell

HEARD = ("accepted", "delivered", "failed")


async def note(
    ctx: Context, connection_id: int, outcome: Outcome, message_id: int | None, external_id: str | None
) -> bool:
    """Take in what became of a message of this connection. False when it is none."""
    if outcome.state not in HEARD:
        raise ValueError(f"a provider tells {', '.join(HEARD)}, not {outcome.state}")
    message = await _named(ctx, connection_id, message_id, external_id)
    if message is None:
        return False
    before = message.state
    settle(message, outcome, ctx.now(), can_ask=await can_ask(ctx, connection_id))
    await ctx.db.flush()
    await tell(ctx, message, before)
    return True


async def hint(ctx: Context, connection_id: int, message_id: int | None, external_id: str | None) -> bool:
    """Somebody says that a message of this connection has gone on: it is due to be asked for. False when it is none.

    Of an erased patient nobody asks any more.
    """
    message = await _named(ctx, connection_id, message_id, external_id)
    if message is None:
        return False
    is_open = message.state in ("accepted", "unknown") and message.address
    if is_open and await can_ask(ctx, connection_id):
        message.next_at = ctx.now()
    return True


async def _named(
    ctx: Context, connection_id: int, message_id: int | None, external_id: str | None
) -> OutboundMessage | None:
    if message_id is not None and not 0 < message_id <= LARGEST_ID:
        return None
    if message_id is None and not external_id:
        return None
    same = OutboundMessage.external_id == external_id if message_id is None else OutboundMessage.id == message_id
    query = select(OutboundMessage).where(OutboundMessage.connection_id == connection_id, same)
    return await ctx.db.scalar(query.order_by(OutboundMessage.id).limit(1).with_for_update())
