"""Webhooks: found by a token's hash, verified over raw bytes, stored, answered; worked later (reliability 19)."""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections import OrderedDict

from sqlalchemy import or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from prikus.access.context import Actor, Context, open_unit
from prikus.access.visits import key_hash
from prikus.clinics.state import States
from prikus.connections.kinds import Arrived, Reply
from prikus.connections.models import Connection, WebhookDelivery
from prikus.connections.receiving import DeliveryRef, Webhook
from prikus.connections.services.opening import secrets_of
from prikus.data.session import Scope
from prikus.events.runtime import Runtime

FIND = text("select * from core.find_webhook(:hash)")
UNKNOWN = Reply(404, "unknown address")
FORGED = Reply(403, "signature does not match")
TOO_LARGE = Reply(413, "too large")
TOO_MANY = Reply(429, "too many requests")
A_MINUTE = 600
"""Deliveries that one address may send in a minute."""
SIGN_OF_LIFE = dt.timedelta(minutes=1)
"""How often the last success is written down: not with every delivery, since its row would queue them up."""
KEPT_HEADERS = 64
MOST_ADDRESSES = 10_000


class Limits:
    """Requests of this minute by address, in this process."""

    def __init__(self) -> None:
        self._counts: OrderedDict[bytes, tuple[int, int]] = OrderedDict()

    def is_over(self, address: bytes) -> bool:
        minute = int(time.monotonic() // 60)
        since, count = self._counts.pop(address, (minute, 0))
        count = count + 1 if since == minute else 1
        self._counts[address] = (minute, count)
        if len(self._counts) > MOST_ADDRESSES:
            self._counts.popitem(last=False)
        return count > A_MINUTE


class Inbound:
    """Takes in what providers send. Made once a process."""

    def __init__(self, runtime: Runtime, states: States) -> None:
        self._runtime = runtime
        self._states = states
        self._limits = Limits()

    async def receive(self, token: str, arrived: Arrived) -> Reply:
        """Verify, store once, ask for the work. A plugin that is off gets its deliveries when it is back on."""
        hashed = key_hash(token)
        async with self._runtime.door.connect() as db:
            found = (await db.execute(FIND, {"hash": hashed})).one_or_none()
        if found is None:
            return UNKNOWN
        if self._limits.is_over(hashed):
            return TOO_MANY
        clinic = await self._states.get(found.clinic_id, found.state_version)
        scope = Scope(clinic.id, "system")
        async with open_unit(self._runtime, clinic, Actor("system"), frozenset(), scope=scope) as ctx:
            return await self._store(ctx, found.connection_id, arrived)

    async def _store(self, ctx: Context, connection_id: int, arrived: Arrived) -> Reply:
        query = select(Connection.id, Connection.kind, Connection.plugin_id, Connection.settings, Connection.state)
        connection = (await ctx.db.execute(query.where(Connection.id == connection_id))).one()
        webhook = ctx.system.receivers.get(connection.kind)
        if not isinstance(webhook, Webhook):
            return UNKNOWN
        if len(arrived.body) > webhook.max_bytes:
            return TOO_LARGE
        if (refusal := webhook.refusal(arrived)) is not None:
            return refusal
        settings = {**connection.settings, **(await secrets_of(ctx, [connection_id]))[connection_id]}
        if not webhook.verify(arrived, settings):
            return FORGED
        lately = ctx.now() - SIGN_OF_LIFE
        await ctx.db.execute(
            update(Connection)
            .where(Connection.id == connection_id, or_(Connection.state != "on", Connection.succeeded_at < lately))
            .values(succeeded_at=ctx.now(), state="on", error=None)
        )
        if not webhook.is_probe(arrived):
            await self._keep(ctx, connection_id, webhook, webhook.kept(arrived, settings))
        return webhook.reply(arrived)

    async def _keep(self, ctx: Context, connection_id: int, webhook: Webhook, arrived: Arrived) -> None:
        row = insert(WebhookDelivery).values(
            connection_id=connection_id,
            external_id=webhook.external_id(arrived) or _hash(arrived),
            method=arrived.method,
            path=arrived.path,
            query=arrived.query,
            headers=dict(list(arrived.headers.items())[:KEPT_HEADERS]),
            body=arrived.body,
        )
        fresh = await ctx.db.scalar(row.on_conflict_do_nothing().returning(WebhookDelivery.id))
        if fresh is not None:
            await ctx.enqueue(webhook.work, DeliveryRef(fresh))


def _hash(arrived: Arrived) -> str:
    return hashlib.sha256(b"\0".join((arrived.path.encode(), arrived.query.encode(), arrived.body))).hexdigest()
