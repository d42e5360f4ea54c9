"""What an answer of a provider makes of a message. Without network and database."""

from __future__ import annotations

import datetime as dt

from prikus_messaging.models import OutboundMessage
from prikus_messaging.schemas import Outcome

RANK = {"queued": 0, "sending": 1, "unknown": 2, "accepted": 3, "failed": 4, "delivered": 5}
"""A state of a higher rank is later: nothing goes back but what the provider surely has not."""
SEND_PAUSES = (2, 5, 15, 60, 300, 900)
ASK_PAUSES = (15, 60, 300, 900, 3600, 4 * 3600, 12 * 3600, 24 * 3600)
DOUBT_PAUSES = (15, 30, 60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600)
"""Seconds. After the last one nobody asks any more by itself."""
SURE = 2
"""At this question a provider is believed that it has no such message: at the first it may not have it yet."""
REST = dt.timedelta(minutes=10)
LOST = "Ответ сервиса потерялся: неизвестно, ушло ли сообщение. Проверьте в его кабинете и отметьте здесь."
EXPIRED = "Сообщение не ушло вовремя и больше не отправляется."


def settle(message: OutboundMessage, outcome: Outcome, now: dt.datetime, *, can_ask: bool) -> None:
    """Turn the message to what the answer means. `can_ask`: its provider can be asked what became of it."""
    _keep(message, outcome)
    match outcome.state:
        case "accepted" | "delivered" | "failed":
            _advance(message, outcome, now, can_ask=can_ask)
        case "refused" if message.state in ("sending", "queued"):
            _refused(message, outcome, now)
        case "unknown" if message.state in ("sending", "unknown"):
            doubt(message, now, can_ask=can_ask)
        case "absent" if message.state == "unknown":
            _absent(message, now)
        case _:
            ask_later(message, now, can_ask=can_ask)


def _keep(message: OutboundMessage, outcome: Outcome) -> None:
    message.external_id = outcome.external_id or message.external_id
    message.parts = outcome.parts or message.parts
    message.cost = message.cost if outcome.cost is None else outcome.cost


def _advance(message: OutboundMessage, outcome: Outcome, now: dt.datetime, *, can_ask: bool) -> None:
    if RANK[outcome.state] < RANK[message.state]:
        return
    if outcome.state != message.state:
        message.state, message.tries = outcome.state, 0
        message.error = outcome.sentence
    message.sent_at = message.sent_at or now
    if outcome.state == "accepted":
        ask_later(message, now, can_ask=can_ask)
    else:
        message.next_at, message.final_at = None, message.final_at or now


def _refused(message: OutboundMessage, outcome: Outcome, now: dt.datetime) -> None:
    """What is wrong with the message waits for a person; the rest goes by itself, as long as it is of use."""
    message.error = outcome.sentence
    if outcome.trouble == "data":
        give_up(message, outcome.sentence, now)
        return
    message.state = "queued"
    message.next_at = now + dt.timedelta(seconds=SEND_PAUSES[min(message.tries, len(SEND_PAUSES) - 1)])
    message.tries += 1


def give_up(message: OutboundMessage, sentence: str | None, now: dt.datetime) -> None:
    """It is not sent and will not be."""
    message.state, message.error, message.next_at, message.final_at = "failed", sentence, None, now


def doubt(message: OutboundMessage, now: dt.datetime, *, can_ask: bool) -> None:
    """It may have been taken: ask, never send. At last a person decides."""
    if message.state != "unknown":
        message.state, message.tries = "unknown", 0
    _pause(message, DOUBT_PAUSES, now, can_ask=can_ask)
    message.error = LOST if message.next_at is None else None


def ask_later(message: OutboundMessage, now: dt.datetime, *, can_ask: bool) -> None:
    if message.state == "unknown":
        doubt(message, now, can_ask=can_ask)
    elif message.state == "accepted":
        _pause(message, ASK_PAUSES, now, can_ask=can_ask)


def _pause(message: OutboundMessage, pauses: tuple[int, ...], now: dt.datetime, *, can_ask: bool) -> None:
    """When to ask next. Of an erased patient, who has no number any more, nobody asks."""
    if not can_ask or not message.address or message.tries >= len(pauses):
        message.next_at = None
        return
    message.next_at = now + dt.timedelta(seconds=pauses[message.tries])
    message.tries += 1


def _absent(message: OutboundMessage, now: dt.datetime) -> None:
    """The same number goes again once it is sure that the first attempt has not arrived."""
    if message.tries < SURE:
        doubt(message, now, can_ask=True)
        return
    message.state, message.tries, message.next_at, message.error = "queued", 0, now, None


def pause_after(outcome: Outcome | None, failures: int) -> dt.timedelta:
    """How long nothing is asked of a connection after so many failures in a row."""
    if outcome is not None and outcome.trouble in ("credentials", "money"):
        return REST
    return dt.timedelta(seconds=SEND_PAUSES[min(failures, len(SEND_PAUSES)) - 1])
