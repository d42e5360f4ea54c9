"""«Настройки системы»: modules, places, the organization; and the menu of pages that are already open."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar import Request, Response, get, post

from prikus.access.context import Context
from prikus.files.services.quota import disk_use
from prikus.settings.services import modules, places, zones
from prikus.ui.address import Here
from prikus.ui.forms import read_form
from prikus.ui.render import done, fragment, page, redirect, wants_fragment

PLACES_CHANGED = "places-changed"


class Confirmed(msgspec.Struct):
    """The dependants that the person saw named in the question."""

    confirmed: list[str] = []


class Zone(msgspec.Struct):
    time_zone: str


class Step(msgspec.Struct):
    step: int


@get("/", include_in_schema=False)
async def first_tab(ctx: Context) -> Response[str]:
    ctx.require("settings.page.view")
    return redirect(ctx, "/settings/modules")


@get("/menu", include_in_schema=False)
async def menu(request: Request[Any, Any, Any], ctx: Context) -> Response[str]:
    """The shell alone: open pages take their menus from it when modules or rights have changed."""
    return page(ctx, "ui/shell.html", here=Here.of(urlsplit(request.headers.get("hx-current-url", "")).path, ""))


@get("/modules", include_in_schema=False)
async def modules_page(ctx: Context, q: str = "", show: str = "all") -> Response[str]:
    ctx.require("settings.page.view")
    found = modules.cards(ctx)
    return page(
        ctx,
        "settings/modules.html",
        block="cards",
        tab="modules",
        cards=[card for card in found if card.fits(q, show)],
        counts={"on": sum(card.is_effective for card in found), "all": sum(card.is_entitled for card in found)},
        q=q,
        show=show,
    )


@post("/modules/{plugin_id:str}/on", include_in_schema=False)
async def switch_on(ctx: Context, plugin_id: str) -> Response[str]:
    switched = await modules.switch(ctx, plugin_id, True)
    return done(f"Модуль «{switched[-1].title}» включён", "modules-changed")


@get("/modules/{plugin_id:str}/off", include_in_schema=False)
async def ask_off(ctx: Context, plugin_id: str) -> Response[str]:
    """The question: what goes off too, what others lose, what is kept."""
    ctx.require("settings.module.switch")
    if not wants_fragment(ctx.request):
        return redirect(ctx, "/settings/modules")
    return fragment(ctx, "settings/switch_off.html", "question", question=modules.consequences(ctx, plugin_id))


@post("/modules/{plugin_id:str}/off", include_in_schema=False)
async def switch_off(request: Request[Any, Any, Any], ctx: Context, plugin_id: str) -> Response[str]:
    data = await read_form(request, Confirmed)
    switched = await modules.switch(ctx, plugin_id, False, confirmed=data.confirmed)
    names = "», «".join(plugin.title for plugin in reversed(switched))
    word = "Модуль" if len(switched) == 1 else "Модули"
    return done(
        f"{word} «{names}» {'выключен' if len(switched) == 1 else 'выключены'}. Данные сохранены.", "modules-changed"
    )


@get("/general", include_in_schema=False)
async def general(ctx: Context) -> Response[str]:
    ctx.require("settings.page.view")
    return page(ctx, "settings/general.html", tab="general", disk=await disk_use(ctx))


@get("/places", include_in_schema=False)
async def places_page(ctx: Context) -> Response[str]:
    return page(
        ctx,
        "settings/places.html",
        block="places",
        tab="places",
        branches=await places.branches(ctx),
        zones=zones.choices(ctx.clinic.time_zone),
    )


@post("/places/zone", include_in_schema=False)
async def save_zone(request: Request[Any, Any, Any], ctx: Context) -> Response[str]:
    await places.set_time_zone(ctx, (await read_form(request, Zone)).time_zone)
    return done("Часовой пояс клиники сохранён", PLACES_CHANGED)


@get("/branches/{branch_id:int}", include_in_schema=False)
async def branch(ctx: Context, branch_id: int) -> Response[str]:
    ctx.require("clinics.place.edit")
    found = await places.branch(ctx, branch_id)
    return page(ctx, "settings/branch.html", block="panel", branch=found, zones=zones.choices(found.time_zone))


@post("/branches/{branch_id:int}", include_in_schema=False)
async def save_branch(request: Request[Any, Any, Any], ctx: Context, branch_id: int) -> Response[str]:
    await places.change_branch(ctx, branch_id, await read_form(request, places.BranchFields))
    return done("Филиал сохранён", PLACES_CHANGED)


@get("/branches/{branch_id:int}/chairs/new", include_in_schema=False)
async def new_chair(ctx: Context, branch_id: int) -> Response[str]:
    ctx.require("clinics.place.edit")
    found = await places.branch(ctx, branch_id)
    return page(
        ctx,
        "settings/chair.html",
        block="panel",
        action=f"/settings/branches/{branch_id}/chairs/new",
        branch=found,
        chair_name="",
    )


@post("/branches/{branch_id:int}/chairs/new", include_in_schema=False)
async def add_chair(request: Request[Any, Any, Any], ctx: Context, branch_id: int) -> Response[str]:
    name = (await read_form(request, places.ChairName)).name
    await places.add_chair(ctx, branch_id, name)
    return done(f"Добавлено: {name}", PLACES_CHANGED)


@get("/chairs/{chair_id:int}", include_in_schema=False)
async def chair(ctx: Context, chair_id: int) -> Response[str]:
    ctx.require("clinics.place.edit")
    found, name = await places.chair(ctx, chair_id)
    return page(
        ctx, "settings/chair.html", block="panel", action=f"/settings/chairs/{chair_id}", branch=found, chair_name=name
    )


@post("/chairs/{chair_id:int}", include_in_schema=False)
async def rename_chair(request: Request[Any, Any, Any], ctx: Context, chair_id: int) -> Response[str]:
    await places.rename_chair(ctx, chair_id, (await read_form(request, places.ChairName)).name)
    return done("Кресло сохранено", PLACES_CHANGED)


@post("/chairs/{chair_id:int}/move", include_in_schema=False)
async def move_chair(request: Request[Any, Any, Any], ctx: Context, chair_id: int) -> Response[str]:
    await places.move_chair(ctx, chair_id, (await read_form(request, Step)).step)
    return done(None, PLACES_CHANGED, close_panel=False)


@post("/chairs/{chair_id:int}/delete", include_in_schema=False)
async def delete_chair(ctx: Context, chair_id: int) -> Response[str]:
    name = await places.delete_chair(ctx, chair_id)
    return done(f"Удалено: {name}. Восстановить можно в корзине.", PLACES_CHANGED)


@get("/organization", include_in_schema=False)
async def organization(ctx: Context) -> Response[str]:
    entity = await places.organization(ctx)
    return page(ctx, "settings/organization.html", block="organization", tab="organization", entity=entity)


@post("/organization", include_in_schema=False)
async def save_organization(request: Request[Any, Any, Any], ctx: Context) -> Response[str]:
    await places.change_organization(ctx, await read_form(request, places.Organization))
    return done("Данные организации сохранены", "organization-changed")


routes = [
    first_tab,
    menu,
    modules_page,
    switch_on,
    ask_off,
    switch_off,
    general,
    places_page,
    save_zone,
    branch,
    save_branch,
    new_chair,
    add_chair,
    chair,
    rename_chair,
    move_chair,
    delete_chair,
    organization,
    save_organization,
]
