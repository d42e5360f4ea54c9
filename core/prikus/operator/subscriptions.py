"""What a clinic has subscribed to, changed by the operator: plan, term, suspension; and what follows from it."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

import msgspec
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from prikus.access.actors import SYSTEM
from prikus.access.context import open_unit
from prikus.clinics.models import Clinic, Subscription, SubscriptionPlan
from prikus.clinics.state import ClinicState, States
from prikus.data.session import ClinicSession, Scope, make_engine
from prikus.errors import NotFound
from prikus.events.runtime import Runtime
from prikus.settings.services.modules import follow


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What changes; UNSET stays as it is. `ends_on` is the last day paid for, None without an end."""

    plan: str | msgspec.UnsetType = msgspec.UNSET
    ends_on: dt.date | msgspec.UnsetType | None = msgspec.UNSET
    state: Literal["active", "suspended"] | msgspec.UnsetType = msgspec.UNSET


async def change_subscription(runtime: Runtime, slug: str, terms: Terms) -> ClinicState:
    """Change the subscription and bring the clinic after it. Returns the new state.

    Every session sees it at its next request. When it fails half-way, say the same again: rights and parked work
    follow, but `on_enable` and `on_disable` of what the first try has changed do not run. Raises `NotFound`.
    """
    engine = make_engine(runtime.urls.url("operator"), pooled=False)
    states = States(runtime)
    try:
        async with ClinicSession(engine, None) as db, db.begin():
            clinic_id = await db.scalar(select(Clinic.id).where(Clinic.slug == slug))
            values = await _values(db, terms)
        if clinic_id is None:
            raise NotFound(f"Клиники «{slug}» нет.")
        before = await states.get(clinic_id)
        async with ClinicSession(engine, Scope(clinic_id)) as db, db.begin():
            if values:
                await db.execute(update(Subscription).where(Subscription.clinic_id == clinic_id).values(**values))
            await db.execute(text("select core.bump_state()"))
    finally:
        await engine.dispose()
    return await reconcile(runtime, states, before, "subscription.changed", _words(await states.get(clinic_id)))


def _words(state: ClinicState) -> str:
    until = f"{state.ends_on:%d.%m.%Y}" if state.ends_on else "бессрочно"
    word = "приостановлена" if state.state == "suspended" else "действует"
    return f"Подписка: тариф «{state.plan_title}», срок {until}, {word}"


async def reconcile(runtime: Runtime, states: States, before: ClinicState, action: str, sentence: str) -> ClinicState:
    """Bring rights, lifecycle jobs and parked work of a clinic after its subscription. `before` is the state before.

    `action` and `sentence` are for the clinic's audit. Every session sees the change at its next request.
    """
    rights = frozenset(runtime.system.permissions)
    async with open_unit(runtime, before, SYSTEM, rights, scope=Scope(before.id)) as ctx:
        await follow(ctx)
        await ctx.audit(action, "clinic", before.id, sentence)
        ctx.changed("core.modules")
    await runtime.settle()
    return await states.get(before.id)


async def _values(db: AsyncSession, terms: Terms) -> dict[str, Any]:
    """Columns to be set. Raises `NotFound` for an unknown plan."""
    values = {k: v for k, v in msgspec.structs.asdict(terms).items() if v is not msgspec.UNSET}
    if "plan" in values:
        code = values.pop("plan")
        values["plan_id"] = await db.scalar(select(SubscriptionPlan.id).where(SubscriptionPlan.code == code))
        if values["plan_id"] is None:
            known = ", ".join(await db.scalars(select(SubscriptionPlan.code).order_by(SubscriptionPlan.position)))
            raise NotFound(f"Тарифа «{code}» нет. Есть: {known}.")
    return values
