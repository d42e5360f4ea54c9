"""«Сотрудники»: list, forms at the right, rights of a person and of a group."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, Response, get, post

from prikus.access.context import Context
from prikus.staff.services import listing, members, rights
from prikus.staff.services.groups import GroupFields, add_group, delete_group, rename_group
from prikus.ui.forms import read_form
from prikus.ui.render import announce, done, fragment, page, redirect

CHANGED = "staff-changed"
RIGHTS_CHANGED = "rights-changed"
STATUSES = (("works", "Работает"), ("waits", "Ждёт первого входа"))


class Ticked(msgspec.Struct):
    """The form of a group."""

    row_version: int
    rights: list[str] = []


@get("/", include_in_schema=False)
async def list_page(
    ctx: Context,
    q: str = "",
    kind: str = "",
    profession: str = "",
    group: str = "",
    status: str = "",
    after: str | None = None,
) -> Response[str]:
    wanted = listing.Wanted(q, kind or None, _id(profession), _id(group), status or None)
    return page(
        ctx,
        "staff/list.html",
        block="list",
        found=await listing.list_members(ctx, wanted, after),
        choices=await listing.choices(ctx),
        wanted=wanted,
        kinds=members.KINDS,
        statuses=STATUSES,
    )


def _id(text: str) -> int | None:
    """An empty choice of a filter means all; nonsense finds nothing."""
    return (int(text) if text.isdecimal() else 0) if text else None


@get("/new", include_in_schema=False)
async def new(ctx: Context) -> Response[str]:
    ctx.require("staff.member.edit")
    return page(
        ctx, "staff/form.html", block="panel", card=None, choices=await listing.choices(ctx), kinds=members.KINDS
    )


@post("/new", status_code=200, include_in_schema=False)
async def create(request: Request[Any, Any, Any], ctx: Context) -> Response[str]:
    """The one-use link is shown in this answer and never again."""
    added = await members.add_member(ctx, await read_form(request, members.NewMember))
    return announce(_added(request, ctx, added), CHANGED)


def _added(request: Request[Any, Any, Any], ctx: Context, added: members.Added) -> Response[str]:
    link = f"{request.base_url}link/{added.key}" if added.key else None
    return fragment(ctx, "staff/added.html", "panel", added=added, link=link)


@get("/{staff_id:int}", include_in_schema=False)
async def edit(ctx: Context, staff_id: int) -> Response[str]:
    return page(
        ctx,
        "staff/form.html",
        block="panel",
        card=await listing.card(ctx, staff_id),
        choices=await listing.choices(ctx),
        kinds=members.KINDS,
    )


@post("/{staff_id:int}", include_in_schema=False)
async def save(request: Request[Any, Any, Any], ctx: Context, staff_id: int) -> Response[str]:
    await members.change_member(ctx, staff_id, await read_form(request, members.ChangedMember))
    return done("Изменения сохранены", CHANGED)


@post("/{staff_id:int}/link", status_code=200, include_in_schema=False)
async def link(request: Request[Any, Any, Any], ctx: Context, staff_id: int) -> Response[str]:
    return _added(request, ctx, await members.reissue_link(ctx, staff_id))


@post("/{staff_id:int}/delete", include_in_schema=False)
async def delete(ctx: Context, staff_id: int) -> Response[str]:
    name = await members.delete_member(ctx, staff_id)
    return done(f"Удалён сотрудник {name}. Восстановить можно в корзине.", CHANGED)


@get("/{staff_id:int}/rights", include_in_schema=False)
async def person_rights(ctx: Context, staff_id: int) -> Response[str]:
    return page(ctx, "staff/rights.html", block="rights", person=await rights.rights_of_person(ctx, staff_id))


@post("/{staff_id:int}/rights", include_in_schema=False)
async def save_person_rights(request: Request[Any, Any, Any], ctx: Context, staff_id: int) -> Response[str]:
    """Each right comes as a field of its own: `allow`, `deny`, or empty for "as the groups say"."""
    form = await request.form()
    words = {code: form[code] == "allow" for code in ctx.system.permissions if form.get(code) in ("allow", "deny")}
    name = await rights.set_person_rights(ctx, staff_id, int(form.get("row_version") or 0), words)
    return done(f"Права сохранены: {name}", RIGHTS_CHANGED)


@get("/groups", include_in_schema=False)
async def groups(ctx: Context) -> Response[str]:
    """Leads to the first group."""
    found = await rights.groups(ctx)
    return redirect(ctx, f"/staff/groups/{found[0].id}")


@get("/groups/new", include_in_schema=False)
async def new_group(ctx: Context) -> Response[str]:
    options = [(group.id, group.title) for group in await rights.groups(ctx)]
    return page(ctx, "staff/group.html", block="panel", group=None, options=options)


@post("/groups/new", include_in_schema=False)
async def create_group(request: Request[Any, Any, Any], ctx: Context) -> Response[str]:
    return redirect(ctx, f"/staff/groups/{await add_group(ctx, await read_form(request, GroupFields))}")


@get("/groups/{group_id:int}/title", include_in_schema=False)
async def group_title(ctx: Context, group_id: int) -> Response[str]:
    return page(ctx, "staff/group.html", block="panel", group=await rights.rights_of_group(ctx, group_id))


@post("/groups/{group_id:int}/title", include_in_schema=False)
async def rename(request: Request[Any, Any, Any], ctx: Context, group_id: int) -> Response[str]:
    await rename_group(ctx, group_id, (await read_form(request, GroupFields)).title)
    return done("Группа переименована", RIGHTS_CHANGED)


@post("/groups/{group_id:int}/delete", include_in_schema=False)
async def remove_group(ctx: Context, group_id: int) -> Response[str]:
    await delete_group(ctx, group_id)
    return redirect(ctx, "/staff/groups")


@get("/groups/{group_id:int}", include_in_schema=False)
async def group_rights(ctx: Context, group_id: int) -> Response[str]:
    group = await rights.rights_of_group(ctx, group_id)
    return page(ctx, "staff/groups.html", block="rights", group=group, groups=await rights.groups(ctx))


@post("/groups/{group_id:int}", include_in_schema=False)
async def save_group_rights(request: Request[Any, Any, Any], ctx: Context, group_id: int) -> Response[str]:
    data = await read_form(request, Ticked)
    title = await rights.set_group_rights(ctx, group_id, data.row_version, data.rights)
    return done(f"Права группы «{title}» сохранены", RIGHTS_CHANGED)


routes = [
    list_page,
    new,
    create,
    edit,
    save,
    link,
    delete,
    person_rights,
    save_person_rights,
    groups,
    new_group,
    create_group,
    group_title,
    rename,
    remove_group,
    group_rights,
    save_group_rights,
]
