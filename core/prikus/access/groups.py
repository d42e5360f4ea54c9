"""The six shipped groups and how rights reach them: once, and never over an edit (contract 2)."""

from __future__ import annotations

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from prikus.access.models import GroupPermission, PermissionGroup, SeededPermission
from prikus.host.system import System

DIRECTOR = "director"
SHIPPED = {
    DIRECTOR: "Руководитель",
    "administrator": "Администратор",
    "doctor": "Врач",
    "coordinator": "Координатор",
    "accountant": "Бухгалтер",
    "warehouse": "Кладовщик",
}


async def seed_groups(db: AsyncSession) -> dict[str, int]:
    """Make the shipped groups of a new clinic; ids by code."""
    rows = [{"code": code, "title": title, "position": n} for n, (code, title) in enumerate(SHIPPED.items())]
    made = await db.execute(insert(PermissionGroup).returning(PermissionGroup.code, PermissionGroup.id), rows)
    return {code: id for code, id in made if code}


async def grant_new_rights(db: AsyncSession, system: System, effective: frozenset[str]) -> None:
    """Give rights that this clinic sees for the first time to the shipped groups that they name.

    «Руководитель» gets every right: nobody can give what they lack, so somebody must have them all.
    """
    seen = set(await db.scalars(select(SeededPermission.permission)))
    fresh = [
        permission
        for permission in system.permissions.values()
        if permission.code not in seen and (permission.section not in system.plugins or permission.section in effective)
    ]
    if not fresh:
        return
    codes = select(PermissionGroup.code, PermissionGroup.id).where(PermissionGroup.code.is_not(None))
    groups = {row.code: row.id for row in await db.execute(codes)}
    rows = [
        {"group_id": groups[code], "permission": permission.code}
        for permission in fresh
        for code in dict.fromkeys((DIRECTOR, *permission.default_groups))
        if code in groups
    ]
    if rows:
        await db.execute(insert(GroupPermission), rows)
    await db.execute(insert(SeededPermission), [{"permission": permission.code} for permission in fresh])
