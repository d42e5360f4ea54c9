"""Who may give which rights, and the one who must always have them all (PERM-03, reliability 43)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import exists, func, select, update

from prikus.access.context import Context
from prikus.access.groups import DIRECTOR
from prikus.access.models import GroupPermission, PermissionGroup, StaffGroup, StaffMember, StaffPermission
from prikus.access.visits import read_rights
from prikus.errors import Conflict, Denied


async def lock_rights(ctx: Context) -> None:
    """Changes of rights in one clinic go one after another, so that two of them cannot each spare the last director."""
    await ctx.db.execute(select(PermissionGroup.id).where(PermissionGroup.code == DIRECTOR).with_for_update())


def refuse_beyond(ctx: Context, codes: Iterable[str]) -> None:
    """Raise `Denied`, naming the rights, when some of them the actor lacks: nobody gives what they do not have."""
    known = ctx.system.permissions
    beyond = [known[code].title for code in sorted(set(codes) - ctx.rights) if code in known]
    if beyond:
        named = "», «".join(beyond[:3])
        more = f" и ещё {len(beyond) - 3}" if len(beyond) > 3 else ""
        raise Denied(f"Выдать можно только те права, которые есть у вас самих. Вам не хватает: «{named}»{more}.")


async def may_give_groups(ctx: Context, group_ids: Iterable[int]) -> None:
    """Raises `Denied` when one of the groups holds a right that the actor lacks."""
    query = select(GroupPermission.permission).where(GroupPermission.group_id.in_(set(group_ids))).distinct()
    refuse_beyond(ctx, await ctx.db.scalars(query))


async def may_manage(ctx: Context, staff_id: int) -> None:
    """Raises `Denied` when the member has rights that the actor lacks: whoever manages them could use them."""
    if await read_rights(ctx.db, staff_id) & ctx.system.permissions.keys() - ctx.rights:
        raise Denied("У этого сотрудника больше прав, чем у вас. Обратитесь к руководителю клиники.")


async def keep_a_director(ctx: Context) -> None:
    """Raise `Conflict` unless a living member of «Руководитель» without denied rights remains.

    Call it under `lock_rights`.
    """
    await ctx.db.flush()
    denied = exists().where(StaffPermission.staff_id == StaffMember.id, StaffPermission.is_allowed.is_(False))
    left = await ctx.db.scalar(
        ctx.visible(StaffMember, func.count())
        .join(StaffGroup, StaffGroup.staff_id == StaffMember.id)
        .join(PermissionGroup, PermissionGroup.id == StaffGroup.group_id)
        .where(PermissionGroup.code == DIRECTOR, StaffMember.account_id.is_not(None), ~denied)
    )
    if not left:
        raise Conflict("Это последний руководитель со всеми правами. Сначала назначьте другого.")


async def touch(ctx: Context, model: Any, id: int) -> None:
    """Let the version of a person or a group grow when only rows around it changed: a form read before is stale."""
    await ctx.db.execute(update(model).where(model.id == id).values(updated_at=func.now()))
