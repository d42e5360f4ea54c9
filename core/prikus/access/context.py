"""The thread that runs through everything: who, where, and the open transaction (contract 2)."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import AsyncIterator, Callable, Collection, Hashable
from contextlib import asynccontextmanager
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import BigInteger, Select, Table, any_, insert, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine

from prikus.access.actors import NO_REQUEST, Actor, RequestInfo
from prikus.access.models import AuditRecord
from prikus.clinics.state import BranchInfo, ClinicState
from prikus.data.base import Base, TenantModel, visible
from prikus.data.session import ClinicSession, Scope
from prikus.data.statements import Prepared
from prikus.errors import Denied, Misconfigured, NotFound
from prikus.events.outbox import write_event, write_job
from prikus.events.runtime import ASK_TIMEOUT_MS, WEB_TIMEOUT_MS, Change, Runtime
from prikus.failpoints import failpoint
from prikus.host.declarations import Event, PatientFact
from prikus.host.hooks import Answer, Missing
from prikus.host.system import System

M = TypeVar("M", bound=TenantModel)
MOST_ASKS = 3
AUDITED = ("action", "object_kind", "object_id", "sentence", "before", "after", "address", "request_id")
_AUDIT = Prepared(insert(AuditRecord), AUDITED)


class Aggregate(msgspec.Struct, frozen=True):
    """The row that a fact is about, where no entity was loaded: `("billing.invoice", id, row_version)`."""

    table: str
    id: int
    row_version: int


class NoTransaction:
    """Stands where a context has no open transaction: whoever waits for the network must not hold one."""

    def __getattr__(self, name: str) -> Any:
        raise Misconfigured("Здесь нет открытой транзакции. Откройте свою: async with ctx.unit() as own.")


class Context:
    """Clinic, actor, rights and one open transaction. Made by the host; services and hooks take it first.

    `now` is the instant of the request in UTC; `today(branch_id)` the local day of a branch. In a listener `cause`
    is the event as it was recorded: `created_at`, `created_by_kind`, `created_by_id`. `begun_ms` is its beginning in
    milliseconds since 1970: a page shows at least what was there then.
    """

    def __init__(
        self,
        runtime: Runtime,
        clinic: ClinicState,
        actor: Actor,
        rights: frozenset[str],
        db: ClinicSession | None,
        *,
        request: Any = None,
        info: RequestInfo = NO_REQUEST,
        branch_id: int | None = None,
    ) -> None:
        self.runtime = runtime
        self.clinic = clinic
        self.actor = actor
        self.rights = rights
        self.db: ClinicSession = db or cast("ClinicSession", NoTransaction())
        self.request = request
        self.info = info
        self.statement_timeout_ms = WEB_TIMEOUT_MS
        self.ask_timeout_ms = ASK_TIMEOUT_MS
        self.cause: Any = None
        self.missing: dict[tuple[str, str], Missing] = {}
        self.begun_ms = int(1000 * time.time())
        self._asks = 0
        self._branch_id = branch_id
        self._wake = False
        self._changes: dict[tuple[str, str], Change] = {}
        self._apart: list[dict[str, Any]] = []

    @property
    def system(self) -> System:
        return self.runtime.system

    def is_effective(self, owners: tuple[str, ...]) -> bool:
        return self.clinic.is_effective(owners)

    def has(self, plugin_id: str) -> bool:
        """Whether a plugin is effective for this clinic: for joining what is offered, never instead of the gate."""
        return plugin_id in self.clinic.effective

    @property
    def is_outside(self) -> bool:
        """Whether no transaction is open, so that the network may be waited for."""
        return isinstance(self.db, NoTransaction)

    @property
    def identity(self) -> Any:
        """The session of the person who asks, None where nobody is signed in: a key, a job, a command."""
        visit = self.request.scope["state"].get("visit") if self.request is not None else None
        return visit.identity if visit is not None else None

    # --- rights

    def can(self, code: str, branch: int | None = None) -> bool:
        """Whether the actor holds a right. `branch` is part of the contract; rights by branch come later."""
        return code in self.rights

    def require(self, code: str, branch: int | None = None) -> None:
        """Raise `Denied`, naming the right, unless the actor holds it."""
        if not self.can(code, branch):
            permission = self.system.permissions[code]
            raise Denied(f"Недостаточно прав: «{permission.title}». Право даёт руководитель клиники.")

    # --- places and time

    @property
    def branches(self) -> tuple[BranchInfo, ...]:
        return self.clinic.branches

    @property
    def branch(self) -> BranchInfo:
        """The chosen branch, or the first one. Raises `NotFound` while the clinic has none."""
        if not self.branches:
            raise NotFound("В клинике ещё нет филиала.")
        return next((b for b in self.branches if b.id == self._branch_id), self.branches[0])

    @property
    def branch_id(self) -> int | None:
        return self.branch.id if self.branches else None

    def zone(self, branch_id: int | None = None) -> ZoneInfo:
        """Time zone of a branch, of the clinic without one (ROAD-01)."""
        named = next((b.time_zone for b in self.branches if b.id == branch_id), self.clinic.time_zone)
        return ZoneInfo(named)

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    def today(self, branch_id: int | None = None) -> dt.date:
        return dt.datetime.now(self.zone(branch_id)).date()

    # --- data

    def visible(self, model: type[M], *columns: Any) -> Select[Any]:
        """A select that leaves deleted rows out: of columns for reading, of the entity for changing."""
        return visible(model, *columns)

    async def load(self, model: type[M], id: int, *, lock: bool = False) -> M:
        """The one entity to be changed. Raises `NotFound` for a missing, deleted or foreign one alike."""
        query = self.visible(model).where(model.id == id)
        entity = await self.db.scalar(query.with_for_update() if lock else query)
        if entity is None:
            raise NotFound()
        return entity

    async def known(self, reference: Any, ids: Collection[int]) -> set[int]:
        """Which of the numbers for a `soft_ref` column name a row of this clinic: no key of the database asks that.

        None do while the plugin whose table it is is not installed. Ask before such a number is stored.
        """
        table = self._table_of(reference)
        if table is None or not ids:
            return set()
        wanted = literal(sorted(ids), ARRAY(BigInteger))
        return set(await self.db.scalars(select(table.c.id).where(table.c.id == any_(wanted))))

    def _table_of(self, reference: Any) -> Table | None:
        name: str = reference.expression.info["soft_ref"]
        owner = name.partition(".")[0]
        return Base.metadata.tables.get(name) if owner in ("core", *self.system.plugins) else None

    def soft_delete(self, entity: Any) -> None:
        """Put into the trash; the database's clock and the actor are noted (GEN-04)."""
        entity.deleted_at = self.now()
        entity.deleted_by_kind = self.actor.kind
        entity.deleted_by_id = self.actor.id

    # --- telling and asking

    async def emit(self, event: Event, aggregate: TenantModel | Aggregate) -> None:
        """Write a fact into the outbox of this transaction; listeners hear it after the commit (contract 5).

        A fact about a patient also says on the live stream that the patient's card shows something else now.
        """
        if isinstance(aggregate, TenantModel):
            await self.db.flush()
            aggregate = Aggregate(str(aggregate.__table__), aggregate.id, aggregate.row_version)
        name = f"{aggregate.table}:{aggregate.id}"
        self._wake |= await write_event(
            self.db, self.system, event, name, aggregate.row_version, self.clinic.webhook_events
        )
        if isinstance(event, PatientFact):
            self.changed("patients.card", event.patient_id)

    async def enqueue(self, job: Callable[..., Any], payload: msgspec.Struct, due: dt.datetime | None = None) -> None:
        """Ask for a job in this transaction; it runs after the commit, at `due` or at once."""
        await write_job(self.db, self.system.job_of(job), payload, due)
        self._wake = True

    def wake(self) -> None:
        """Let workers look for due work after the commit."""
        self._wake = True

    def changed(self, channel: str, id: object = "", version: int = 0) -> None:
        """Say on the live stream, after the commit, that something in `<plugin>.<channel>` changed."""
        self._changes[(channel, str(id))] = Change(channel, str(id), version)

    async def ask(self, hook: str, /, **values: Any) -> list[Answer]:
        """Ask other plugins in this transaction, at most three times a request. A veto raises `Conflict` itself."""
        return await self.system.hooks.ask(self, hook, **values)

    async def run_lifecycle(self, hook: str, /, **values: Any) -> list[Answer]:
        """Call a `lifecycle` hook of every installed plugin, on or off; only inside a `lifecycle_unit`."""
        return await self.system.hooks.run_lifecycle(self, hook, **values)

    def note_ask(self) -> None:
        self._asks += 1
        if self.request is not None and self._asks > MOST_ASKS:
            raise RuntimeError(f"a request asks other plugins at most {MOST_ASKS} times")

    def describe(self, hook: str, /, **values: Any) -> list[Any]:
        """Descriptors of effective plugins; those whose `right` the actor lacks are left out."""
        found = self.system.hooks.describe(self, hook, **values)
        return [d for d in found if getattr(d, "right", None) is None or self.can(d.right)]

    async def audit(
        self,
        action: str,
        object_kind: str,
        object_id: int | None,
        sentence: str,
        *,
        before: dict[str, object] | None = None,
        after: dict[str, object] | None = None,
    ) -> None:
        """Write who did what into the audit of this transaction (reliability 49).

        A transaction that may only read is followed by a short one for its audit, before the answer leaves.
        """
        record: dict[str, Any] = {
            "action": action,
            "object_kind": object_kind,
            "object_id": object_id,
            "sentence": sentence,
            "before": before,
            "after": after,
            "address": self.info.address,
            "request_id": self.info.id,
        }
        if self.db.info["scope"].read_only:
            self._apart.append(record)
        else:
            await _AUDIT.rows(self.db, **record)

    # --- units of work

    async def commit(self) -> None:
        """Commit, then let the wake-up and the live words leave. Called by the host, not by services."""
        failpoint("before_commit")
        await self.db.commit()
        failpoint("after_commit")
        if self._apart:
            async with self.unit() as own:
                for record in self._apart:
                    await _AUDIT.rows(own.db, **record)
        if self._wake:
            self.runtime.wake()
        if self._changes:
            self.runtime.publish(self.clinic.id, self._changes.values())

    def scope(self) -> Scope:
        return Scope(self.clinic.id, self.actor.kind, self.actor.id, read_only=self.clinic.mode == "read_only")

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Context]:
        """A transaction of its own, for streams, connection tests and audit apart from the request's.

        Beside a request's own transaction it may write even while the clinic is read only: that is for audit.
        """
        scope = self.scope()
        async with open_unit(
            self.runtime,
            self.clinic,
            self.actor,
            self.rights,
            info=self.info,
            scope=scope if self.is_outside else scope._replace(read_only=False),
        ) as ctx:
            yield ctx

    @asynccontextmanager
    async def lifecycle_unit(self, *, read_only: bool = False) -> AsyncIterator[Context]:
        """A transaction of the lifecycle role: every tenant table of this clinic, also of plugins that are gone.

        For merging, erasing and export only. With `read_only` everything is read as of one moment.
        """
        scope = self.scope()
        async with open_unit(
            self.runtime,
            self.clinic,
            self.actor,
            self.rights,
            info=self.info,
            scope=scope._replace(read_only=read_only or scope.read_only),
            engine=self.runtime.lifecycle,
        ) as ctx:
            if read_only:
                await ctx.db.execute(text("set transaction isolation level repeatable read"))
            yield ctx

    # --- what pages show of the context

    @property
    def notice(self) -> str | None:
        """What stands above every page: the term is over, or, for whoever can act on it, the grace runs."""
        if self.clinic.failed_webhooks and self.can("developers.webhook.edit"):
            return f"Вебхук «{self.clinic.failed_webhooks[0]}» выключен: его адрес не отвечает. «Настройки системы»."
        ended = self.clinic.ends_on
        if self.clinic.mode == "read_only":
            return f"Подписка закончилась {ended:%d.%m.%Y}: данные можно смотреть и печатать, но не менять."
        if ended is None or self.clinic.today <= ended or not self.can("settings.module.switch"):
            return None
        until = self.clinic.last_day
        return f"Подписка закончилась {ended:%d.%m.%Y}. По {until:%d.%m.%Y} всё работает, потом – только просмотр."

    @property
    def csrf_token(self) -> str:
        return self.request.scope["state"]["csrf_token"] if self.request is not None else ""

    @property
    def menu(self) -> list[Any]:
        return sorted(self.describe("menu_items"), key=lambda item: item.order)

    @property
    def frame_key(self) -> Hashable:
        """Whatever menu and top bar depend on: with an equal key they are the same."""
        clinic = self.clinic
        return clinic.id, clinic.version, clinic.mode, self.actor, self.rights, self.branch_id, self.csrf_token

    @property
    def shell_parts(self) -> list[Any]:
        return self.describe("shell_parts")


@asynccontextmanager
async def open_unit(
    runtime: Runtime,
    clinic: ClinicState,
    actor: Actor,
    rights: frozenset[str],
    *,
    request: Any = None,
    info: RequestInfo = NO_REQUEST,
    branch_id: int | None = None,
    scope: Scope | None = None,
    engine: AsyncEngine | None = None,
) -> AsyncIterator[Context]:
    """Begin, hand out the context, commit; any error rolls back and passes on."""
    mode = clinic.mode == "read_only"
    async with ClinicSession(
        engine or runtime.app, scope or Scope(clinic.id, actor.kind, actor.id, read_only=mode)
    ) as db:
        ctx = Context(runtime, clinic, actor, rights, db, request=request, info=info, branch_id=branch_id)
        yield ctx
        await ctx.commit()


def outside(
    runtime: Runtime,
    clinic: ClinicState,
    actor: Actor,
    rights: frozenset[str],
    *,
    request: Any = None,
    info: RequestInfo = NO_REQUEST,
) -> Context:
    """A context without a transaction, for what talks to the outside world; `ctx.unit()` opens short ones."""
    return Context(runtime, clinic, actor, rights, None, request=request, info=info)
