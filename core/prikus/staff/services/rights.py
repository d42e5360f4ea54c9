"""«Изменить права» of a person and of a group (STAFF-11, PERM-02, PERM-03)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec
from sqlalchemy import delete, func, insert, select, text

from prikus.access.context import Context
from prikus.access.groups import DIRECTOR
from prikus.access.models import GroupPermission, PermissionGroup, StaffGroup, StaffMember, StaffPermission
from prikus.access.names import full_name
from prikus.access.visits import read_rights
from prikus.errors import Conflict
from prikus.host.manifest import Permission
from prikus.host.system import System
from prikus.staff.services import guard

STALE = "Пока вы выбирали, коллега уже изменил эти права. Обновите страницу и повторите."
SECTIONS = {
    "patients": "Карточка пациента",
    "staff": "Сотрудники",
    "clinics": "Филиалы и кресла",
    "trash": "Корзина",
    "settings": "Настройки системы",
    "connections": "API Интеграции",
    "developers": "Разработчикам",
}


def section_title(system: System, area: str) -> str:
    """What people call an area of the core, or a plugin."""
    plugin = system.plugins.get(area)
    return plugin.title if plugin else SECTIONS.get(area, area)


class Right(msgspec.Struct, frozen=True):
    """A right of a person: what the groups give, the person's own word, whether the actor may give it.

    `own` is None where the person inherits.
    """

    code: str
    title: str
    by_group: bool
    own: bool | None
    may_give: bool


class RightsSection(msgspec.Struct, frozen=True):
    title: str
    rights: list[Right]


class PersonRights(msgspec.Struct, frozen=True):
    id: int
    name: str
    row_version: int
    groups: list[str]
    sections: list[RightsSection]


class GroupRights(msgspec.Struct, frozen=True):
    """A group; in its rights `by_group` says what is ticked."""

    id: int
    code: str | None
    title: str
    row_version: int
    sections: list[RightsSection]


class GroupLine(msgspec.Struct, frozen=True):
    """A group in the list, with the number of its people."""

    id: int
    title: str
    people: int


def offered(ctx: Context) -> list[Permission]:
    """Rights of the core and of effective plugins: the others are kept as they are and not shown."""
    plugins = ctx.system.plugins
    return [p for p in ctx.system.permissions.values() if p.section not in plugins or ctx.has(p.section)]


def _sections(ctx: Context, by_group: Collection[str], own: Mapping[str, bool]) -> list[RightsSection]:
    found: dict[str, list[Right]] = {}
    for permission in offered(ctx):
        code = permission.code
        title = section_title(ctx.system, permission.section)
        right = Right(code, short_title(permission.title, title), code in by_group, own.get(code), ctx.can(code))
        found.setdefault(title, []).append(right)
    return [RightsSection(title, rights) for title, rights in found.items()]


def short_title(title: str, section: str) -> str:
    """«Корзина: просмотр» under the heading «Корзина» is «Просмотр»."""
    rest = title.removeprefix(f"{section}: ")
    return rest[:1].upper() + rest[1:]


async def rights_of_person(ctx: Context, staff_id: int) -> PersonRights:
    """What the groups give a member and what was set individually."""
    ctx.require("staff.member.rights")
    member = await ctx.load(StaffMember, staff_id)
    groups = await ctx.db.execute(
        ctx.visible(PermissionGroup, PermissionGroup.title, GroupPermission.permission)
        .join(StaffGroup, StaffGroup.group_id == PermissionGroup.id)
        .outerjoin(GroupPermission, GroupPermission.group_id == PermissionGroup.id)
        .where(StaffGroup.staff_id == staff_id)
        .order_by(PermissionGroup.position)
    )
    rows = groups.all()
    titles = list(dict.fromkeys(row.title for row in rows))
    own = await _own_words(ctx, staff_id)
    sections = _sections(ctx, {row.permission for row in rows if row.permission}, own)
    name = full_name(member.last_name, member.first_name, member.patronymic)
    return PersonRights(staff_id, name, member.row_version, titles, sections)


async def _own_words(ctx: Context, staff_id: int) -> dict[str, bool]:
    rows = await ctx.db.execute(
        select(StaffPermission.permission, StaffPermission.is_allowed).where(StaffPermission.staff_id == staff_id)
    )
    return {row.permission: row.is_allowed for row in rows}


async def set_person_rights(ctx: Context, staff_id: int, row_version: int, words: Mapping[str, bool]) -> str:
    """Replace the individual allows (`True`) and denies (`False`) of the rights that are offered; the rest inherits.

    Effective at the person's next request. Raises `Denied` when the person would gain what the actor lacks,
    `Conflict` for a stale form or the last full director. Returns the person's name.
    """
    ctx.require("staff.member.rights")
    await guard.lock_rights(ctx)
    member = await ctx.load(StaffMember, staff_id, lock=True)
    if member.row_version != row_version:
        raise Conflict(STALE)
    before, had = await _own_words(ctx, staff_id), await read_rights(ctx.db, staff_id)
    shown = {permission.code for permission in offered(ctx)}
    after = {code: word for code, word in before.items() if code not in shown}
    after |= {code: word for code, word in words.items() if code in shown}
    await ctx.db.execute(delete(StaffPermission).where(StaffPermission.staff_id == staff_id))
    if after:
        rows = [{"staff_id": staff_id, "permission": code, "is_allowed": word} for code, word in after.items()]
        await ctx.db.execute(insert(StaffPermission), rows)
    guard.refuse_beyond(ctx, await read_rights(ctx.db, staff_id) - had)
    await guard.keep_a_director(ctx)
    await _make_effective(ctx, StaffMember, staff_id)
    name = full_name(member.last_name, member.first_name, member.patronymic)
    await ctx.audit(
        "staff.rights", "staff_member", staff_id, f"Изменены права: {name}", before=dict(before), after=dict(after)
    )
    return name


async def groups(ctx: Context) -> list[GroupLine]:
    """The clinic's groups in their order."""
    ctx.require("staff.group.edit")
    people = (
        ctx.visible(StaffMember, func.count())
        .join(StaffGroup, StaffGroup.staff_id == StaffMember.id)
        .where(StaffGroup.group_id == PermissionGroup.id)
        .correlate(PermissionGroup)
        .scalar_subquery()
    )
    rows = await ctx.db.execute(
        ctx.visible(PermissionGroup, PermissionGroup.id, PermissionGroup.title, people).order_by(
            PermissionGroup.position, PermissionGroup.id
        )
    )
    return [GroupLine(*row) for row in rows]


async def rights_of_group(ctx: Context, group_id: int) -> GroupRights:
    ctx.require("staff.group.edit")
    group = await ctx.load(PermissionGroup, group_id)
    ticked = await _ticked(ctx, group_id)
    return GroupRights(group_id, group.code, group.title, group.row_version, _sections(ctx, ticked, {}))


async def _ticked(ctx: Context, group_id: int) -> set[str]:
    return set(await ctx.db.scalars(select(GroupPermission.permission).where(GroupPermission.group_id == group_id)))


async def set_group_rights(ctx: Context, group_id: int, row_version: int, ticked: Collection[str]) -> str:
    """Replace the rights of a group among those that are offered (PERM-02). Returns its title.

    Effective at the next request of all its members. Raises `Denied` for adding what the actor lacks, `Conflict`
    for a stale form and for taking rights from «Руководитель».
    """
    ctx.require("staff.group.edit")
    await guard.lock_rights(ctx)
    group = await ctx.load(PermissionGroup, group_id, lock=True)
    if group.row_version != row_version:
        raise Conflict(STALE)
    before = await _ticked(ctx, group_id)
    shown = {permission.code for permission in offered(ctx)}
    added, removed = (set(ticked) & shown) - before, (before & shown) - set(ticked)
    guard.refuse_beyond(ctx, added)
    if removed and group.code == DIRECTOR:
        raise Conflict("Из группы «Руководитель» права не убирают: в клинике всегда есть тот, кто может всё.")
    if added:
        await ctx.db.execute(insert(GroupPermission), [{"group_id": group_id, "permission": code} for code in added])
    if removed:
        await ctx.db.execute(
            delete(GroupPermission).where(GroupPermission.group_id == group_id, GroupPermission.permission.in_(removed))
        )
    await _make_effective(ctx, PermissionGroup, group_id)
    await ctx.audit(
        "group.rights",
        "permission_group",
        group_id,
        f"Изменены права группы «{group.title}»",
        before={"rights": sorted(before & shown)},
        after={"rights": sorted(set(ticked) & shown)},
    )
    return group.title


async def _make_effective(ctx: Context, model: type[StaffMember] | type[PermissionGroup], id: int) -> None:
    await guard.touch(ctx, model, id)
    await ctx.db.execute(text("select core.bump_state()"))
    ctx.changed("core.modules")
