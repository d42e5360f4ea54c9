"""JSON of the settings: modules, branches with chairs, the organization (API-01)."""

from __future__ import annotations

import msgspec
from litestar import get, post
from litestar.params import JSONBody

from prikus.access.context import Context
from prikus.files.services.quota import disk_use
from prikus.settings.services import modules, places
from prikus.ui.forms import checked_body
from prikus.ui.programs import Done, PressKey, RowId, pressed_once


class ModuleInfo(msgspec.Struct, frozen=True):
    """A module: in the plan (`is_entitled`), switched on (`is_enabled`), at work (`is_effective`).

    `dependants` go off with it.
    """

    id: str
    title: str
    summary: str
    is_entitled: bool
    is_enabled: bool
    is_effective: bool
    requires: list[str]
    dependants: list[str]


class Confirmed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The `dependants` that go off too: exactly those, so that nothing goes off unseen."""

    confirmed: list[str] = []


class Switched(msgspec.Struct, frozen=True):
    """Ids of the modules that were switched."""

    modules: list[str]


class Zone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    time_zone: str


class Step(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """-1 is one place up, 1 one place down."""

    step: int


class Disk(msgspec.Struct, frozen=True):
    """What files of the clinic take of what the plan gives, in bytes (SET-01)."""

    used: int
    total: int | None
    free: int | None


class OrganizationCard(msgspec.Struct, frozen=True):
    """Legal data as they stand on papers."""

    id: int
    row_version: int
    full_name: str
    short_name: str
    inn: str | None
    kpp: str | None
    ogrn: str | None
    address: str | None
    phone: str | None
    licence: str | None


@get("/modules")
async def get_modules(ctx: Context) -> list[ModuleInfo]:
    """Модули и их состояние в клинике."""
    ctx.require("settings.page.view")
    return [
        ModuleInfo(
            card.plugin.id,
            card.plugin.title,
            card.plugin.summary,
            card.is_entitled,
            card.is_enabled,
            card.is_effective,
            [one.id for one in card.requires],
            [one.id for one in card.dependants],
        )
        for card in modules.cards(ctx)
    ]


@post("/modules/{plugin_id:str}/on", status_code=200)
async def switch_on(ctx: Context, plugin_id: str) -> Switched:
    """Включить модуль. 409, если он не входит в тариф."""
    return Switched([one.id for one in await modules.switch(ctx, plugin_id, True)])


@post("/modules/{plugin_id:str}/off", status_code=200)
async def switch_off(ctx: Context, plugin_id: str, data: JSONBody[Confirmed]) -> Switched:
    """Выключить модуль и названные зависимые от него. Данные сохраняются."""
    return Switched([one.id for one in await modules.switch(ctx, plugin_id, False, confirmed=data.confirmed)])


@get("/branches")
async def get_branches(ctx: Context) -> list[places.BranchCard]:
    """Филиалы с креслами."""
    return await places.branches(ctx)


@post("/branches/{branch_id:int}", status_code=200)
async def change_branch(ctx: Context, branch_id: RowId, data: JSONBody[places.BranchFields]) -> Done:
    """Записать филиал целиком поверх версии row_version. 409, если его успел изменить коллега."""
    await places.change_branch(ctx, branch_id, checked_body(data))
    return Done(branch_id)


@post("/branches/{branch_id:int}/chairs")
async def add_chair(
    ctx: Context, branch_id: RowId, data: JSONBody[places.ChairName], idempotency_key: PressKey
) -> Done:
    """Добавить кресло."""
    new = checked_body(data)

    async def add() -> Done:
        return Done(await places.add_chair(ctx, branch_id, new.name))

    return await pressed_once(ctx, idempotency_key, new, Done, add)


@post("/chairs/{chair_id:int}", status_code=200)
async def rename_chair(ctx: Context, chair_id: RowId, data: JSONBody[places.ChairName]) -> Done:
    """Переименовать кресло."""
    await places.rename_chair(ctx, chair_id, checked_body(data).name)
    return Done(chair_id)


@post("/chairs/{chair_id:int}/move", status_code=200)
async def move_chair(ctx: Context, chair_id: RowId, data: JSONBody[Step]) -> Done:
    """Переставить кресло в расписании."""
    await places.move_chair(ctx, chair_id, data.step)
    return Done(chair_id)


@post("/chairs/{chair_id:int}/delete", status_code=200)
async def delete_chair(ctx: Context, chair_id: RowId) -> Done:
    """В корзину."""
    await places.delete_chair(ctx, chair_id)
    return Done(chair_id)


@post("/time-zone", status_code=200)
async def set_time_zone(ctx: Context, data: JSONBody[Zone]) -> Zone:
    """Часовой пояс клиники и филиалов без своего."""
    await places.set_time_zone(ctx, data.time_zone)
    return data


@get("/disk")
async def get_disk(ctx: Context) -> Disk:
    """Место на диске в байтах. total и free пусты, если тариф его не ограничивает."""
    ctx.require("settings.page.view")
    use = await disk_use(ctx)
    return Disk(use.used, use.total, use.free)


@get("/organization")
async def get_organization(ctx: Context) -> OrganizationCard:
    """Данные организации."""
    return msgspec.convert(await places.organization(ctx), OrganizationCard, from_attributes=True)


@post("/organization", status_code=200)
async def change_organization(ctx: Context, data: JSONBody[places.Organization]) -> OrganizationCard:
    """Записать данные организации целиком поверх версии row_version. 409, если их успел изменить коллега."""
    await places.change_organization(ctx, checked_body(data))
    return msgspec.convert(await places.organization(ctx), OrganizationCard, from_attributes=True)


routes = [
    get_modules,
    switch_on,
    switch_off,
    get_branches,
    change_branch,
    add_chair,
    rename_chair,
    move_chair,
    delete_chair,
    set_time_zone,
    get_disk,
    get_organization,
    change_organization,
]
