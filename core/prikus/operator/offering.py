"""What a plan includes – modules, room on the disk – changed by the operator for every clinic of the plan at once."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from prikus.access.actors import SYSTEM
from prikus.access.context import open_unit
from prikus.clinics.models import Clinic, PlanPlugin, Subscription, SubscriptionPlan
from prikus.clinics.state import States
from prikus.data.session import ClinicSession, Scope, make_engine
from prikus.errors import NotFound
from prikus.events.runtime import Runtime
from prikus.operator.subscriptions import reconcile
from prikus.settings.services.modules import switch
from prikus.ui.filters import file_size


async def offer(runtime: Runtime, plugin_id: str, plan: str, *, is_on: bool = False) -> list[str]:
    """Include an installed plugin in a plan; with `is_on` switch it on in its clinics, else each clinic decides.

    Returns the names of the clinics. Safe to repeat. Raises `NotFound` for an unknown plugin or plan.
    """
    if plugin_id not in runtime.system.plugins:
        raise NotFound(f"Модуль «{plugin_id}» не установлен: pip install, затем prikus db upgrade.")
    row = insert(PlanPlugin).values(plan_id=_plan(plan), plugin_id=plugin_id).on_conflict_do_nothing()
    title = runtime.system.plugins[plugin_id].title
    clinics = await _change(runtime, plan, row, f"В тариф «{{}}» добавлен модуль «{title}».")
    if is_on:
        for id, _ in clinics:
            await _switch_on(runtime, id, plugin_id)
    return [name for _, name in clinics]


async def withdraw(runtime: Runtime, plugin_id: str, plan: str) -> list[str]:
    """Take a plugin out of a plan: it ends in the plan's clinics at their next request, its data stays."""
    row = delete(PlanPlugin).where(PlanPlugin.plan_id == _plan(plan), PlanPlugin.plugin_id == plugin_id)
    known = runtime.system.plugins.get(plugin_id)
    sentence = f"Из тарифа «{{}}» исключён модуль «{known.title if known else plugin_id}»."
    return [name for _, name in await _change(runtime, plan, row, sentence)]


async def give_disk(runtime: Runtime, plan: str, size: int | None) -> list[str]:
    """Set how many bytes the files of a clinic of the plan may take, None without a limit (SET-01).

    Whoever has more already keeps it and adds nothing. Returns the names of the clinics. Raises `NotFound`.
    """
    row = update(SubscriptionPlan).where(SubscriptionPlan.code == plan).values(disk=size)
    words = "без ограничения" if size is None else file_size(size)
    return [name for _, name in await _change(runtime, plan, row, f"Место на диске по тарифу «{{}}»: {words}.")]


async def plans(runtime: Runtime) -> list[SubscriptionPlan]:
    """All plans, in their order."""
    engine = make_engine(runtime.urls.url("operator"), pooled=False)
    try:
        async with ClinicSession(engine, None) as db:
            return list(await db.scalars(select(SubscriptionPlan).order_by(SubscriptionPlan.position)))
    finally:
        await engine.dispose()


def _plan(code: str) -> object:
    return select(SubscriptionPlan.id).where(SubscriptionPlan.code == code).scalar_subquery()


async def _change(runtime: Runtime, plan: str, row: object, sentence: str) -> Sequence[tuple[int, str]]:
    engine = make_engine(runtime.urls.url("operator"), pooled=False)
    states = States(runtime)
    try:
        async with ClinicSession(engine, None) as db:
            query = select(SubscriptionPlan.code, SubscriptionPlan.title).order_by(SubscriptionPlan.position)
            titles = {row.code: row.title for row in await db.execute(query)}
            if plan not in titles:
                raise NotFound(f"Тарифа «{plan}» нет. Есть: {', '.join(titles)}.")
            clinics = await _clinics(db, plan)
            before = [await states.get(id) for id, _ in clinics]
            await db.execute(row)  # type: ignore[call-overload]
            await db.commit()
    finally:
        await engine.dispose()
    for state in before:
        await reconcile(runtime, states, state, "plan.changed", sentence.format(titles[plan]))
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


async def _switch_on(runtime: Runtime, clinic_id: int, plugin_id: str) -> None:
    clinic = await States(runtime).get(clinic_id)
    rights = frozenset(runtime.system.permissions)
    if plugin_id not in clinic.effective:
        async with open_unit(runtime, clinic, SYSTEM, rights, scope=Scope(clinic_id)) as ctx:
            await switch(ctx, plugin_id, True)
        await runtime.settle()
