from __future__ import annotations

from typing import Any

from sqlalchemy import text

from prikus.toolkit import Connected, Context, Invalid, OpenConnection, outgoing_client
from prikus_parcels.settings import Settings

BASE = "https://post.example"


async def connect(ctx: Context, connection: OpenConnection[Settings]) -> Connected:
    async with outgoing_client(ctx, connection) as http:
        answer = await http.get(f"{BASE}/me", headers=_head(connection))
    if answer.status == 401:
        raise Invalid({"token": "Почта не узнаёт этот ключ."})
    return Connected(f"Отделение: {answer.json()['office']}")


async def connect_pallets(ctx: Context, connection: OpenConnection[Any]) -> Connected:
    return Connected("Склад найден")


async def send(ctx: Context, connection: OpenConnection[Settings], number: int) -> None:
    async with outgoing_client(ctx, connection) as http:
        await http.post(f"{BASE}/parcels", headers=_head(connection), json={"number": number})


async def note(ctx: Context, number: str) -> None:
    await ctx.audit("parcel.arrived", "parcel", None, f"Посылка {number}")


async def noted(ctx: Context) -> list[str]:
    found = await ctx.db.scalars(
        text("select sentence from core.audit_record where action = 'parcel.arrived' order by id")
    )
    return list(found)


def _head(connection: OpenConnection[Any]) -> dict[str, str]:
    return {"Authorization": connection.settings.token.reveal()}
