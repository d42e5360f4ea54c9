"""Which modules a plan includes: put in and taken out by the operator, for every clinic of the plan at once."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from prikus.access.context import SYSTEM, open_unit
from prikus.clinics.models import Clinic, PlanPlugin, Subscription, SubscriptionPlan
from prikus.clinics.state import States
from prikus.data.session import ClinicSession, Scope, make_engine
from prikus.errors import NotFound
from prikus.events.runtime import Runtime
from prikus.operator.subscriptions import reconcile
from prikus.settings.services.modules import switch


async def offer(runtime: Runtime, plugin_id: str, plan: str, *, is_on: bool = False) -> list[str]:
    """Include an installed plugin in a plan; with `is_on` switch it on in its clinics, else each clinic decides.

    Returns the names of the clinics. Safe to repeat. Raises `NotFound` for an unknown plugin or plan.
    """
    if plugin_id not in runtime.system.plugins:
        raise NotFound(f"Модуль «{plugin_id}» не установлен: pip install, затем prikus db upgrade.")
    row = insert(PlanPlugin).values(plan_id=_plan(plan), plugin_id=plugin_id).on_conflict_do_nothing()
    clinics = await _change(runtime, plan, row)
    if is_on:
        for id, _ in clinics:
            await _switch_on(runtime, id, plugin_id)
    return [name for _, name in clinics]


async def withdraw(runtime: Runtime, plugin_id: str, plan: str) -> list[str]:
    """Take a plugin out of a plan: it ends in the plan's clinics at their next request, its data stays."""
    row = delete(PlanPlugin).where(PlanPlugin.plan_id == _plan(plan), PlanPlugin.plugin_id == plugin_id)
    return [name for _, name in await _change(runtime, plan, row)]


def _plan(code: str) -> object:
    return select(SubscriptionPlan.id).where(SubscriptionPlan.code == code).scalar_subquery()


async def _change(runtime: Runtime, plan: str, row: object) -> Sequence[tuple[int, str]]:
    engine = make_engine(runtime.urls.url("operator"), pooled=False)
    states = States(runtime)
    try:
        async with ClinicSession(engine, None) as db:
            codes = list(await db.scalars(select(SubscriptionPlan.code).order_by(SubscriptionPlan.position)))
            if plan not in codes:
                raise NotFound(f"Тарифа «{plan}» нет. Есть: {', '.join(codes)}.")
            clinics = await _clinics(db, plan)
            before = [await states.get(id) for id, _ in clinics]
            await db.execute(row)  # type: ignore[call-overload]
            await db.commit()
        await _bump(engine, [id for id, _ in clinics])
    finally:
        await engine.dispose()
    for state in before:
        await reconcile(runtime, states, state)
    return clinics


async def _clinics(db: ClinicSession, plan: str) -> Sequence[tuple[int, str]]:
    query = (
        select(Clinic.id, Clinic.name)
        .join(Subscription, Subscription.clinic_id == Clinic.id)
        .join(SubscriptionPlan, SubscriptionPlan.id == Subscription.plan_id)
        .where(SubscriptionPlan.code == plan)
        .order_by(Clinic.name, Clinic.id)
    )
    return [(id, name) for id, name in await db.execute(query)]


async def _bump(engine: AsyncEngine, clinics: Sequence[int]) -> None:
    for id in clinics:
        async with ClinicSession(engine, Scope(id)) as db, db.begin():
            await db.execute(text("select core.bump_state()"))


async def _switch_on(runtime: Runtime, clinic_id: int, plugin_id: str) -> None:
    clinic = await States(runtime).get(clinic_id)
    rights = frozenset(runtime.system.permissions)
    if plugin_id not in clinic.effective:
        async with open_unit(runtime, clinic, SYSTEM, rights, scope=Scope(clinic_id)) as ctx:
            await switch(ctx, plugin_id, True)
        await runtime.settle()
