"""The queue of a connection: one worker at a time, under a lease (reliability 14–16, 21).

Nothing is sent that may have been sent before: what is `unknown` is asked for.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from prikus.toolkit import (
    WORKS,
    Context,
    Invalid,
    OpenConnection,
    OutsideFailed,
    Problem,
    failpoint,
    known_connections,
    note_result,
    open_connection,
)
from prikus_messaging.models import MessageChannel, OutboundMessage
from prikus_messaging.schemas import Message, MessageProvider, MessageRef, Outcome
from prikus_messaging.services.channels import providers
from prikus_messaging.services.outcomes import EXPIRED, doubt, give_up, pause_after, settle
from prikus_messaging.services.telling import tell
from prikus_messaging.services.writing import mailing_refusal

LEASE = dt.timedelta(seconds=60)
"""Longer than the requests of one step may take."""
STEPS, ASKED_AT_ONCE = 20, 100
"""Requests of one run, since other clinics wait for the same worker; messages of one question."""
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


class Rest(msgspec.Struct, frozen=True):
    """Nothing to do now; look again at `at`, or never by itself."""

    at: dt.datetime | None


async def work(outside: Context, connection_id: int) -> dt.datetime | None:
    """Send and ask what is due. Returns when somebody should look again, None when nobody needs to."""
    token = uuid.uuid4().hex
    last: Heard | None = None
    try:
        for _ in range(STEPS):
            async with outside.unit() as own:
                step = await _claim(own, connection_id, token)
            if isinstance(step, Rest):
                return step.at
            last = await _request(outside, step)
            async with outside.unit() as own:
                await _note(own, connection_id, step, last, token)
            if last.trouble is not None:
                break
        async with outside.unit() as own:
            return await _release(own, connection_id, token)
    except BaseException:
        await asyncio.shield(_give_up(outside, connection_id, token))
        raise
    finally:
        if last is not None:
            await note_result(outside, connection_id, last.trouble)


async def _locked(ctx: Context, connection_id: int) -> tuple[MessageChannel, dt.datetime]:
    """The queue of a connection, locked until the commit, and the database's clock."""
    made = insert(MessageChannel).values(connection_id=connection_id)
    await ctx.db.execute(made.on_conflict_do_nothing(index_elements=["clinic_id", "connection_id"]))
    query = select(MessageChannel, func.clock_timestamp()).where(MessageChannel.connection_id == connection_id)
    channel, now = (await ctx.db.execute(query.with_for_update(of=MessageChannel))).one()
    return channel, now


async def _claim(ctx: Context, connection_id: int, token: str) -> Step | Rest:
    """The next request, written down before it is made."""
    opened = await _opened(ctx, connection_id)
    if opened is None:
        await _let_go(ctx, connection_id, token)
        return Rest(None)
    channel, now = await _locked(ctx, connection_id)
    if channel.wake_at is not None and channel.wake_at <= now:
        channel.wake_at = None
    if channel.lease_until is not None and channel.lease_until > now and channel.lease_token != token:
        return _sleep(channel, channel.lease_until)
    if channel.lease_token != token:
        await _recover(ctx, connection_id, now)
    if channel.paused_until is not None and channel.paused_until > now and opened.state == "failing":
        return await _rest(ctx, channel)
    step = await _next(ctx, opened, now)
    if step is None:
        return await _rest(ctx, channel)
    channel.lease_token, channel.lease_until = token, now + LEASE
    await ctx.db.flush()
    return step


async def _let_go(ctx: Context, connection_id: int, token: str) -> None:
    """Whoever works when the connection is back need not wait for the lease of this run."""
    mine = MessageChannel.connection_id == connection_id, MessageChannel.lease_token == token
    await ctx.db.execute(update(MessageChannel).where(*mine).values(lease_token=None, lease_until=None))


async def _opened(ctx: Context, connection_id: int) -> OpenConnection[Any] | None:
    """The connection, unless it is off, its plugin is, or its keys were forgotten."""
    known = {one.id: one for one in await known_connections(ctx)}
    found = known.get(connection_id)
    if found is None or found.state not in WORKS or found.kind not in providers(ctx):
        return None
    try:
        return await open_connection(ctx, connection_id)
    except Problem:
        return None


async def _recover(ctx: Context, connection_id: int, now: dt.datetime) -> None:
    """Whoever was sending is gone: nobody knows whether it arrived."""
    lost = OutboundMessage.connection_id == connection_id, OutboundMessage.state == "sending"
    for message in await ctx.db.scalars(select(OutboundMessage).where(*lost).with_for_update()):
        doubt(message, now, can_ask=True)
        await ctx.db.flush()
        await tell(ctx, message, "sending")


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


async def _rest(ctx: Context, channel: MessageChannel) -> Rest:
    """Give the queue up, and say when its next message is due."""
    channel.lease_token = channel.lease_until = None
    waits = OutboundMessage.next_at.is_not(None) & (QUEUED | WATCHED)
    due = await ctx.db.scalar(
        select(func.min(OutboundMessage.next_at)).where(OutboundMessage.connection_id == channel.connection_id, waits)
    )
    if due is None:
        return Rest(None)
    return _sleep(channel, max(due, channel.paused_until or due))


def _sleep(channel: MessageChannel, until: dt.datetime) -> Rest:
    """One wake-up is enough: whoever wakes earlier looks at everything."""
    if channel.wake_at is not None and channel.wake_at <= until:
        return Rest(None)
    channel.wake_at = until
    return Rest(until)


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


async def _note(ctx: Context, connection_id: int, step: Step, heard: Heard, token: str) -> None:
    """Write down what was heard. After another worker has taken over, only what is sure."""
    channel, now = await _locked(ctx, connection_id)
    is_mine = channel.lease_token == token
    ids = [step.message.id] if step.message else [one.id for one in step.refs]
    query = select(OutboundMessage).where(OutboundMessage.id.in_(ids)).order_by(OutboundMessage.id).with_for_update()
    for message in await ctx.db.scalars(query):
        outcome, before = heard.outcomes.get(message.id, Outcome(state="unknown")), message.state
        if is_mine or outcome.state in SURE:
            settle(message, outcome, now, can_ask=step.provider.status is not None)
            await ctx.db.flush()
            await tell(ctx, message, before)
    if is_mine and heard.trouble is not None:
        channel.failures += 1
        said = heard.outcomes.get(step.message.id) if step.message else None
        channel.paused_until = now + pause_after(said, channel.failures)
    elif is_mine:
        channel.failures, channel.paused_until = 0, None


async def _release(ctx: Context, connection_id: int, token: str) -> dt.datetime | None:
    """Let others in after as many requests as one run may make."""
    channel, _ = await _locked(ctx, connection_id)
    return (await _rest(ctx, channel)).at if channel.lease_token == token else None


async def _give_up(outside: Context, connection_id: int, token: str) -> None:
    """A worker that is stopped, or a provider's code that failed: who comes next need not wait for the lease."""
    async with outside.unit() as own:
        channel, now = await _locked(own, connection_id)
        if channel.lease_token == token:
            await _recover(own, connection_id, now)
            channel.lease_token = channel.lease_until = None


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
