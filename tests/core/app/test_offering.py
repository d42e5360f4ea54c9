"""Modules of a plan, put in and taken out by the operator."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from prikus.access.models import AuditRecord
from prikus.data.session import make_engine
from prikus.errors import NotFound
from prikus.operator.offering import offer, withdraw
from prikus.settings.services.modules import switch
from prikus.testing.contract.isolation import new_marker


@pytest.fixture
async def plan(runtime) -> str:
    """A plan of this test's own, so that no other clinic follows it."""
    code = new_marker().lower()
    engine = make_engine(runtime.urls.url("operator"), pooled=False)
    async with engine.begin() as db:
        row = "insert into core.subscription_plan (code, title, price, position) values (:code, 'Проба', 0, 900)"
        await db.execute(text(row), {"code": code})
    await engine.dispose()
    return code


async def test_clinics_of_the_plan_may_switch_on_what_is_offered_and_lose_what_is_withdrawn(
    runtime, plan: str, make_clinic
) -> None:
    clinic = await make_clinic(plan=plan)
    director = await clinic.client_as("director")
    assert (await director.get("/teahouse/teas")).status_code == 404
    assert await offer(runtime, "teahouse", plan) == await offer(runtime, "teahouse", plan)
    assert (await director.get("/teahouse/teas")).status_code == 404
    async with clinic.ctx_as("director") as ctx:
        await switch(ctx, "teahouse", True)
    assert (await director.get("/teahouse/teas")).status_code == 200
    await withdraw(runtime, "teahouse", plan)
    assert (await director.get("/teahouse/teas")).status_code == 404
    await offer(runtime, "teahouse", plan)
    assert (await director.get("/teahouse/teas")).status_code == 200


async def test_it_may_be_switched_on_for_all_at_once(runtime, plan: str, make_clinic) -> None:
    clinic = await make_clinic(plan=plan)
    assert len(await offer(runtime, "teahouse", plan, is_on=True)) == 1
    assert (await (await clinic.client_as("director")).get("/teahouse/teas")).status_code == 200


async def test_what_is_not_there_is_named(runtime, plan: str) -> None:
    with pytest.raises(NotFound, match="«dreams» не установлен"):
        await offer(runtime, "dreams", plan)
    with pytest.raises(NotFound, match="Тарифа «golden» нет"):
        await offer(runtime, "teahouse", "golden")


async def test_the_audit_says_what_the_plan_got_and_lost_and_every_session_sees_it(
    runtime, plan: str, make_clinic
) -> None:
    clinic = await make_clinic(plan=plan)
    before = (await clinic.house.states.get(clinic.id)).version
    await offer(runtime, "teahouse", plan)
    await withdraw(runtime, "teahouse", plan)
    async with clinic.ctx_as("system") as ctx:
        rows = await ctx.db.execute(
            select(AuditRecord.action, AuditRecord.sentence)
            .where(AuditRecord.object_kind == "clinic")
            .order_by(AuditRecord.id)
        )
        assert [tuple(row) for row in rows][-2:] == [
            ("plan.changed", "В тариф «Проба» добавлен модуль «Чайная»."),
            ("plan.changed", "Из тарифа «Проба» исключён модуль «Чайная»."),
        ]
    assert (await clinic.house.states.get(clinic.id)).version == before + 2
