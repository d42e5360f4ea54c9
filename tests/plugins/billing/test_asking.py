"""What billing asks others: a veto, and the doctor of today's appointment."""

import datetime as dt
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import ModuleType

import pytest
from sqlalchemy import text

from prikus.host.system import System
from prikus.testing.clinics import open_test_clinic
from prikus.testing.house import migrated, opened
from prikus.testing.servers import Servers
from prikus.toolkit import Conflict, Context, hookimpl
from prikus_billing.schemas.money import Proposal
from prikus_billing.services.invoices import propose
from tests.plugins.billing.conftest import Desk, Units, furnish

VISIT = text("""
    with place as (
      insert into core.chair (branch_id, name) select id, 'Кресло 1' from core.branch limit 1 returning id, branch_id)
    insert into calendar.appointment
      (patient_id, doctor_id, chair_id, branch_id, starts_at, ends_at, business_date, status_id, occupies)
    select :patient, :doctor, place.id, place.branch_id, cast(:at as timestamptz), cast(:until as timestamptz), :day,
      (select id from calendar.appointment_status where meaning = 'planned'), true
    from place returning id
""")


async def _visit(ctx: Context, patient_id: int, doctor_id: int) -> int | None:
    now = ctx.now()
    return await ctx.db.scalar(
        VISIT,
        {
            "patient": patient_id,
            "doctor": doctor_id,
            "at": now,
            "until": now + dt.timedelta(hours=1),
            "day": ctx.today(ctx.branch_id),
        },
    )


@pytest.mark.spec(
    "PAY-01", part="services", bites="prikus_billing.with_calendar:propose_doctor:return doctor_id, appointment_id"
)
@pytest.mark.usefixtures("noon")
async def test_the_doctor_of_todays_appointment_is_proposed(desk: Desk, ctx_as: Units, staff, client_as) -> None:
    doctor = await staff("doctor", last_name="Петров")
    async with ctx_as("director") as ctx:
        appointment = await _visit(ctx, desk.patient_id, doctor.staff_id)
    async with ctx_as("administrator") as ctx:
        assert await propose(ctx, desk.patient_id) == Proposal(doctor.staff_id, appointment)
    client = await client_as("administrator")
    panel = (await client.htmx.get(f"/billing/patients/{desk.patient_id}/invoices/new")).text
    assert f'data-doctor="{doctor.staff_id}" data-appointment="{appointment}"' in panel
    query = {"service": desk.filling, "doctor": doctor.staff_id, "appointment": appointment}
    row = (await client.htmx.get("/billing/lines/new", params=query)).text
    assert f'<option value="{doctor.staff_id}" selected>Петров' in row


async def test_without_an_appointment_nobody_is_proposed(desk: Desk, ctx_as: Units) -> None:
    async with ctx_as("administrator") as ctx:
        assert await propose(ctx, desk.patient_id) == Proposal()


async def test_without_the_calendar_nobody_is_proposed(desk: Desk, ctx_as: Units, staff) -> None:
    doctor = await staff("doctor")
    async with ctx_as("director") as ctx:
        await _visit(ctx, desk.patient_id, doctor.staff_id)
        await ctx.db.execute(text("update core.clinic_plugin set is_enabled = false where plugin_id = 'calendar'"))
        await ctx.db.execute(text("select core.bump_state()"))
    async with ctx_as("administrator") as ctx:
        assert not ctx.has("calendar")
        assert await propose(ctx, desk.patient_id) == Proposal()


@asynccontextmanager
async def desk_with(
    servers: Servers, answer: str | Exception | None, hook: str = "billing_may_invoice"
) -> AsyncIterator[Desk]:
    """A desk in an installation where another plugin answers «may this be invoiced», or cancelled."""
    other = ModuleType("prikus_other.hooks")

    async def asked(ctx: Context) -> str | None:
        if isinstance(answer, Exception):
            raise answer
        return answer

    asked.__module__, asked.__name__ = other.__name__, hook
    setattr(other, hook, hookimpl(asked))
    system = System.load()
    system.hooks.register(other, ("billing",))
    system.hooks.seal()
    async with opened(await migrated(servers, "quiet", 0), system) as house:
        clinic = await open_test_clinic(house)
        yield await furnish(clinic.ctx_as)
        await clinic.close()


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("Полис закрыт с 1 ноября.", "Полис закрыт с 1 ноября."),
        (RuntimeError("broken"), "Не удалось проверить, можно ли выставить счёт: модуль «Платежи» не отвечает."),
    ],
    ids=["refuses", "fails"],
)
async def test_another_plugin_may_refuse_and_one_that_fails_refuses_too(
    servers: Servers, answer: str | Exception, sentence: str
) -> None:
    async with desk_with(servers, answer) as desk:
        with pytest.raises(Conflict, match=re.escape(sentence)):
            await desk.invoice()
        assert await desk.ledger() == []


async def test_another_plugin_that_agrees_lets_it_pass(servers: Servers) -> None:
    async with desk_with(servers, None) as desk:
        assert (await desk.invoice()).number == "1"


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("Зарплата за этот месяц закрыта.", "Зарплата за этот месяц закрыта."),
        (RuntimeError("broken"), "Не удалось проверить, можно ли отменить счёт: модуль «Платежи» не отвечает."),
    ],
    ids=["refuses", "fails"],
)
async def test_another_plugin_may_keep_an_invoice_from_being_cancelled(
    servers: Servers, answer: str | Exception, sentence: str
) -> None:
    async with desk_with(servers, answer, "billing_may_cancel") as desk:
        invoice = (await desk.invoice()).invoice_id
        with pytest.raises(Conflict, match=re.escape(sentence)):
            await desk.cancel(invoice)
        assert await desk.rows("select status from billing.invoice") == [("issued",)]
