"""The queue of a connection: one worker at a time, under a lease (reliability 14–16, 21).

Nothing is sent that may have been sent before: what is `unknown` is asked for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

import msgspec
from sqlalchemy import func, select

from prikus.toolkit import ConnectionQueue, Context, Invalid, OpenConnection, OutsideFailed, Problem, failpoint
from prikus_messaging.models import MessageChannel, OutboundMessage
from prikus_messaging.schemas import Message, MessageProvider, MessageRef, Outcome
from prikus_messaging.services.channels import providers
from prikus_messaging.services.outcomes import EXPIRED, doubt, give_up, pause_after, settle
from prikus_messaging.services.telling import tell
from prikus_messaging.services.writing import mailing_refusal

ASKED_AT_ONCE = 100
"""Messages of one question."""
ERASED = "Данные пациента стёрты: сообщение не отправляется."
SURE = ("accepted", "delivered", "failed")
QUEUED = OutboundMessage.state == "queued"
WATCHED = OutboundMessage.state.in_(("accepted", "unknown"))


class Step(msgspec.Struct, frozen=True):
    """One request that is about to be made: about `message` when it is sent, else about `refs`."""

    connection: OpenConnection[Any]
    provider: MessageProvider
    message: Message | None = None
    refs: tuple[MessageRef, ...] = ()


class Heard(msgspec.Struct, frozen=True):
    """What a request gave, by message. `trouble` is what ails the service, in words."""

    outcomes: Mapping[int, Outcome]
    trouble: str | None = None


class MessageQueue(ConnectionQueue[MessageChannel, Step, Heard]):
    """One run over the queue of a connection."""

    model = MessageChannel

    def kinds(self, ctx: Context) -> Collection[str]:
        return providers(ctx)

    async def recover(self, ctx: Context, head: MessageChannel, now: dt.datetime) -> None:
        lost = OutboundMessage.connection_id == self.connection_id, OutboundMessage.state == "sending"
        for message in await ctx.db.scalars(select(OutboundMessage).where(*lost).with_for_update()):
            doubt(message, now, can_ask=True)
            await ctx.db.flush()
            await tell(ctx, message, "sending")

    async def find(self, ctx: Context, connection: OpenConnection[Any], now: dt.datetime) -> Step | None:
        return await _next(ctx, connection, now)

    async def ask(self, outside: Context, step: Step) -> Heard:
        return await _request(outside, step)

    def trouble(self, answer: Heard) -> str | None:
        return answer.trouble

    def pause(self, step: Step, answer: Heard, failures: int) -> dt.timedelta:
        return pause_after(answer.outcomes.get(step.message.id) if step.message else None, failures)

    async def write(self, ctx: Context, step: Step, answer: Heard, now: dt.datetime, *, is_mine: bool) -> None:
        """After another worker has taken over, only what is sure."""
        ids = [step.message.id] if step.message else [one.id for one in step.refs]
        query = select(OutboundMessage).where(OutboundMessage.id.in_(ids)).order_by(OutboundMessage.id)
        for message in await ctx.db.scalars(query.with_for_update()):
            outcome, before = answer.outcomes.get(message.id, Outcome(state="unknown")), message.state
            if is_mine or outcome.state in SURE:
                settle(message, outcome, now, can_ask=step.provider.status is not None)
                await ctx.db.flush()
                await tell(ctx, message, before)

    async def waits(self, ctx: Context) -> dt.datetime | None:
        waits = OutboundMessage.next_at.is_not(None) & (QUEUED | WATCHED)
        mine = OutboundMessage.connection_id == self.connection_id
        return await ctx.db.scalar(select(func.min(OutboundMessage.next_at)).where(mine, waits))


async def work(outside: Context, connection_id: int) -> dt.datetime | None:
    """Send and ask what is due. Returns when somebody should look again, None when nobody needs to."""
    return await MessageQueue(connection_id).run(outside)


async def _next(ctx: Context, connection: OpenConnection[Any], now: dt.datetime) -> Step | None:
    """A question that is due, else the message that waits longest."""
    provider = providers(ctx)[connection.kind]
    mine = select(OutboundMessage).where(OutboundMessage.connection_id == connection.id, OutboundMessage.next_at <= now)
    watched = mine.where(WATCHED).order_by(OutboundMessage.next_at, OutboundMessage.id).limit(ASKED_AT_ONCE)
    found = list(await ctx.db.scalars(watched.with_for_update()))
    if found and provider.status is not None:
        return Step(connection, provider, refs=tuple(_ref(one) for one in found))
    for one in found:
        settle(one, Outcome(state="unknown"), now, can_ask=False)
        await tell(ctx, one, one.state)
    first = mine.where(QUEUED).order_by(OutboundMessage.next_at, OutboundMessage.id).limit(1).with_for_update()
    while (message := await ctx.db.scalar(first)) is not None:
        if (refusal := await _refusal(ctx, message, now)) is None:
            message.state, message.tried_at = "sending", now
            return Step(connection, provider, message=Message(message.id, message.address, message.text))
        give_up(message, refusal, now)
        await ctx.db.flush()
        await tell(ctx, message, "queued")
    return None


def _ref(message: OutboundMessage) -> MessageRef:
    tried_at = message.tried_at or message.created_at
    return MessageRef(message.id, message.external_id, message.address, message.text, tried_at)


async def _refusal(ctx: Context, message: OutboundMessage, now: dt.datetime) -> str | None:
    """Why it must not leave any more, whatever was right when it was written."""
    if message.expires_at <= now:
        return EXPIRED
    if not message.text or not message.address:
        return ERASED
    return await mailing_refusal(ctx, message.patient_id) if message.purpose == "mailing" else None


async def _request(outside: Context, step: Step) -> Heard:
    if step.message is None:
        assert step.provider.status is not None
        try:
            return Heard(await step.provider.status(outside, step.connection, step.refs))
        except Problem as problem:
            return Heard({}, problem.sentence)
    failpoint("before_send")
    outcome = await _sent(outside, step, step.message)
    failpoint("after_send")
    ails = outcome.state == "unknown" or (outcome.state == "refused" and outcome.trouble != "data")
    return Heard({step.message.id: outcome}, (outcome.sentence or "Сервис не ответил.") if ails else None)


async def _sent(outside: Context, step: Step, message: Message) -> Outcome:
    try:
        return await step.provider.send(outside, step.connection, message)
    except Invalid as invalid:
        sentence = " ".join(invalid.fields.values()) or invalid.sentence
        return Outcome(state="refused", trouble="data", sentence=sentence)
    except OutsideFailed as failure:
        state = "unknown" if failure.is_unknown else "refused"
        return Outcome(state=state, trouble="busy", sentence=failure.sentence)
    except Problem as problem:
        return Outcome(state="unknown", sentence=problem.sentence)


async def due_connections(ctx: Context) -> list[int]:
    """Connections with messages that somebody should have looked at."""
    late = OutboundMessage.next_at <= func.now(), OutboundMessage.state.in_(("queued", "accepted", "unknown"))
    query = select(OutboundMessage.connection_id).where(*late).distinct()
    return [id for id in await ctx.db.scalars(query) if id is not None]


async def drop_late(ctx: Context) -> None:
    """Messages whose time was over before they left, also over connections that are off."""
    late = select(OutboundMessage).where(QUEUED, OutboundMessage.expires_at <= ctx.now())
    for message in await ctx.db.scalars(late.order_by(OutboundMessage.id).with_for_update(skip_locked=True)):
        give_up(message, EXPIRED, ctx.now())
        await ctx.db.flush()
        await tell(ctx, message, "queued")
