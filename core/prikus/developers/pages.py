"""«Разработчикам»: keys of programs, addresses that hear facts, and the way to the description of the API."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from prikus.access.context import Context
from prikus.developers.models import WebhookEndpoint
from prikus.developers.services import keys, webhooks
from prikus.ui.forms import read_form
from prikus.ui.render import announce, done, page

CHANGED = "api-keys-changed"
WEBHOOKS_CHANGED = "webhooks-changed"


@get("/", include_in_schema=False)
async def developers_page(ctx: Context) -> Response[str]:
    shown = await keys.keys(ctx)
    address = f"{ctx.runtime.config.outer_url}/schema/openapi.json"
    return page(ctx, "developers/list.html", block="keys", tab="developers", keys=shown, schema=address)


@get("/keys/new", include_in_schema=False)
async def new(ctx: Context) -> Response[str]:
    return page(ctx, "developers/key.html", block="panel", sections=keys.scopes(ctx), per_minute=300)


@post("/keys/new", status_code=200, include_in_schema=False)
async def create(request: Request[Any, Any, Any], ctx: Context) -> Response[str]:
    return _shown(ctx, await keys.issue(ctx, await read_form(request, keys.KeyFields)))


@post("/keys/{key_id:int}/rotate", status_code=200, include_in_schema=False)
async def rotate(ctx: Context, key_id: int) -> Response[str]:
    return _shown(ctx, await keys.rotate(ctx, key_id))


@post("/keys/{key_id:int}/revoke", include_in_schema=False)
async def revoke(ctx: Context, key_id: int) -> Response[str]:
    return done(f"Ключ «{await keys.revoke(ctx, key_id)}» отозван: он больше не работает.", CHANGED)


def _shown(ctx: Context, issued: keys.Issued) -> Response[str]:
    """The secret, this once."""
    return announce(page(ctx, "developers/issued.html", block="panel", issued=issued), CHANGED)


@get("/webhooks", include_in_schema=False)
async def webhooks_page(ctx: Context) -> Response[str]:
    shown = await webhooks.endpoints(ctx)
    return page(ctx, "developers/webhooks.html", block="webhooks", tab="webhooks", endpoints=shown)


@get("/webhooks/new", include_in_schema=False)
async def new_webhook(ctx: Context) -> Response[str]:
    return _webhook_form(ctx, None)


@post("/webhooks/new", status_code=200, include_in_schema=False)
async def add_webhook(request: Request[Any, Any, Any], ctx: Context) -> Response[str]:
    return _secret(ctx, await webhooks.add(ctx, await read_form(request, webhooks.EndpointFields)))


@get("/webhooks/{endpoint_id:int}", include_in_schema=False)
async def webhook(ctx: Context, endpoint_id: int) -> Response[str]:
    return _webhook_form(ctx, await webhooks.endpoint(ctx, endpoint_id))


@post("/webhooks/{endpoint_id:int}", include_in_schema=False)
async def save_webhook(request: Request[Any, Any, Any], ctx: Context, endpoint_id: int) -> Response[str]:
    await webhooks.change(ctx, endpoint_id, await read_form(request, webhooks.EndpointFields))
    return done("Вебхук сохранён", WEBHOOKS_CHANGED)


@get("/webhooks/{endpoint_id:int}/log", include_in_schema=False)
async def webhook_log(ctx: Context, endpoint_id: int) -> Response[str]:
    one = await webhooks.endpoint(ctx, endpoint_id)
    return page(ctx, "developers/log.html", block="panel", endpoint=one, messages=await webhooks.log(ctx, endpoint_id))


@post("/webhooks/{endpoint_id:int}/secret", status_code=200, include_in_schema=False)
async def rotate_secret(ctx: Context, endpoint_id: int) -> Response[str]:
    return _secret(ctx, await webhooks.rotate(ctx, endpoint_id))


@post("/webhooks/{endpoint_id:int}/on", include_in_schema=False)
async def webhook_on(ctx: Context, endpoint_id: int) -> Response[str]:
    return done(f"Вебхук «{await webhooks.switch(ctx, endpoint_id, True)}» включён", WEBHOOKS_CHANGED)


@post("/webhooks/{endpoint_id:int}/off", include_in_schema=False)
async def webhook_off(ctx: Context, endpoint_id: int) -> Response[str]:
    return done(f"Вебхук «{await webhooks.switch(ctx, endpoint_id, False)}» выключен", WEBHOOKS_CHANGED)


@post("/webhooks/{endpoint_id:int}/delete", include_in_schema=False)
async def remove_webhook(ctx: Context, endpoint_id: int) -> Response[str]:
    return done(f"Вебхук «{await webhooks.remove(ctx, endpoint_id)}» удалён", WEBHOOKS_CHANGED)


@post("/webhooks/{endpoint_id:int}/ping", include_in_schema=False)
async def ping_webhook(ctx: Context, endpoint_id: int) -> Response[str]:
    await webhooks.ping(ctx, endpoint_id)
    return done("Проверочное сообщение отправляется: чем оно закончилось, видно в журнале.", WEBHOOKS_CHANGED)


@post("/webhooks/{endpoint_id:int}/again", include_in_schema=False)
async def send_again(ctx: Context, endpoint_id: int) -> Response[str]:
    return done(f"Отправлено ещё раз: {await webhooks.send_again(ctx, endpoint_id)}", WEBHOOKS_CHANGED)


@post("/webhooks/{endpoint_id:int}/messages/{message_id:int}/again", include_in_schema=False)
async def send_one_again(ctx: Context, endpoint_id: int, message_id: int) -> Response[str]:
    await webhooks.send_again(ctx, endpoint_id, message_id)
    return done("Отправляется ещё раз", WEBHOOKS_CHANGED, close_panel=False)


def _webhook_form(ctx: Context, endpoint: WebhookEndpoint | None) -> Response[str]:
    return page(ctx, "developers/webhook.html", block="panel", endpoint=endpoint, sections=webhooks.offered(ctx))


def _secret(ctx: Context, added: webhooks.Added) -> Response[str]:
    return announce(page(ctx, "developers/secret.html", block="panel", added=added), WEBHOOKS_CHANGED)


routes = [
    developers_page,
    new,
    create,
    rotate,
    revoke,
    webhooks_page,
    new_webhook,
    add_webhook,
    webhook,
    save_webhook,
    webhook_log,
    rotate_secret,
    webhook_on,
    webhook_off,
    remove_webhook,
    ping_webhook,
    send_again,
    send_one_again,
]
