"""Whose the clinic's telephones are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from prikus.toolkit import Conflict, Context, Invalid, StaffMember, known_connections, short_name
from prikus_telephony.models import Extension
from prikus_telephony.schemas import ExtensionRow, Telephone

NUMBER = re.compile(r"[0-9]{1,11}")


async def extensions(ctx: Context) -> list[ExtensionRow]:
    """All telephones, by number."""
    ctx.require("telephony.extension.edit")
    titles = {one.id: one.title for one in await known_connections(ctx)}
    names = (StaffMember.last_name, StaffMember.first_name, StaffMember.patronymic)
    columns = (Extension.id, Extension.number, Extension.title, Extension.connection_id, *names)
    query = select(*columns).outerjoin(
        StaffMember, (StaffMember.clinic_id == Extension.clinic_id) & (StaffMember.id == Extension.staff_id)
    )
    rows = await ctx.db.execute(query.order_by(Extension.number, Extension.id))
    return [_row(row, titles.get(row.connection_id, "—")) for row in rows]


def _row(row: Any, connection: str) -> ExtensionRow:
    staff = short_name(row.last_name, row.first_name, row.patronymic) if row.last_name else None
    return ExtensionRow(row.id, row.number, row.title, row.connection_id, connection, staff)


async def know_telephones(ctx: Context, connection_id: int, telephones: Iterable[Telephone]) -> None:
    """Take in what the exchange says of its telephones; who of the clinic sits there is decided here."""
    mine, said = Extension.connection_id == connection_id, {one.number: one.title for one in telephones}
    known = {one.number: one for one in await ctx.db.scalars(select(Extension).where(mine))}
    for number, title in said.items():
        if number in known:
            known[number].title = title
        else:
            ctx.db.add(Extension(connection_id=connection_id, number=number, title=title))
    for number, gone in known.items():
        if number not in said and gone.staff_id is None:
            await ctx.db.delete(gone)
    await ctx.db.flush()


async def add_extension(ctx: Context, connection_id: int, number: str, staff_id: int) -> int:
    """Put the telephone on a colleague's desk; its id. Raises `Invalid`, `Conflict` when it stands on another one."""
    ctx.require("telephony.extension.edit")
    if not NUMBER.fullmatch(number):
        raise Invalid({"number": "Введите внутренний номер цифрами, например 101."})
    if connection_id not in {one.id for one in await known_connections(ctx)}:
        raise Invalid({"connection_id": "Такой телефонной станции нет. Выберите её из списка."})
    staff = ctx.visible(StaffMember, StaffMember.id).where(StaffMember.id == staff_id)
    if await ctx.db.scalar(staff) is None:
        raise Invalid({"staff_id": "Такого сотрудника нет. Выберите его из списка."})
    same = select(Extension).where(Extension.connection_id == connection_id, Extension.number == number)
    known = await ctx.db.scalar(same.with_for_update())
    if known is not None and known.staff_id is not None:
        raise Conflict(f"Номер {number} уже закреплён за сотрудником. Сначала открепите его.")
    if known is None:
        known = Extension(connection_id=connection_id, number=number)
        ctx.db.add(known)
    known.staff_id = staff_id
    await ctx.db.flush()
    await ctx.audit("telephony.extension.added", "staff", staff_id, f"Закреплён внутренний номер {number}")
    return known.id


async def remove_extension(ctx: Context, extension_id: int) -> None:
    """Nobody sits there any more. The exchange's own telephone stays in the list, one entered by hand goes."""
    ctx.require("telephony.extension.edit")
    extension = await ctx.load(Extension, extension_id)
    words = f"Откреплён внутренний номер {extension.number}"
    await ctx.audit("telephony.extension.removed", "staff", extension.staff_id, words)
    if extension.title is None:
        await ctx.db.delete(extension)
    else:
        extension.staff_id = None
    await ctx.db.flush()


async def named_extension(ctx: Context, extension_id: int) -> tuple[int, str]:
    """Connection and number of a telephone of the clinic. Raises `NotFound`."""
    found = await ctx.load(Extension, extension_id)
    return found.connection_id, found.number


async def own_extension(ctx: Context) -> tuple[int, str] | None:
    """Connection and number of the telephone on the actor's desk; programs have none."""
    if ctx.actor.kind != "staff":
        return None
    query = select(Extension.connection_id, Extension.number).where(Extension.staff_id == ctx.actor.id)
    row = (await ctx.db.execute(query.order_by(Extension.id).limit(1))).one_or_none()
    return (row[0], row[1]) if row else None


async def colleagues(ctx: Context) -> list[tuple[int, str]]:
    """Staff for the choice of whose a telephone is."""
    names = (StaffMember.last_name, StaffMember.first_name, StaffMember.patronymic)
    rows = await ctx.db.execute(ctx.visible(StaffMember, StaffMember.id, *names).order_by(StaffMember.sort_name))
    return [(id, short_name(*name)) for id, *name in rows]
