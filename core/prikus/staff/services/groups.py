"""Groups of rights as things of their own: added, renamed, deleted, restored (PERM-01, PERM-04)."""

from __future__ import annotations

import msgspec
from sqlalchemy import func, insert, select

from prikus.access.context import Context
from prikus.access.groups import DIRECTOR
from prikus.access.models import GroupPermission, PermissionGroup, StaffGroup, StaffMember
from prikus.data.conflicts import flush_unique
from prikus.errors import Conflict, Invalid
from prikus.staff.services import guard

LONGEST = 100
TAKEN = "Группа с таким названием уже есть."


class GroupFields(msgspec.Struct, forbid_unknown_fields=True):
    """The form of a group. `like` is the group whose rights a new one begins with; without it there are none."""

    title: str
    like: int | None = None


async def add_group(ctx: Context, fields: GroupFields) -> int:
    """A new group at the end of the list; its id.

    Raises `Denied` when the group it begins with holds rights that the actor lacks, `Invalid` for a taken title.
    """
    ctx.require("staff.group.edit")
    _check(fields.title)
    await guard.lock_rights(ctx)
    rights = await _rights_of(ctx, fields.like)
    guard.refuse_beyond(ctx, rights)
    last = await ctx.db.scalar(ctx.visible(PermissionGroup, func.max(PermissionGroup.position)))
    group = PermissionGroup(title=fields.title, position=(last or 0) + 1)
    ctx.db.add(group)
    await flush_unique(ctx.db, Invalid({"title": TAKEN}))
    if rights:
        await ctx.db.execute(insert(GroupPermission), [{"group_id": group.id, "permission": code} for code in rights])
    sentence = f"Добавлена группа прав «{group.title}»"
    await ctx.audit("group.added", "permission_group", group.id, sentence, after={"rights": sorted(rights)})
    return group.id


async def _rights_of(ctx: Context, group_id: int | None) -> list[str]:
    if group_id is None:
        return []
    await ctx.load(PermissionGroup, group_id)
    codes = await ctx.db.scalars(select(GroupPermission.permission).where(GroupPermission.group_id == group_id))
    return list(codes)


def _check(title: str) -> None:
    if len(title) > LONGEST:
        raise Invalid({"title": f"Слишком длинно: не больше {LONGEST} знаков."})


async def rename_group(ctx: Context, group_id: int, title: str) -> None:
    """Raises `Invalid` for a taken title. A shipped group may be renamed: the host knows it by its code."""
    ctx.require("staff.group.edit")
    _check(title)
    group = await ctx.load(PermissionGroup, group_id, lock=True)
    before, group.title = group.title, title
    await flush_unique(ctx.db, Invalid({"title": TAKEN}))
    await ctx.audit(
        "group.renamed", "permission_group", group_id, f"Группа прав «{before}» переименована: «{group.title}»"
    )


async def delete_group(ctx: Context, group_id: int) -> None:
    """Put into the trash (PERM-04). Raises `Conflict` while people belong to it and for «Руководитель»."""
    ctx.require("staff.group.edit")
    await guard.lock_rights(ctx)
    group = await ctx.load(PermissionGroup, group_id, lock=True)
    if group.code == DIRECTOR:
        raise Conflict("Группу руководителя удалить нельзя: в клинике всегда есть тот, кто может всё.")
    people = await ctx.db.scalar(
        ctx.visible(StaffMember, func.count())
        .join(StaffGroup, StaffGroup.staff_id == StaffMember.id)
        .where(StaffGroup.group_id == group_id)
    )
    if people:
        raise Conflict(f"В группе «{group.title}» есть люди: {people}. Сначала переведите их в другие группы.")
    ctx.soft_delete(group)
    await ctx.audit("group.deleted", "permission_group", group_id, f"Удалена группа прав «{group.title}»")


async def restore_group(ctx: Context, group: PermissionGroup) -> None:
    """The staff's part of restoring from the trash: nobody brings back more rights than they have."""
    await guard.may_give_groups(ctx, [group.id])
