"""What an answer of a register makes of a receipt. Without network and database."""

from __future__ import annotations

import datetime as dt

import msgspec

from prikus_fiscal.models import FiscalReceipt
from prikus_fiscal.schemas import Outcome, Past

ASK_PAUSES = (2, 5, 10, 30, 60)
ASK_LATER = 300
SEND_PAUSES = (2, 5, 15, 60, 300, 900)
"""Seconds. After a day of sending, and after another one of asking, nothing goes by itself any more."""
LONGEST = dt.timedelta(hours=24)
UUID_LENGTH = 36
STALE = "За сутки касса так и не сообщила, пробит ли чек. Проверьте его в кабинете кассы и отметьте, чем кончилось."
GAVE_UP = "Касса не приняла чек за сутки. {error}"


def settle(receipt: FiscalReceipt, outcome: Outcome, now: dt.datetime, *, was_asked: bool = True) -> str | None:
    """Turn the receipt to what the answer means. Returns why its register must stop, None when it may go on.

    Without `was_asked` nobody was: a doubt about what was sent before stands.
    """
    receipt.trouble, receipt.error = outcome.trouble, outcome.sentence
    receipt.provider_uuid = outcome.uuid or receipt.provider_uuid
    match outcome.state:
        case "done":
            _done(receipt, outcome, now)
        case "wait":
            _accepted(receipt, now)
        case "refused":
            receipt.provider_uuid = None
            receipt.is_doubtful = receipt.is_doubtful and not (was_asked and outcome.trouble == "data")
            _try_again(receipt, "queued", outcome, now)
        case "failed":
            _next_attempt(receipt, now)
            _try_again(receipt, "queued", outcome, now)
        case "unknown":
            _unknown(receipt, outcome, now)
    stops = outcome.trouble == "credentials" and outcome.state != "done"
    if stops and receipt.state in ("queued", "unknown", "accepted"):
        receipt.next_at = now
    return outcome.sentence if stops else None


def _done(receipt: FiscalReceipt, outcome: Outcome, now: dt.datetime) -> None:
    receipt.state, receipt.fiscal = "done", msgspec.to_builtins(outcome.fiscal)
    receipt.next_at, receipt.done_at = None, now
    receipt.trouble = receipt.error = None


def _accepted(receipt: FiscalReceipt, now: dt.datetime) -> None:
    if receipt.state != "accepted":
        receipt.state, receipt.tries, receipt.accepted_at = "accepted", 0, now
    _ask_later(receipt, now)


def _ask_later(receipt: FiscalReceipt, now: dt.datetime) -> None:
    receipt.accepted_at = since = receipt.accepted_at or now
    if now - since > LONGEST:
        receipt.state, receipt.next_at, receipt.error = "unknown", None, STALE
        return
    pause = ASK_PAUSES[receipt.tries] if receipt.tries < len(ASK_PAUSES) else ASK_LATER
    receipt.next_at = now + dt.timedelta(seconds=pause)
    receipt.tries += 1


def _next_attempt(receipt: FiscalReceipt, now: dt.datetime) -> None:
    """Nothing was registered under this number and never will be: the next attempt has another one."""
    past = Past(receipt.external_id, receipt.error, now, receipt.provider_uuid)
    receipt.history = [*receipt.history, msgspec.to_builtins(past)]
    receipt.attempt += 1
    receipt.external_id = f"{receipt.external_id[:UUID_LENGTH]}-{receipt.attempt}"
    receipt.provider_uuid, receipt.is_doubtful = None, False


def _try_again(receipt: FiscalReceipt, state: str, outcome: Outcome, now: dt.datetime) -> None:
    """The clinic's own data wait for a person; the rest goes by itself for a day."""
    if outcome.trouble == "data":
        receipt.state, receipt.next_at = ("unknown" if receipt.is_doubtful else "failed"), None
        return
    receipt.begun_at = since = receipt.begun_at or now
    if now - since > LONGEST:
        receipt.state, receipt.next_at = ("unknown" if receipt.is_doubtful else "failed"), None
        receipt.error = STALE if receipt.is_doubtful else GAVE_UP.format(error=receipt.error or "")
        return
    if receipt.state == "accepted":
        receipt.tries = 0
    receipt.state = state
    pause = SEND_PAUSES[min(receipt.tries, len(SEND_PAUSES) - 1)]
    receipt.next_at = now + dt.timedelta(seconds=pause)
    receipt.tries += 1


def _unknown(receipt: FiscalReceipt, outcome: Outcome, now: dt.datetime) -> None:
    """It may be registered: what has the provider's number is asked for, the rest goes again under the same number."""
    receipt.is_doubtful = True
    if receipt.provider_uuid is not None and outcome.trouble == "data":
        receipt.provider_uuid = None
    if receipt.provider_uuid is not None:
        receipt.state = "accepted"
        _ask_later(receipt, now)
        return
    _try_again(receipt, "unknown", msgspec.structs.replace(outcome, trouble=None), now)
