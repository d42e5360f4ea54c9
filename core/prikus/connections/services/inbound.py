"""What comes in: found by a token's hash, verified over raw bytes; stored and worked later, or answered at once.

Webhooks are stored first (reliability 19); an `Answerer` is asked while the service waits.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections import OrderedDict
from typing import Any

import structlog
from sqlalchemy import or_, select, text, update
from sqlalchemy.dialects.postgresql import insert

from prikus.access.actors import SYSTEM, acting_plugin
from prikus.access.context import Context, open_unit
from prikus.access.visits import key_hash
from prikus.clinics.state import ClinicState, States
from prikus.connections.answering import Answerer
from prikus.connections.kinds import Arrived, Reply
from prikus.connections.models import WORKS, Connection, WebhookDelivery
from prikus.connections.receiving import DeliveryRef, Webhook
from prikus.connections.services.opening import open_connection, secrets_of
from prikus.data.session import Scope
from prikus.errors import Denied, NotFound, Problem, SignInNeeded
from prikus.events.runtime import Runtime
from prikus.failpoints import failpoint

log = structlog.get_logger("prikus.inbound")
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
ANSWER_TIMEOUT_MS = 5000
"""How long a statement may take while a service waits for its answer."""
CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class TooLarge(Problem):
    """More than the plugin reads."""

    status = 413


class Unanswered(Problem):
    """Something went wrong here; the same request may succeed later."""

    status = 503


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
        async with open_unit(self._runtime, clinic, SYSTEM, frozenset(), scope=Scope(clinic.id, "system")) as ctx:
            query = select(Connection.id, Connection.kind, Connection.plugin_id, Connection.settings, Connection.state)
            connection = (await ctx.db.execute(query.where(Connection.id == found.connection_id))).one()
            receiver = ctx.system.receivers.get(connection.kind)
            if isinstance(receiver, Webhook):
                return await self._store(ctx, connection, receiver, arrived)
            if not isinstance(receiver, Answerer):
                return UNKNOWN
            refusal = await self._refusal(ctx, connection, receiver, arrived)
        if refusal is not None:
            return receiver.refuse(refusal)
        return await self._answer(clinic, connection, receiver, arrived)

    async def _store(self, ctx: Context, connection: Any, webhook: Webhook, arrived: Arrived) -> Reply:
        if len(arrived.body) > webhook.max_bytes:
            return TOO_LARGE
        if (refusal := webhook.refusal(arrived)) is not None:
            return refusal
        settings = await _settings(ctx, connection)
        if not webhook.verify(arrived, settings):
            return FORGED
        if webhook.proves_life:
            await _note_life(ctx, connection.id)
        if not webhook.is_probe(arrived):
            await self._keep(ctx, connection.id, webhook, webhook.kept(arrived, settings))
        return webhook.reply(arrived)

    async def _refusal(self, ctx: Context, connection: Any, answerer: Answerer, arrived: Arrived) -> Problem | None:
        """Why it is not answered; the same rules as the gate has for pages. A wrong token is noted for the clinic."""
        if not ctx.is_effective((connection.plugin_id,)):
            return Denied("Closed.") if ctx.clinic.mode == "suspended" else NotFound("Not found.")
        if ctx.clinic.mode != "normal" and arrived.method in CHANGING:
            return Denied("Read only.")
        if len(arrived.body) > answerer.max_bytes:
            return TooLarge("Too large.")
        if connection.state not in WORKS:
            return Denied("Not connected.")
        if not answerer.verify(arrived, await _settings(ctx, connection)):
            words = "Запрос с чужим ключом доступа отклонён"
            await ctx.audit("connection.refused", "connection", connection.id, words, after={"method": arrived.method})
            return SignInNeeded("Wrong token.")
        await _note_life(ctx, connection.id)
        return None

    async def _answer(self, clinic: ClinicState, connection: Any, answerer: Answerer, arrived: Arrived) -> Reply:
        """Asked in a transaction of its own, as the plugin. What fails is rolled back, and may be asked again."""
        actor, rights = acting_plugin(self._runtime.system.plugins[connection.plugin_id])
        scope = Scope(clinic.id, actor.kind, None, clinic.mode == "read_only", ANSWER_TIMEOUT_MS)
        try:
            async with (
                self._runtime.seats.taken(clinic.id),
                open_unit(self._runtime, clinic, actor, rights, scope=scope) as ctx,
            ):
                reply = await answerer.answer(ctx, await open_connection(ctx, connection.id), arrived)
        except Problem as problem:
            return answerer.refuse(problem)
        except Exception:
            log.exception("not answered", plugin=connection.plugin_id, connection=connection.id)
            return answerer.refuse(Unanswered("Try again later."))
        failpoint("before_answer")
        return reply

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


async def _settings(ctx: Context, connection: Any) -> dict[str, Any]:
    """Fields of the connection by name, secrets in clear."""
    return {**connection.settings, **(await secrets_of(ctx, [connection.id]))[connection.id]}


async def _note_life(ctx: Context, connection_id: int) -> None:
    lately = ctx.now() - SIGN_OF_LIFE
    await ctx.db.execute(
        update(Connection)
        .where(Connection.id == connection_id, or_(Connection.state != "on", Connection.succeeded_at < lately))
        .values(succeeded_at=ctx.now(), state="on", error=None)
    )
