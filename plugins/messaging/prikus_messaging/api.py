"""Messages for programs: the log, sending, what a person decides (API-01)."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from litestar import get, post
from litestar.params import JSONBody, QueryParameter

from prikus.toolkit import Changes, Context, Cursor, Done, Limit, PressKey, RowId, Typed, checked_body, pressed_once
from prikus_messaging.jobs import wake_channel
from prikus_messaging.schemas import (
    ChannelInfo,
    Decision,
    MessageChange,
    MessagePage,
    MessageRow,
    NewMessage,
    Shown,
    Written,
)
from prikus_messaging.services import channels, deciding, log, writing

Parts = Annotated[int | None, QueryParameter(ge=1, le=99, description="Из скольких SMS состоит сообщение.")]


@get("/messages")
async def get_messages(
    ctx: Context,
    date_from: dt.date | None = None,
    date_to: dt.date | None = None,
    phone: Typed = "",
    text: Typed = "",
    status: Shown | None = None,
    parts: Parts = None,
    after: Cursor = None,
    before: Cursor = None,
) -> MessagePage:
    """Сообщения, новые сверху, по 30; `next` ответа – это `after` следующей страницы."""
    filters = log.Filters(date_from, date_to, phone, text, status, parts)
    return await log.messages(ctx, filters, after=after, before=before)


@get("/messages/changes")
async def get_changed_messages(
    ctx: Context, changed_since: Cursor = None, limit: Limit = 100
) -> Changes[MessageChange]:
    """Сообщения в порядке изменений. Курсор из ответа продолжает список в любой день."""
    return await log.changed_messages(ctx, changed_since, limit)


@get("/messages/{message_id:int}")
async def get_message(ctx: Context, message_id: RowId) -> MessageRow:
    """Одно сообщение."""
    return await log.one(ctx, message_id)


@get("/channels")
async def get_channels(ctx: Context) -> list[ChannelInfo]:
    """Подключённые сервисы, через которые можно отправить."""
    return await channels.channels(ctx)


@post("/messages")
async def send_message(ctx: Context, data: JSONBody[NewMessage], idempotency_key: PressKey) -> Written:
    """Отправить сообщение пациенту или на номер. 409, если сервис сообщений не подключён.

    connection_id нужен, когда сервисов несколько. С is_mailing – только пациенту, который согласился на рассылки.
    """
    new = checked_body(data)
    written = await pressed_once(ctx, idempotency_key, new, Written, lambda: writing.write_message(ctx, new))
    await wake_channel(ctx, written.connection_id)
    return written


@post("/messages/{message_id:int}/decide", status_code=200)
async def decide(ctx: Context, message_id: RowId, data: JSONBody[Decision]) -> Done:
    """Отметить, ушло ли сообщение, о котором сервис молчит: accepted или failed. 409 для других."""
    await deciding.decide(ctx, message_id, data.state)
    return Done(message_id)


@post("/messages/{message_id:int}/cancel", status_code=200)
async def cancel(ctx: Context, message_id: RowId) -> Done:
    """Отменить сообщение, которое ещё в очереди. 409, если оно ушло."""
    await deciding.cancel(ctx, message_id)
    return Done(message_id)


routes = [
    get_messages,
    get_changed_messages,
    get_message,
    get_channels,
    send_message,
    decide,
    cancel,
]
