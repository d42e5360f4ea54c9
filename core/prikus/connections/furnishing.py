"""Connections of demo clinics: to fake providers, where these are running."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import insert, text

from prikus.access.furnishing import Demo
from prikus.access.visits import key_hash, new_key
from prikus.connections.kinds import ConnectionKind
from prikus.connections.models import Connection, ConnectionSecret
from prikus.connections.services.opening import ADDRESS, sealing_place
from prikus.connections.vault import Vault, seal


async def furnish_connection(
    demo: Demo,
    kind: ConnectionKind,
    host: str,
    secrets: Mapping[str, str],
    *,
    settings: Mapping[str, str] | None = None,
    title: str | None = None,
    branch_id: int | None = None,
) -> int:
    """A connection as if somebody had filled it in; its number. `settings` are the fields that are no secrets.

    It works where a fake plays `host`; otherwise it waits for «Подключить», so that no demo asks a real provider.
    """
    state = "on" if host in demo.config.fakes else "new"
    values = {"plugin_id": kind.plugin_id, "kind": kind.id, "title": title or kind.title, "note": kind.summary}
    values |= {"state": state, "settings": dict(settings or {}), "branch_id": branch_id}
    id = (await demo.db.execute(insert(Connection).values(**values).returning(Connection.id))).scalar_one()
    hidden = dict(secrets)
    if kind.has_webhook:
        hidden[ADDRESS] = new_key()
        hashed = {"connection": id, "hash": key_hash(hidden[ADDRESS])}
        await demo.db.execute(text("select core.set_webhook(:connection, :hash)"), hashed)
    key = await Vault(demo.config).clinic_key(demo.db, demo.clinic.id)
    for field, value in hidden.items():
        sealed = seal(key, value.encode(), sealing_place(demo.clinic.id, id, field))
        await demo.db.execute(insert(ConnectionSecret).values(connection_id=id, field=field, sealed=sealed))
    return id
