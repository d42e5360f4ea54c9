"""Addresses that hear facts, for programs (API-02). Keys are not here: people make keys."""

from __future__ import annotations

import msgspec
from litestar import get, post
from litestar.params import JSONBody

from prikus.access.context import Context
from prikus.developers.services import webhooks
from prikus.ui.forms import checked_body
from prikus.ui.programs import Done, PressKey, RowId, pressed_once


class SentAgain(msgspec.Struct, frozen=True):
    """How many messages are sent again."""

    count: int


@get("/webhooks")
async def get_webhooks(ctx: Context) -> list[webhooks.EndpointLine]:
    """Адреса, которым сообщают о событиях, и что стало с их сообщениями."""
    return await webhooks.endpoints(ctx)


@get("/webhooks/events")
async def get_events(ctx: Context) -> list[str]:
    """Имена событий, о которых можно узнавать."""
    return sorted(name for section in webhooks.offered(ctx) for name, _ in section.events)


@post("/webhooks")
async def add_webhook(ctx: Context, data: JSONBody[webhooks.EndpointFields], idempotency_key: PressKey) -> Done:
    """Добавить адрес. Секрет подписи даёт /secret."""
    fields = checked_body(data)

    async def add() -> Done:
        return Done((await webhooks.add(ctx, fields)).id)

    return await pressed_once(ctx, idempotency_key, fields, Done, add)


@post("/webhooks/{endpoint_id:int}", status_code=200)
async def change_webhook(ctx: Context, endpoint_id: RowId, data: JSONBody[webhooks.EndpointFields]) -> Done:
    """Другой адрес, название или выбор событий."""
    await webhooks.change(ctx, endpoint_id, checked_body(data))
    return Done(endpoint_id)


@post("/webhooks/{endpoint_id:int}/secret", status_code=200)
async def rotate_secret(ctx: Context, endpoint_id: RowId) -> webhooks.Added:
    """Новый секрет подписи, показывается один раз; сутки сообщения подписаны обоими."""
    return await webhooks.rotate(ctx, endpoint_id)


@post("/webhooks/{endpoint_id:int}/on", status_code=200)
async def switch_on(ctx: Context, endpoint_id: RowId) -> Done:
    """Включить: уйдёт и то, что ждало."""
    await webhooks.switch(ctx, endpoint_id, True)
    return Done(endpoint_id)


@post("/webhooks/{endpoint_id:int}/off", status_code=200)
async def switch_off(ctx: Context, endpoint_id: RowId) -> Done:
    """Выключить: о том, что случится, не сообщается."""
    await webhooks.switch(ctx, endpoint_id, False)
    return Done(endpoint_id)


@post("/webhooks/{endpoint_id:int}/delete", status_code=200)
async def remove_webhook(ctx: Context, endpoint_id: RowId) -> Done:
    """Удалить адрес вместе с журналом."""
    await webhooks.remove(ctx, endpoint_id)
    return Done(endpoint_id)


@post("/webhooks/{endpoint_id:int}/ping", status_code=200)
async def ping_webhook(ctx: Context, endpoint_id: RowId) -> Done:
    """Отправить проверочное сообщение. 409, если адрес выключен."""
    await webhooks.ping(ctx, endpoint_id)
    return Done(endpoint_id)


@get("/webhooks/{endpoint_id:int}/messages")
async def get_messages(ctx: Context, endpoint_id: RowId) -> list[webhooks.MessageLine]:
    """Последние сообщения и чем они закончились."""
    return await webhooks.log(ctx, endpoint_id)


@post("/webhooks/{endpoint_id:int}/again", status_code=200)
async def send_again(ctx: Context, endpoint_id: RowId) -> SentAgain:
    """Отправить недоставленное ещё раз, с теми же webhook-id."""
    return SentAgain(await webhooks.send_again(ctx, endpoint_id))


@post("/webhooks/{endpoint_id:int}/messages/{message_id:int}/again", status_code=200)
async def send_one_again(ctx: Context, endpoint_id: RowId, message_id: RowId) -> SentAgain:
    """Отправить одно сообщение ещё раз."""
    return SentAgain(await webhooks.send_again(ctx, endpoint_id, message_id))


routes = [
    get_webhooks,
    get_events,
    add_webhook,
    change_webhook,
    rotate_secret,
    switch_on,
    switch_off,
    remove_webhook,
    ping_webhook,
    get_messages,
    send_again,
    send_one_again,
]
