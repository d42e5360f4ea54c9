"""«Разработчикам»: keys of programs, and the way to the description of the API."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from prikus.access.context import Context
from prikus.developers.services import keys
from prikus.ui.forms import read_form
from prikus.ui.render import announce, done, page

CHANGED = "api-keys-changed"


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


routes = [developers_page, new, create, rotate, revoke]
