"""One attempt at a webhook: signed, to a public address only, with pauses that grow to a day (API-02)."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import time

import httpcore
import httpx
import msgspec
from sqlalchemy import delete, select, text

from prikus.access.context import Context
from prikus.connections.services.outgoing import TOTAL_SECONDS, outgoing_http, played
from prikus.developers.models import WebhookAttempt, WebhookEndpoint, WebhookMessage
from prikus.developers.services.messages import Body, Sending, message_name, signed_headers
from prikus.developers.services.webhooks import enqueue, secrets_of
from prikus.errors import Misconfigured
from prikus.events.models import OutboxEvent

PAUSES = tuple(dt.timedelta(seconds=seconds) for seconds in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400))
"""After the first failure five seconds, at last a day: three days and three hours in all."""
GONE = 410
KEPT = dt.timedelta(days=30)


class Letter(msgspec.Struct, frozen=True):
    """A message ready to be sent."""

    url: str
    body: bytes
    headers: dict[str, str]


class Outcome(msgspec.Struct, frozen=True):
    """How an attempt ended."""

    status: int | None
    milliseconds: int
    error: str | None

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


async def send(ctx: Context, sending: Sending) -> None:
    """Send and note. A crash in between sends once more with the same `webhook-id`; what is late does nothing."""
    try:
        async with ctx.unit() as own:
            letter = await _letter(own, sending)
    except Misconfigured as lost:
        outcome = Outcome(None, 0, lost.sentence)
    else:
        if letter is None:
            return
        outcome = await _post(ctx, letter)
    async with ctx.unit() as own:
        await _note(own, sending, outcome)


async def _letter(ctx: Context, sending: Sending) -> Letter | None:
    message = await _message(ctx, sending)
    if message is None:
        return None
    one = await ctx.db.scalar(select(WebhookEndpoint).where(WebhookEndpoint.id == message.endpoint_id))
    if one is None or one.state != "on":
        return None
    fact = await ctx.db.execute(
        select(OutboxEvent.created_at, OutboxEvent.payload).where(OutboxEvent.id == message.event_id)
    )
    row = fact.one_or_none()
    body = msgspec.json.encode(
        Body(message.event, row.created_at if row else message.created_at, row.payload if row else {})
    )
    name = message_name(ctx.clinic.id, message.id)
    return Letter(one.url, body, signed_headers(name, ctx.now(), body, await secrets_of(ctx, one)))


async def _message(ctx: Context, sending: Sending, *, lock: bool = False) -> WebhookMessage | None:
    """None when this attempt was made already, or the message goes another round, or is gone."""
    query = select(WebhookMessage).where(
        WebhookMessage.id == sending.message_id,
        WebhookMessage.state == "waiting",
        WebhookMessage.round == sending.round,
        WebhookMessage.attempts == sending.attempt,
    )
    return await ctx.db.scalar(query.with_for_update() if lock else query)


async def _post(ctx: Context, letter: Letter) -> Outcome:
    started = time.monotonic()
    status, error = None, None
    fakes = ctx.runtime.config.fakes
    try:
        async with (
            asyncio.timeout(TOTAL_SECONDS),
            outgoing_http(fakes) as client,
            client.stream("POST", played(letter.url, fakes), content=letter.body, headers=letter.headers) as answer,
        ):
            status = answer.status_code
    except (httpx.HTTPError, httpcore.ConnectError, httpx.InvalidURL, TimeoutError, UnicodeError) as failure:
        error = _words(failure)
    if status is not None and not 200 <= status < 300:
        error = f"Ответ {status}."
    return Outcome(status, round((time.monotonic() - started) * 1000), error)


def _words(failure: Exception) -> str:
    if isinstance(failure, TimeoutError | httpx.TimeoutException):
        return "Истекло время ожидания."
    if "public address" in str(failure):
        return "Адрес ведёт во внутреннюю сеть: туда не отправляем."
    return "Соединение не установлено или прервалось."


async def _note(ctx: Context, sending: Sending, outcome: Outcome) -> None:
    message = await _message(ctx, sending, lock=True)
    if message is None:
        return
    ctx.db.add(
        WebhookAttempt(
            message_id=message.id, status=outcome.status, milliseconds=outcome.milliseconds, error=outcome.error
        )
    )
    message.attempts += 1
    message.next_at = None
    if outcome.is_success:
        message.state = "delivered"
    elif outcome.status == GONE or message.attempts > len(PAUSES):
        message.state = "failed"
        await _give_up(ctx, message.endpoint_id, outcome)
    else:
        message.next_at = ctx.now() + PAUSES[message.attempts - 1] * random.uniform(1, 1.2)
        await enqueue(ctx, Sending(message.id, message.round, message.attempts), message.next_at)
    ctx.changed("developers.webhooks")


async def _give_up(ctx: Context, endpoint_id: int, outcome: Outcome) -> None:
    """Switch the address off and say so: the notice stands above every page of whoever can mend it."""
    one = await ctx.load(WebhookEndpoint, endpoint_id, lock=True)
    one.state = "failed"
    await ctx.db.flush()
    await ctx.db.execute(text("select core.bump_state()"))
    sentence = f"Вебхук «{one.title}» выключен: {outcome.error or 'адрес не отвечает'}"
    await ctx.audit("webhook.failed", "webhook_endpoint", one.id, sentence)


async def forget_old(ctx: Context) -> None:
    """Messages with their attempts older than 30 days; what still waits stays."""
    await ctx.db.execute(
        delete(WebhookMessage).where(WebhookMessage.created_at < ctx.now() - KEPT, WebhookMessage.state != "waiting")
    )
