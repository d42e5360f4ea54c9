"""A connection with its secrets in clear, for those who use it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import msgspec
from sqlalchemy import select

from prikus.access.context import Context
from prikus.connections.kinds import ConnectionKind, OpenConnection, Secret
from prikus.connections.models import WORKS, Connection, ConnectionSecret
from prikus.connections.vault import Vault, seal, unseal
from prikus.errors import Conflict, NotFound

ADDRESS = "webhook_token"
"""The secret under which the token of a connection's own address is kept, so that it can be shown again."""
FORGOTTEN = "Ключи доступа «{title}» стёрты при отключении. Откройте «Изменить», введите их снова и подключите."


class ConnectionInfo(msgspec.Struct, frozen=True):
    """A connection without its settings: for choosing one and for naming it."""

    id: int
    kind: str
    title: str
    state: str


async def known_connections(ctx: Context) -> list[ConnectionInfo]:
    """All connections of the clinic, whatever their state; one statement, no secrets."""
    query = select(Connection.id, Connection.kind, Connection.title, Connection.state)
    return [ConnectionInfo(*row) for row in await ctx.db.execute(query.order_by(Connection.id))]


def kinds(ctx: Context) -> dict[str, ConnectionKind]:
    """Kinds of effective plugins by id."""
    return {kind.id: kind for kind in ctx.describe("connection_kinds")}


def vault(ctx: Context) -> Vault:
    return Vault(ctx.runtime.config)


def sealing_place(clinic_id: int, connection_id: int, field: str) -> str:
    """What a secret is bound to: moved elsewhere it does not open."""
    return f"clinic {clinic_id} connection {connection_id} {field}"


async def secrets_of(ctx: Context, connection_ids: Collection[int]) -> dict[int, dict[str, Secret]]:
    """Secrets of connections in clear, by connection and field; an entry for each."""
    found: dict[int, dict[str, Secret]] = {id: {} for id in connection_ids}
    query = select(ConnectionSecret.connection_id, ConnectionSecret.field, ConnectionSecret.sealed)
    rows = (await ctx.db.execute(query.where(ConnectionSecret.connection_id.in_(connection_ids)))).all()
    if rows:
        key = await vault(ctx).clinic_key(ctx.db, ctx.clinic.id)
        for id, field, sealed in rows:
            found[id][field] = Secret(unseal(key, sealed, sealing_place(ctx.clinic.id, id, field)).decode())
    return found


async def keep_secrets(ctx: Context, connection_id: int, values: dict[str, str]) -> None:
    """Seal and replace the named secrets; the others stay."""
    if not values:
        return
    key = await vault(ctx).clinic_key(ctx.db, ctx.clinic.id)
    query = select(ConnectionSecret).where(ConnectionSecret.connection_id == connection_id)
    known = {secret.field: secret for secret in await ctx.db.scalars(query)}
    for field, value in values.items():
        sealed = seal(key, value.encode(), sealing_place(ctx.clinic.id, connection_id, field))
        if field in known:
            known[field].sealed = sealed
        else:
            ctx.db.add(ConnectionSecret(connection_id=connection_id, field=field, sealed=sealed))
    await ctx.db.flush()


async def open_connection(ctx: Context, connection_id: int) -> OpenConnection[Any]:
    """The connection with its settings.

    Raises `NotFound` for a foreign one and for one whose plugin is off, `Conflict` for one whose keys were erased.
    """
    row = await ctx.load(Connection, connection_id)
    kind = kinds(ctx).get(row.kind)
    if kind is None:
        raise NotFound()
    return opened(ctx, row, kind, (await secrets_of(ctx, [row.id]))[row.id])


def opened(ctx: Context, row: Connection, kind: ConnectionKind, found: dict[str, Secret]) -> OpenConnection[Any]:
    known = {field.name for field in msgspec.structs.fields(kind.settings)}
    values = {name: value for name, value in {**row.settings, **found}.items() if name in known}
    if any(field.required and field.name not in values for field in msgspec.structs.fields(kind.settings)):
        raise Conflict(FORGOTTEN.format(title=row.title))
    settings, url = kind.settings(**values), address_of(ctx, found)
    return OpenConnection(row.id, row.plugin_id, row.kind, row.title, row.state, row.branch_id, settings, url)


def address_of(ctx: Context, found: dict[str, Secret]) -> str | None:
    """A connection's own address, by its secrets."""
    token = found.get(ADDRESS)
    return f"{ctx.runtime.config.outer_url}/webhooks/{token.reveal()}" if token else None


async def connections_of(ctx: Context, kind_id: str) -> list[OpenConnection[Any]]:
    """Connections of a kind that work or should: for the plugin's own jobs and services."""
    kind = kinds(ctx).get(kind_id)
    if kind is None:
        return []
    query = select(Connection).where(Connection.kind == kind_id, Connection.state.in_(WORKS))
    rows = (await ctx.db.scalars(query.order_by(Connection.id))).all()
    found = await secrets_of(ctx, [row.id for row in rows])
    return [opened(ctx, row, kind, found[row.id]) for row in rows]
