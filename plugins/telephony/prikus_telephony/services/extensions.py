"""Whose the clinic's telephones are."""

from __future__ import annotations

import re

from sqlalchemy import insert, select

from prikus.toolkit import Conflict, Context, Invalid, StaffMember, known_connections, short_name
from prikus_telephony.models import Extension
from prikus_telephony.schemas import ExtensionRow

NUMBER = re.compile(r"[0-9]{1,11}")


async def extensions(ctx: Context) -> list[ExtensionRow]:
    """All telephones, by number."""
    ctx.require("telephony.extension.edit")
    titles = {one.id: one.title for one in await known_connections(ctx)}
    names = (StaffMember.last_name, StaffMember.first_name, StaffMember.patronymic)
    query = select(Extension.id, Extension.number, Extension.connection_id, *names).join(
        StaffMember, (StaffMember.clinic_id == Extension.clinic_id) & (StaffMember.id == Extension.staff_id)
    )
    rows = await ctx.db.execute(query.order_by(Extension.number, Extension.id))
    return [ExtensionRow(row[0], row[1], titles.get(row[2], "—"), short_name(*row[3:])) for row in rows]


async def add_extension(ctx: Context, connection_id: int, number: str, staff_id: int) -> None:
    """Put the telephone on a colleague's desk. Raises `Invalid`, and `Conflict` when it stands on another one."""
    ctx.require("telephony.extension.edit")
    if not NUMBER.fullmatch(number):
        raise Invalid({"number": "Введите внутренний номер цифрами, например 101."})
    if connection_id not in {one.id for one in await known_connections(ctx)}:
        raise Invalid({"connection_id": "Такой телефонной станции нет. Выберите её из списка."})
    staff = ctx.visible(StaffMember, StaffMember.id).where(StaffMember.id == staff_id)
    if await ctx.db.scalar(staff) is None:
        raise Invalid({"staff_id": "Такого сотрудника нет. Выберите его из списка."})
    taken = select(Extension.id).where(Extension.connection_id == connection_id, Extension.number == number)
    if await ctx.db.scalar(taken) is not None:
        raise Conflict(f"Номер {number} уже закреплён за сотрудником. Сначала открепите его.")
    values = {"connection_id": connection_id, "number": number, "staff_id": staff_id}
    await ctx.db.execute(insert(Extension).values(values))
    await ctx.audit("telephony.extension.added", "staff", staff_id, f"Закреплён внутренний номер {number}")


async def remove_extension(ctx: Context, extension_id: int) -> None:
    ctx.require("telephony.extension.edit")
    extension = await ctx.load(Extension, extension_id)
    words = f"Откреплён внутренний номер {extension.number}"
    await ctx.audit("telephony.extension.removed", "staff", extension.staff_id, words)
    await ctx.db.delete(extension)
    await ctx.db.flush()


async def own_extension(ctx: Context) -> tuple[int, str] | None:
    """Connection and number of the telephone on the actor's desk."""
    query = select(Extension.connection_id, Extension.number).where(Extension.staff_id == ctx.actor.id)
    row = (await ctx.db.execute(query.order_by(Extension.id).limit(1))).one_or_none()
    return (row[0], row[1]) if row else None


async def colleagues(ctx: Context) -> list[tuple[int, str]]:
    """Staff for the choice of whose a telephone is."""
    names = (StaffMember.last_name, StaffMember.first_name, StaffMember.patronymic)
    rows = await ctx.db.execute(ctx.visible(StaffMember, StaffMember.id, *names).order_by(StaffMember.sort_name))
    return [(id, short_name(*name)) for id, *name in rows]
