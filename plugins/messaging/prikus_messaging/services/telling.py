"""Saying that a message is somewhere else now."""

from __future__ import annotations

from prikus.toolkit import Context
from prikus_messaging.events import MessageStatusChanged, PatientMessageSent
from prikus_messaging.models import OutboundMessage

TOLD = ("accepted", "delivered", "failed", "unknown")
ARRIVED = ("accepted", "delivered")


async def tell(ctx: Context, message: OutboundMessage, before: str) -> None:
    """Facts and live words about a message that was in the state `before`."""
    ctx.changed("messaging.messages", message.id)
    if message.state == before or message.state not in TOLD:
        return
    changed = MessageStatusChanged(
        message_id=message.id,
        state=message.state,
        purpose=message.purpose,
        patient_id=message.patient_id,
        connection_id=message.connection_id,
        external_id=message.external_id,
    )
    await ctx.emit(changed, message)
    if message.patient_id is not None and message.state in ARRIVED and before not in ARRIVED:
        sent = PatientMessageSent(patient_id=message.patient_id, message_id=message.id, text=message.text)
        await ctx.emit(sent, message)
