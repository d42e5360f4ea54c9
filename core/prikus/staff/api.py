"""JSON of the staff, of groups and their rights: the same services as the pages (API-01)."""

from __future__ import annotations

import msgspec
from litestar import Request, get, post
from litestar.params import JSONBody

from prikus.access.context import Context
from prikus.staff.services import groups, listing, members, rights
from prikus.staff.services.groups import GroupFields
from prikus.staff.services.listing import MemberChange
from prikus.ui.forms import checked_body
from prikus.ui.programs import Changes, Cursor, Done, Limit, PressKey, RowId, pressed_once


class Link(msgspec.Struct, frozen=True):
    """The one-use address at which the person chooses a password; None when the account has one already."""

    url: str | None


class PersonWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Individual words about rights: true allows, false denies; what is not named is as the groups say."""

    row_version: int
    rights: dict[str, bool]


class GroupWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All rights that a group has from now on."""

    row_version: int
    rights: list[str]


class Title(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str


@get("/")
async def get_members(ctx: Context, changed_since: Cursor = None, limit: Limit = 100) -> Changes[MemberChange]:
    """Сотрудники в порядке изменений, с удалёнными. Курсор из ответа продолжает список в любой день."""
    return await listing.changed_members(ctx, changed_since, limit)


@get("/professions")
async def get_professions(ctx: Context) -> list[listing.ProfessionLine]:
    """Специальности врачей и профессии остальных."""
    return await listing.professions(ctx)


@post("/")
async def create_member(ctx: Context, data: JSONBody[members.NewMember], idempotency_key: PressKey) -> Done:
    """Пригласить сотрудника. Ссылку для первого входа даёт /link."""
    new = checked_body(data)

    async def add() -> Done:
        return Done((await members.add_member(ctx, new)).staff_id)

    return await pressed_once(ctx, idempotency_key, new, Done, add)


@get("/{staff_id:int}")
async def get_member(ctx: Context, staff_id: RowId) -> listing.Card:
    """Один сотрудник."""
    return await listing.card(ctx, staff_id)


@post("/{staff_id:int}", status_code=200)
async def change_member(ctx: Context, staff_id: RowId, data: JSONBody[members.ChangedMember]) -> Done:
    """Записать сотрудника целиком поверх версии row_version. 409, если его успел изменить коллега."""
    await members.change_member(ctx, staff_id, checked_body(data))
    return Done(staff_id)


@post("/{staff_id:int}/link", status_code=200)
async def give_link(request: Request, ctx: Context, staff_id: RowId) -> Link:
    """Новая одноразовая ссылка для первого входа; прежние больше не работают. 409, если человек уже входил."""
    key = (await members.reissue_link(ctx, staff_id)).key
    return Link(f"{request.base_url}link/{key}" if key else None)


@post("/{staff_id:int}/delete", status_code=200)
async def delete_member(ctx: Context, staff_id: RowId) -> Done:
    """В корзину; человек больше не войдёт."""
    await members.delete_member(ctx, staff_id)
    return Done(staff_id)


@get("/{staff_id:int}/rights")
async def get_rights(ctx: Context, staff_id: RowId) -> rights.PersonRights:
    """Что дают группы и что сказано отдельно."""
    return await rights.rights_of_person(ctx, staff_id)


@post("/{staff_id:int}/rights", status_code=200)
async def set_rights(ctx: Context, staff_id: RowId, data: JSONBody[PersonWords]) -> Done:
    """Записать отдельные разрешения и запреты целиком. 403 за право, которого нет у самого ключа."""
    await rights.set_person_rights(ctx, staff_id, data.row_version, data.rights)
    return Done(staff_id)


@get("/groups")
async def get_groups(ctx: Context) -> list[rights.GroupLine]:
    """Группы прав, по порядку."""
    return await rights.groups(ctx)


@post("/groups")
async def create_group(ctx: Context, data: JSONBody[GroupFields], idempotency_key: PressKey) -> Done:
    """Добавить группу, с правами группы like или без прав."""
    new = checked_body(data)

    async def add() -> Done:
        return Done(await groups.add_group(ctx, new))

    return await pressed_once(ctx, idempotency_key, new, Done, add)


@get("/groups/{group_id:int}")
async def get_group(ctx: Context, group_id: RowId) -> rights.GroupRights:
    """Группа и её права."""
    return await rights.rights_of_group(ctx, group_id)


@post("/groups/{group_id:int}", status_code=200)
async def set_group_rights(ctx: Context, group_id: RowId, data: JSONBody[GroupWords]) -> Done:
    """Записать права группы целиком. 403 за право, которого нет у самого ключа."""
    await rights.set_group_rights(ctx, group_id, data.row_version, data.rights)
    return Done(group_id)


@post("/groups/{group_id:int}/title", status_code=200)
async def rename_group(ctx: Context, group_id: RowId, data: JSONBody[Title]) -> Done:
    """Переименовать группу."""
    await groups.rename_group(ctx, group_id, checked_body(data).title)
    return Done(group_id)


@post("/groups/{group_id:int}/delete", status_code=200)
async def delete_group(ctx: Context, group_id: RowId) -> Done:
    """В корзину. 409, пока в группе есть люди."""
    await groups.delete_group(ctx, group_id)
    return Done(group_id)


routes = [
    get_members,
    get_professions,
    create_member,
    get_member,
    change_member,
    give_link,
    delete_member,
    get_rights,
    set_rights,
    get_groups,
    create_group,
    get_group,
    set_group_rights,
    rename_group,
    delete_group,
]
