"""The clinic's mode: normal, read only after term and grace, suspended (SET-02, contract 3)."""

import asyncio
import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, event, func, select, text

from prikus.access.models import AuditRecord
from prikus.access.performing import Performer
from prikus.app.scheduler import ask_for
from prikus.clinics.state import GRACE_DAYS, ClinicState
from prikus.data.session import Scope
from prikus.errors import NotFound
from prikus.host.gate import Gate
from prikus.operator.subscriptions import Terms, change_subscription
from prikus.settings.services.modules import switch
from prikus_teahouse.models import Cup, Tea
from prikus_teahouse.services import NewTea, add_tea, brew

READ_ONLY = "данные можно смотреть и печатать, но не менять"


async def end(clinic, days: int) -> ClinicState:
    """The term ended so many days ago by the clinic's own clock."""
    today = dt.datetime.now(dt.UTC).astimezone((await clinic.house.states.get(clinic.id)).zone).date()
    return await change_subscription(clinic.house.runtime, clinic.slug, Terms(ends_on=today - dt.timedelta(days=days)))


async def set_terms(clinic, **terms) -> ClinicState:
    return await change_subscription(clinic.house.runtime, clinic.slug, Terms(**terms))


async def heads(clinic) -> list[str]:
    async with clinic.house.runtime.relay.connect() as db:
        query = text("select state from core.work where clinic_id = :id order by id")
        return list(await db.scalars(query, {"id": clinic.id}))


async def audited(clinic) -> list[str]:
    async with clinic.house.runtime.session(Scope(clinic.id)) as db:
        return list(await db.scalars(select(AuditRecord.action).order_by(AuditRecord.id)))


async def cups(clinic) -> int:
    async with clinic.house.runtime.session(Scope(clinic.id)) as db:
        return await db.scalar(select(func.count()).select_from(Cup)) or 0


async def brewed_while_off(clinic) -> None:
    """The module is off, and there is work for it that nobody has looked at."""
    async with clinic.ctx_as("director") as ctx:
        await switch(ctx, "teahouse", False, confirmed=("biscuits",))
    await clinic.drain()
    async with clinic.ctx_as("system") as ctx:
        await brew(ctx, await add_tea(ctx, NewTea("улун")))


@pytest.fixture
def open_gate(monkeypatch):
    """The guard off: the gate lets everything through."""
    monkeypatch.setattr(Gate, "passes", lambda gate, scope: True)


@pytest.mark.parametrize(
    ("days", "mode"),
    [(-1, "normal"), (0, "normal"), (1, "normal"), (GRACE_DAYS, "normal"), (GRACE_DAYS + 1, "read_only")],
)
async def test_the_mode_follows_the_term_and_the_grace(clinic, days: int, mode: str) -> None:
    assert (await end(clinic, days)).mode == mode
    assert (await set_terms(clinic, state="suspended")).mode == "suspended"
    assert (await set_terms(clinic, state="active")).mode == mode
    assert (await set_terms(clinic, ends_on=None)).mode == "normal"


async def test_the_head_is_warned_while_the_grace_runs_and_others_are_not(clinic, client_as) -> None:
    await end(clinic, 3)
    words = "всё работает, потом – только просмотр"
    assert words in (await (await client_as("director")).get("/patients/")).text
    assert words not in (await (await client_as("administrator")).get("/patients/")).text
    await end(clinic, GRACE_DAYS + 1)
    assert READ_ONLY in (await (await client_as("administrator")).get("/patients/")).text


async def test_in_a_read_only_clinic_everything_is_read_and_nothing_is_changed(clinic, client_as) -> None:
    client = await client_as("director")
    await end(clinic, 60)
    for path in ("/teahouse/teas", "/teahouse/pairs", "/api/v1/teahouse/teas", "/patients/", "/settings/modules"):
        assert (await client.get(path)).status_code == 200, path
    for path in ("/teahouse/teas/улун/well", "/patients/new", "/settings/modules/teahouse/off"):
        refused = await client.htmx.post(path, data={"last_name": "Чужой", "confirmed": "biscuits"})
        assert refused.status_code == 403, path
        assert READ_ONLY in refused.json()["sentence"]
        assert refused.json()["reason"] == "read_only"
    async with clinic.ctx_as("director") as ctx:
        assert await ctx.db.scalar(select(Tea.id).where(Tea.name == "улун")) is None
        assert ctx.clinic.effective >= {"teahouse"}


async def test_without_the_gate_the_transaction_itself_refuses(clinic, client_as, open_gate) -> None:
    """The net below the gate, in words of its own."""
    client = await client_as("director")
    await end(clinic, 60)
    refused = await client.htmx.post("/teahouse/teas/улун/well")
    assert refused.status_code == 403
    assert "Подписка закончилась" in refused.json()["sentence"]
    assert "reason" not in refused.json()


async def test_twin_without_gate_and_read_only_transaction_the_change_happens(
    clinic, client_as, open_gate, monkeypatch
) -> None:
    client = await client_as("director")
    await end(clinic, 60)
    monkeypatch.setattr(ClinicState, "mode", "normal")
    assert (await client.htmx.post("/teahouse/teas/улун/well")).is_success
    async with clinic.house.runtime.session(Scope(clinic.id)) as db:
        assert await db.scalar(select(Tea.id).where(Tea.name == "улун")) is not None


async def test_the_audit_is_written_while_reading_only(clinic) -> None:
    await end(clinic, 60)
    async with clinic.ctx_as("director") as ctx:
        await ctx.audit("tea.looked_at", "tea", None, "Посмотрели чай")
    assert (await audited(clinic))[-1] == "tea.looked_at"


async def test_what_failed_while_reading_only_leaves_no_audit(clinic) -> None:
    """As everywhere: a handler that fails has done nothing."""
    await end(clinic, 60)

    async def fail() -> None:
        async with clinic.ctx_as("director") as ctx:
            await ctx.audit("tea.looked_at", "tea", None, "Посмотрели чай")
            raise NotFound

    with pytest.raises(NotFound):
        await fail()
    assert "tea.looked_at" not in await audited(clinic)


async def test_work_waits_while_the_term_is_over_and_is_done_once_when_it_is_paid(clinic, drain) -> None:
    async with clinic.ctx_as("system") as ctx:
        tea = await add_tea(ctx, NewTea("улун"))
        await brew(ctx, tea)
    await end(clinic, 60)
    performer = clinic.house.performer
    await performer.perform_due(clinic.id)
    await performer.perform_due(clinic.id)
    assert await heads(clinic) == ["parked"]
    assert await cups(clinic) == 0
    await set_terms(clinic, ends_on=None)
    await set_terms(clinic, ends_on=None)
    await drain()
    assert await heads(clinic) == []
    assert await cups(clinic) == 1


async def test_twin_work_that_does_not_ask_for_the_mode_is_done_anyway(clinic, monkeypatch) -> None:
    async with clinic.ctx_as("system") as ctx:
        await brew(ctx, await add_tea(ctx, NewTea("улун")))
    await end(clinic, 60)
    monkeypatch.setattr(ClinicState, "works_for", lambda state, owners: True)
    await clinic.house.performer.perform_due(clinic.id)
    assert await cups(clinic) == 1


@pytest.mark.parametrize("terms", [{"state": "suspended"}, {"ends_on": dt.date(2020, 1, 1)}])
async def test_no_schedule_runs_while_the_clinic_does_not_work(clinic, terms) -> None:
    await set_terms(clinic, **terms)
    washing = clinic.house.system.jobs["teahouse.wash_cups"]
    await ask_for(clinic.house.runtime, clinic.house.states, washing, [clinic.id])
    assert await heads(clinic) == []
    await set_terms(clinic, state="active", ends_on=None)
    await ask_for(clinic.house.runtime, clinic.house.states, washing, [clinic.id])
    assert await heads(clinic) == ["due"]


async def test_work_seen_as_off_just_before_switching_on_is_not_left_lying(clinic) -> None:
    """The worker has judged by an old state; the switch comes between its look and its parking."""
    await brewed_while_off(clinic)
    queue = clinic.house.performer.queue
    seen = await clinic.house.states.get(clinic.id)
    (head,) = await queue.claim(clinic.house.system.kinds(), 1, clinic.id)
    async with clinic.ctx_as("director") as ctx:
        await switch(ctx, "teahouse", True)
    assert not await queue.park(head, seen.version)
    await clinic.house.performer.perform(head)
    assert await cups(clinic) == 1


@pytest.fixture
def patient_relay(runtime) -> Iterator[None]:
    """What waits for the test does not give up before it."""

    def begun(db: Connection) -> None:
        db.exec_driver_sql("set local lock_timeout = '60s'")

    event.listen(runtime.relay.sync_engine, "begin", begun)
    yield
    event.remove(runtime.relay.sync_engine, "begin", begun)


async def test_parking_waits_for_the_switch_that_is_under_way(clinic, patient_relay) -> None:
    """The switch has looked for parked work already and has not committed: parking must not slip in between."""
    await brewed_while_off(clinic)
    queue = clinic.house.performer.queue
    (head,) = await queue.claim(clinic.house.system.kinds(), 1, clinic.id)
    seen = await clinic.house.states.get(clinic.id)
    async with clinic.ctx_as("director") as ctx:
        await switch(ctx, "teahouse", True)
        parking = asyncio.create_task(queue.park(head, seen.version))
        await waits_for_a_lock(clinic)
    assert not await parking


async def test_twin_parking_that_does_not_look_leaves_work_lying(clinic, drain) -> None:
    await brewed_while_off(clinic)
    performer: Performer = clinic.house.performer
    (head,) = await performer.queue.claim(clinic.house.system.kinds(), 1, clinic.id)
    async with clinic.ctx_as("director") as ctx:
        await switch(ctx, "teahouse", True)
    async with clinic.house.runtime.relay.begin() as db:
        await db.execute(text("update core.work set state = 'parked' where id = :id"), {"id": head.id})
    await drain()
    assert "parked" in await heads(clinic)
    assert await cups(clinic) == 0


async def waits_for_a_lock(clinic) -> None:
    """Until a statement about parking waits in the database."""
    query = text(
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%core.park%' "
        "and datname = current_database()"
    )
    async with asyncio.timeout(60), clinic.house.runtime.relay.connect() as db:
        while not await db.scalar(query):
            await db.rollback()
            await asyncio.sleep(0)


async def test_a_suspended_clinic_shows_one_page_everywhere(clinic, client_as, stranger) -> None:
    director, doctor = await client_as("director"), await client_as("doctor")
    await set_terms(clinic, state="suspended")
    for path in (
        "/",
        "/patients/",
        "/teahouse/teas",
        "/teahouse/nowhere",
        "/settings/modules",
        "/settings/menu",
        "/no",
    ):
        page = await director.get(path)
        assert page.status_code == 403, path
        assert "Работа клиники приостановлена" in page.text
        assert 'action="/sign-out"' in page.text
    assert "Возобновить её может оператор системы" in page.text
    assert "Узнать причину у оператора может Руководитель К." in (await doctor.get("/patients/")).text
    refused = await director.post("/api/v1/teahouse/teas")
    assert refused.status_code == 403
    assert refused.json()["reason"] == "suspended"
    assert (await director.get("/live")).status_code == 403
    assert (await stranger.get("/patients/", headers={"Accept": "text/html"})).status_code == 303
    await set_terms(clinic, state="active")
    assert (await director.get("/patients/")).status_code == 200


async def test_people_of_a_suspended_clinic_can_sign_out_and_choose_another(clinic, client_as) -> None:
    director = await client_as("director")
    await set_terms(clinic, state="suspended")
    assert clinic.slug
    assert (await director.get("/clinics-of-mine")).status_code == 200
    assert (await director.post("/sign-out")).status_code == 303
    assert (await director.get("/patients/")).status_code == 303


async def test_twin_a_suspension_that_nothing_asks_for_shows_the_pages(clinic, client_as, monkeypatch) -> None:
    director = await client_as("director")
    await set_terms(clinic, state="suspended")
    monkeypatch.setattr(ClinicState, "mode", "normal")
    monkeypatch.setattr(ClinicState, "is_effective", lambda state, owners: state.effective.issuperset(owners))
    assert (await director.get("/patients/")).status_code == 200


async def test_a_suspended_clinics_work_waits(clinic, drain) -> None:
    async with clinic.ctx_as("system") as ctx:
        await brew(ctx, await add_tea(ctx, NewTea("улун")))
    await set_terms(clinic, state="suspended")
    await clinic.house.performer.perform_due(clinic.id)
    assert await heads(clinic) == ["parked"]
    await set_terms(clinic, state="active")
    await drain()
    assert await cups(clinic) == 1


async def test_a_change_of_plan_takes_modules_away_and_brings_them_back(clinic, client_as, drain) -> None:
    client = await client_as("director")
    async with clinic.ctx_as("system") as ctx:
        await brew(ctx, await add_tea(ctx, NewTea("улун")))
    await set_terms(clinic, plan="start")
    assert (await client.get("/teahouse/teas")).status_code == 404
    await drain()
    assert "teahouse.closed" in await audited(clinic)
    assert await heads(clinic) == ["parked"]
    await set_terms(clinic, plan="tea")
    assert (await client.get("/teahouse/teas")).status_code == 200
    await drain()
    assert await cups(clinic) == 1


@pytest.mark.parametrize(
    ("slug", "terms", "sentence"),
    [("no-such", {}, "Клиники «no-such» нет"), (None, {"plan": "golden"}, "Тарифа «golden» нет")],
)
async def test_an_unknown_clinic_or_plan_is_refused(clinic, slug, terms, sentence) -> None:
    with pytest.raises(NotFound, match=sentence):
        await change_subscription(clinic.house.runtime, slug or clinic.slug, Terms(**terms))
    assert (await clinic.house.states.get(clinic.id)).plan_code == "tea"
