"""What messaging contributes to pages of others."""

from __future__ import annotations

from sqlalchemy import case

from prikus.toolkit import CardAction, Context, Erasing, FeedKind, MenuItem, PatientRecords, hookimpl
from prikus_messaging.models import OutboundMessage
from prikus_messaging.services.deciding import forget

STATES = {
    "queued": "в очереди",
    "sending": "в очереди",
    "accepted": "принято оператором",
    "delivered": "доставлено",
    "failed": "ошибка отправки",
    "unknown": "неизвестно, ушло ли",
}


@hookimpl
def menu_items() -> list[MenuItem]:
    return [MenuItem("Сообщения", "message", "/messaging/messages", 36, right="messaging.message.view")]


@hookimpl
def card_actions() -> list[CardAction]:
    href = "/messaging/patients/{patient_id}/message"
    return [CardAction("message", "Отправить смс", "message", href, 35, right="messaging.message.send")]


@hookimpl
def feed_kinds() -> list[FeedKind]:
    return [FeedKind("messages", "Сообщения", ("patient_message",))]


@hookimpl
def patient_records() -> list[PatientRecords]:
    columns = {
        "Написано": OutboundMessage.created_at,
        "Отправлено": OutboundMessage.sent_at,
        "Номер": OutboundMessage.address,
        "Текст": OutboundMessage.text,
        "Статус": case(STATES, value=OutboundMessage.state),
    }
    return [PatientRecords("Сообщения", OutboundMessage, OutboundMessage.patient_id, columns, 36)]


@hookimpl
async def patient_erasing(ctx: Context, erasing: Erasing) -> None:
    """What is on its way without words must not leave."""
    await forget(ctx, erasing.patient_id)
