"""«API Интеграции»: the list with its pulse, choosing, the form, connecting and disconnecting (SET-06, N-05)."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from prikus.access.context import Context
from prikus.connections.services import connecting
from prikus.connections.services.opening import known_connections
from prikus.ui.render import announce, done, page, toast

CHANGED = "connections-changed"


@get("/", include_in_schema=False)
async def connections_page(ctx: Context) -> Response[str]:
    cards, offered = await connecting.cards(ctx), connecting.offered(ctx)
    return page(ctx, "connections/list.html", block="cards", tab="connections", cards=cards, offered=offered)


@get("/new", include_in_schema=False)
async def choose(ctx: Context) -> Response[str]:
    """«Выбрать интеграцию»."""
    offered, known = connecting.offered(ctx), {one.kind for one in await known_connections(ctx)}
    taken = {kind.id for kind in offered if not kind.many and kind.id in known}
    return page(ctx, "connections/choose.html", block="panel", kinds=offered, taken=taken)


@get("/new/{kind:str}", include_in_schema=False)
async def new(ctx: Context, kind: str) -> Response[str]:
    return _form(ctx, await connecting.new_form(ctx, kind))


@post("/new/{kind:str}", include_in_schema=False)
async def create(request: Request[Any, Any, Any], ctx: Context, kind: str) -> Response[str]:
    form = await connecting.new_form(ctx, kind)
    made = await connecting.save(ctx, form, await _typed(request))
    if form.kind.has_webhook and form.kind.shows_address:
        shown = page(ctx, "connections/address.html", block="panel", form=await connecting.form(ctx, made))
        return announce(shown, CHANGED)
    return done("Сохранено. Теперь нажмите «Подключить».", CHANGED)


@get("/{connection_id:int}", include_in_schema=False)
async def edit(ctx: Context, connection_id: int) -> Response[str]:
    return _form(ctx, await connecting.form(ctx, connection_id))


@post("/{connection_id:int}", include_in_schema=False)
async def save(request: Request[Any, Any, Any], ctx: Context, connection_id: int) -> Response[str]:
    await connecting.save(ctx, await connecting.form(ctx, connection_id), await _typed(request))
    return done("Сохранено. Теперь нажмите «Подключить».", CHANGED)


@post("/{connection_id:int}/connect", include_in_schema=False)
async def connect(outside: Context, connection_id: int) -> Response[str]:
    """The attempt waits for the network, so that no transaction is open here."""
    return done((await connecting.connect(outside, connection_id)).sentence, CHANGED)


@post("/{connection_id:int}/disconnect", include_in_schema=False)
async def disconnect(outside: Context, connection_id: int) -> Response[str]:
    return done(f"«{await connecting.disconnect(outside, connection_id)}» отключена. Настройки сохранены.", CHANGED)


@post("/{connection_id:int}/address", include_in_schema=False)
async def renew_address(ctx: Context, connection_id: int) -> Response[str]:
    await connecting.renew_address(ctx, connection_id)
    shown = page(ctx, "connections/address.html", block="panel", form=await connecting.form(ctx, connection_id))
    return toast(shown, "Адрес новый: прежний больше не работает")


@post("/{connection_id:int}/again", include_in_schema=False)
async def again(ctx: Context, connection_id: int) -> Response[str]:
    count = await connecting.send_again(ctx, connection_id)
    return done(f"Отправлено ещё раз: {count}", CHANGED)


def _form(ctx: Context, form: connecting.Form) -> Response[str]:
    return page(
        ctx, "connections/form.html", block="panel", form=form, branches=[(one.id, one.name) for one in ctx.branches]
    )


async def _typed(request: Request[Any, Any, Any]) -> dict[str, str]:
    return {name: value.strip() for name, value in (await request.form()).items() if isinstance(value, str)}


routes = [connections_page, choose, new, create, edit, save, connect, disconnect, renew_address, again]
