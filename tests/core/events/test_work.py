"""Facts and jobs: nothing for what was rolled back, once for what was kept, again for what failed (contract 5)."""

import asyncio
import signal

import pytest
from sqlalchemy import select, text

from prikus.access.models import AuditRecord
from prikus.access.performing import Performer
from prikus.app.scheduler import ask_for, clinics
from prikus.embedded import process
from prikus.events.queue import CLAIM, TRIES, Queue
from prikus.operator.upgrade import upgrade_database
from prikus.settings.services.modules import switch
from prikus.testing.databases import scratch_database
from prikus.testing.live import environment, started
from prikus_teahouse.jobs import Order, brew_order
from prikus_teahouse.models import Cup, Tea
from prikus_teahouse.services import brew
from tests.waiting import until

LISTENER = "listener:teahouse.pour_a_cup"
USUAL = {"share": 50, "held": [], "alone": True}


@pytest.fixture
async def tea(ctx_as) -> Tea:
    async with ctx_as("system") as ctx:
        made = Tea(name="пуэр")
        ctx.db.add(made)
    return made


@pytest.fixture
def cups(ctx_as):
    async def read() -> list[int]:
        async with ctx_as("system") as ctx:
            return list(await ctx.db.scalars(select(Cup.number).order_by(Cup.id)))

    return read


@pytest.fixture
def heads(runtime, clinic):
    """Heads of this clinic's work, as (state, attempt, error)."""

    async def read() -> list[tuple]:
        query = text("select state, attempt, error from core.work where clinic_id = :id order by id")
        async with runtime.relay.connect() as db:
            return [tuple(row) for row in await db.execute(query, {"id": clinic.id})]

    return read


async def order(ctx_as, tea: Tea, number: int, seconds: float = 0) -> None:
    async with ctx_as("director") as ctx:
        await ctx.enqueue(brew_order, Order(tea.id, number, seconds))


async def tell(ctx_as, tea: Tea, strength: int = 1) -> None:
    async with ctx_as("director") as ctx:
        await brew(ctx, await ctx.load(Tea, tea.id), strength)


async def test_a_fact_is_heard_once_by_the_plugin_itself(tea, ctx_as, drain, cups, heads) -> None:
    await tell(ctx_as, tea)
    assert await cups() == []
    assert await drain() == 1
    assert await drain() == 0
    assert (await cups(), await heads()) == ([1], [])
    async with ctx_as("system") as ctx:
        assert await ctx.db.scalar(select(Cup.note)) == "plugin:teahouse"


async def test_what_is_rolled_back_was_never_told(tea, ctx_as, drain, cups, heads) -> None:
    async def fail() -> None:
        async with ctx_as("director") as ctx:
            await brew(ctx, await ctx.load(Tea, tea.id))
            await ctx.enqueue(brew_order, Order(tea.id, 2))
            raise RuntimeError("no tea today")

    with pytest.raises(RuntimeError, match="no tea today"):
        await fail()
    assert await drain() == 0
    assert (await cups(), await heads()) == ([], [])


async def test_a_fact_delivered_again_has_no_second_effect(tea, ctx_as, drain, cups, runtime, clinic) -> None:
    await tell(ctx_as, tea)
    async with runtime.relay.connect() as db:
        ref = await db.scalar(text("select ref from core.work where clinic_id = :id"), {"id": clinic.id})
    await drain()
    async with ctx_as("system") as ctx:
        await ctx.db.execute(text("select core.enqueue(array[:kind], :ref, now())"), {"kind": LISTENER, "ref": ref})
    assert await drain() == 1
    assert await cups() == [1]


async def test_a_failing_listener_leaves_nothing_and_is_tried_again(
    tea, ctx_as, performer, clinic, cups, heads, hurry
) -> None:
    await tell(ctx_as, tea, strength=11)
    for attempt in range(1, TRIES + 1):
        assert await performer.perform_due(clinic.id) == 1
        state = "dead" if attempt == TRIES else "due"
        assert await heads() == [(state, attempt, "Слишком крепко.")]
        assert await performer.perform_due(clinic.id) == 0, "it did not wait for its turn"
        await hurry()
    assert await performer.perform_due(clinic.id) == 0
    assert await cups() == []
    (letter,) = await performer.queue.letters(clinic_id=clinic.id)
    assert await performer.queue.retry(letter.id)
    assert await performer.perform_due(clinic.id) == 1
    assert await heads() == [("due", 1, "Слишком крепко.")]


async def test_a_dead_letter_holds_back_nothing_else(tea, ctx_as, performer, clinic, cups) -> None:
    await tell(ctx_as, tea, strength=11)
    await tell(ctx_as, tea, strength=1)
    assert await performer.perform_due(clinic.id) == 2
    assert await cups() == [1]


async def test_a_late_worker_cannot_finish_what_another_took_over(tea, ctx_as, house, clinic, cups, hurry) -> None:
    await order(ctx_as, tea, 7)
    kinds = house.system.kinds()
    (late,) = await house.performer.queue.claim(kinds, 1, clinic.id)
    await hurry()
    (taken,) = await house.performer.queue.claim(kinds, 1, clinic.id)
    assert (taken.id, taken.attempt) == (late.id, late.attempt + 1)
    await house.performer.perform(late)
    assert await cups() == [], "the late one's work was kept"
    await house.performer.perform(taken)
    assert await cups() == [7]


async def test_work_under_a_live_lease_is_nobody_elses(tea, ctx_as, house, clinic) -> None:
    await order(ctx_as, tea, 7)
    kinds = house.system.kinds()
    assert len(await house.performer.queue.claim(kinds, 1, clinic.id)) == 1
    assert await house.performer.queue.claim(kinds, 1, clinic.id) == []


async def test_two_workers_share_the_work_without_doubles(tea, ctx_as, house, clinic, cups) -> None:
    for number in range(30):
        await order(ctx_as, tea, number)
    others = [Performer(house.runtime, house.states) for _ in range(3)]
    done = await asyncio.gather(*(performer.perform_due(clinic.id) for performer in others))
    assert sum(done) == 30
    assert sorted(await cups()) == list(range(30))


async def claimed_by_two(house, clinic, runtime, claim: str) -> list[set[int]]:
    """What two workers hold, the second of whom came before the first one's claim was committed."""
    values = {"lease": 60, "kinds": house.system.kinds(), "clinic": clinic.id, "count": 50, **USUAL}
    waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%update core.work%'"

    async def take() -> set[int]:
        async with runtime.relay.begin() as db:
            await db.execute(text("set local lock_timeout = '60s'"))  # it waits for the test
            return {row.id for row in await db.execute(text(claim), values)}

    async with runtime.relay.begin() as first:
        held = {row.id for row in await first.execute(text(claim), values)}
        second = asyncio.create_task(take())
        async with asyncio.timeout(60), runtime.relay.connect() as aside:
            while not second.done() and not await aside.scalar(text(waiting)):
                await aside.rollback()
    return [held, await second]


async def test_what_one_worker_is_claiming_no_other_claims(tea, ctx_as, house, clinic, runtime) -> None:
    await order(ctx_as, tea, 7)
    held, late = await claimed_by_two(house, clinic, runtime, CLAIM.text)
    assert (len(held), late) == (1, set())


async def test_without_skipping_what_is_locked_both_would_hold_it(tea, ctx_as, house, clinic, runtime) -> None:
    """The twin."""
    await order(ctx_as, tea, 7)
    held, late = await claimed_by_two(house, clinic, runtime, CLAIM.text.replace("for update skip locked", ""))
    assert held == late != set()


async def test_what_killed_its_worker_twice_is_given_up(tea, ctx_as, house, clinic, heads, hurry) -> None:
    await order(ctx_as, tea, 7)
    queue, kinds = house.performer.queue, house.system.kinds()
    for _ in range(2):
        assert len(await queue.claim(kinds, 1, clinic.id)) == 1
        await hurry()
    assert await queue.claim(kinds, 1, clinic.id) == []
    ((state, _, error),) = await heads()
    assert (state, error) == ("dead", "Дважды остановило обработчик и больше не повторяется само.")


async def test_a_worker_leaves_alone_what_it_does_not_know(tea, ctx_as, runtime, clinic) -> None:
    await order(ctx_as, tea, 7)
    assert await Queue(runtime.relay).claim([LISTENER], 1, clinic.id) == []


async def test_work_of_a_module_that_is_off_waits_for_it(tea, clinic, ctx_as, house, drain, cups, heads) -> None:
    await tell(ctx_as, tea, 3)
    await order(ctx_as, tea, 7)
    async with ctx_as("director") as ctx:
        await switch(ctx, "teahouse", on=False, confirmed=("biscuits",))
    await drain()
    assert [state for state, _, _ in await heads()] == ["parked", "parked"]
    assert await cups() == []
    async with ctx_as("director") as ctx:
        await switch(ctx, "teahouse", on=True)
        await ctx.db.execute(text("update teahouse.tea set deleted_at = now() where name = 'Чай заведения'"))
    await drain()
    assert (sorted(await cups()), await heads()) == ([3, 7], [])


async def test_a_schedule_asks_only_clinics_where_the_module_is_on(
    tea_system, house, clinic, make_clinic, drain
) -> None:
    without = await make_clinic(plan="start")
    both = clinic.id, without.id
    assert {*both} <= {*await clinics(house.runtime)}
    assert await ask_for(house.runtime, house.states, tea_system.jobs["teahouse.wash_cups"], both) == 1
    washed = select(AuditRecord.id).where(AuditRecord.action == "teahouse.washed")
    for one, times in ((clinic, 1), (without, 0)):
        await one.drain()
        async with one.ctx_as("system") as ctx:
            assert len(list(await ctx.db.scalars(washed))) == times


@pytest.mark.parametrize("word", [signal.SIGTERM, signal.SIGINT])
async def test_a_worker_process_stops_within_ten_seconds(house, tea_system, word: signal.Signals) -> None:
    async with scratch_database(house.config) as config:
        await upgrade_database(config)
        log = config.data / f"worker-{word.name}.log"
        worker = started("worker", environment(config), log)
        try:
            async with asyncio.timeout(60):
                while "worker ready" not in log.read_text():
                    assert worker.poll() is None, log.read_text()
                    await asyncio.sleep(0.05)
            assert await asyncio.to_thread(process.stop, worker, word, 10.0), log.read_text()
        finally:
            await asyncio.to_thread(process.stop, worker, signal.SIGKILL, 60)
        assert worker.returncode == 0, log.read_text()


async def test_what_lay_beside_a_culprit_is_done(tea, ctx_as, house, clinic, cups, heads, hurry) -> None:
    """A worker takes twenty at once and dies at the third, whoever takes them next: only the third is buried."""
    for number in range(20):
        await order(ctx_as, tea, number)
    queue, kinds = house.performer.queue, house.system.kinds()
    batch = await queue.claim(kinds, 20, clinic.id)
    culprit = batch[2].id
    for head in batch[:2]:
        await house.performer.perform(head)
    await hurry()
    sizes = []
    while taken := await queue.claim(kinds, 20, clinic.id):
        sizes.append(len(taken))
        for head in taken:
            if head.id != culprit:
                await house.performer.perform(head)
        await hurry()
    assert sizes == [1] * 18
    assert sorted(await cups()) == [number for number in range(20) if number != 2]
    assert [state for state, _, _ in await heads()] == ["dead"]


async def test_suspects_do_not_hold_back_fresh_work(tea, ctx_as, house, clinic, hurry) -> None:
    await order(ctx_as, tea, 1)
    queue, kinds = house.performer.queue, house.system.kinds()
    (lost,) = await queue.claim(kinds, 20, clinic.id)
    await hurry()
    for number in (2, 3):
        await order(ctx_as, tea, number)
    assert [head.id for head in await queue.claim(kinds, 20, clinic.id)] == [lost.id]
    assert len(await queue.claim(kinds, 20, clinic.id)) == 2


async def test_a_sign_of_life_renews_only_ones_own_lease(tea, ctx_as, house, clinic, runtime, hurry) -> None:
    async def lease() -> object:
        async with runtime.relay.connect() as db:
            return await db.scalar(text("select lease_until from core.work where clinic_id = :id"), {"id": clinic.id})

    await order(ctx_as, tea, 1)
    queue, kinds = house.performer.queue, house.system.kinds()
    (late,) = await queue.claim(kinds, 1, clinic.id)
    await hurry()
    (taken,) = await queue.claim(kinds, 1, clinic.id)
    before = await lease()
    await queue.beat([late])
    assert await lease() == before
    await queue.beat([taken])
    assert await lease() > before


async def test_a_worker_that_stops_hands_its_work_back_without_a_mark(tea, ctx_as, house, clinic, runtime) -> None:
    """Stopped over the first of two: both are due at once, however often that happens, and none is a suspect."""
    for number in (1, 2):
        await order(ctx_as, tea, number, seconds=20)
    look = text("select state, lost from core.work where clinic_id = :id order by id")

    async def both_run() -> bool:
        async with runtime.relay.connect() as db:
            return [row.state for row in await db.execute(look, {"id": clinic.id})] == ["running"] * 2

    for _ in range(3):
        performer = Performer(house.runtime, house.states)
        working = asyncio.create_task(performer.perform_due(clinic.id))
        await until(both_run)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        await performer.hand_back()
        async with runtime.relay.connect() as db:
            assert [tuple(row) for row in await db.execute(look, {"id": clinic.id})] == [("due", 0)] * 2
