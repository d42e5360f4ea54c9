"""What is on for a clinic, read once per state version and then kept: every process is right at the next request."""

from __future__ import annotations

import datetime as dt
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from prikus.clinics.models import Branch, ClinicPlugin
from prikus.data.session import ClinicSession, Scope
from prikus.events.runtime import Runtime
from prikus.host.system import System

GRACE_DAYS = 14
# The tables belong to `developers`, above this layer.
WEBHOOKS = text("""
    select
      array(select distinct jsonb_array_elements_text(events) from core.webhook_endpoint where state = 'on') events,
      array(select title from core.webhook_endpoint where state = 'failed' order by id) failed
""")
Mode = Literal["normal", "read_only", "suspended"]


class BranchInfo(msgspec.Struct, frozen=True):
    """A branch of the clinic as `ctx.branches` holds it."""

    id: int
    name: str
    time_zone: str
    legal_entity_id: int


class Switch(msgspec.Struct, frozen=True):
    """The clinic's own switch of one plugin: who turned it last and when (UTC)."""

    is_enabled: bool
    by_name: str
    at: dt.datetime


class ClinicState(msgspec.Struct, frozen=True):
    """A clinic and what is effective in it. `plan_title` is empty without a subscription."""

    id: int
    slug: str
    name: str
    currency: str
    time_zone: str
    locale: str
    version: int
    plan_code: str
    plan_title: str
    ends_on: dt.date | None
    state: str
    entitled: frozenset[str]
    switches: dict[str, Switch]
    effective: frozenset[str]
    branches: tuple[BranchInfo, ...]
    webhook_events: frozenset[str] = frozenset()
    """Facts that addresses outside want to hear."""
    failed_webhooks: tuple[str, ...] = ()
    """Titles of addresses that were given up."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def mode(self) -> Mode:
        """Follows the subscription: its term, then the grace, then read only (SET-02), by the clinic's own clock."""
        if self.state == "suspended":
            return "suspended"
        return "read_only" if self.last_day and self.today > self.last_day else "normal"

    @property
    def today(self) -> dt.date:
        return dt.datetime.now(self.zone).date()

    @property
    def last_day(self) -> dt.date | None:
        """The last day of work as usual: the term and the grace. None without an end."""
        return self.ends_on + dt.timedelta(days=GRACE_DAYS) if self.ends_on else None

    def is_effective(self, owners: tuple[str, ...]) -> bool:
        """Whether all owners are on. Nothing is, not even the core, while the clinic is suspended."""
        return self.state != "suspended" and self.effective.issuperset(owners)

    def works_for(self, owners: tuple[str, ...]) -> bool:
        """Whether jobs and deliveries of the owners are done now. In a clinic that is read-only they wait."""
        return self.mode == "normal" and self.is_effective(owners)


async def read_state(db: AsyncSession, system: System) -> ClinicState:
    """The state of the session's clinic. Raises `NoResultFound` when there is no such clinic."""
    row = (await db.execute(text("select * from core.clinic_state()"))).one()
    switches = {
        plugin_id: Switch(on, by or "", at)
        for plugin_id, on, by, at in await db.execute(
            select(ClinicPlugin.plugin_id, ClinicPlugin.is_enabled, ClinicPlugin.switched_by, ClinicPlugin.updated_at)
        )
    }
    branches = await db.execute(
        select(Branch.id, Branch.name, Branch.time_zone, Branch.legal_entity_id)
        .where(Branch.deleted_at.is_(None))
        .order_by(Branch.id)
    )
    hearing = (await db.execute(WEBHOOKS)).one()
    entitled = frozenset(row.plan_plugins)
    return ClinicState(
        id=row.id,
        slug=row.slug,
        name=row.name,
        currency=row.currency,
        time_zone=row.time_zone,
        locale=row.locale,
        version=row.state_version,
        plan_code=row.plan_code or "",
        plan_title=row.plan_title or "",
        ends_on=row.ends_on,
        state=row.state or "active",
        entitled=entitled,
        switches=switches,
        effective=system.effective(entitled, (p for p, switch in switches.items() if switch.is_enabled)),
        branches=tuple(BranchInfo(b.id, b.name, b.time_zone or row.time_zone, b.legal_entity_id) for b in branches),
        webhook_events=frozenset(hearing.events),
        failed_webhooks=tuple(hearing.failed),
    )


class States:
    """The newest known state of each clinic. An entry is used only while its version is the one just read."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._known: dict[int, ClinicState] = {}

    async def get(self, clinic_id: int, version: int | None = None) -> ClinicState:
        """The state at `version`; without one it is always read anew."""
        known = self._known.get(clinic_id)
        if known is not None and known.version == version:
            return known
        async with ClinicSession(self._runtime.app, Scope(clinic_id)) as db:
            state = await read_state(db, self._runtime.system)
        self._known[clinic_id] = state
        return state
