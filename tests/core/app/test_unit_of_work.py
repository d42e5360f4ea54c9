"""Begin, handle, render, commit, respond: nobody is told what is not so (architecture 3, 5)."""

import asyncio

import pytest
from sqlalchemy import select, text

from prikus.access.models import AuditRecord
from prikus.events.models import OutboxEvent
from prikus_teahouse.models import Tea
from tests.waiting import until


@pytest.fixture
def kept(ctx_as):
    """Whether a tea and the fact about it have been kept."""

    async def look(name: str) -> tuple[int, int]:
        async with ctx_as("system") as ctx:
            teas = list(await ctx.db.scalars(select(Tea.id).where(Tea.name == name)))
            facts = list(await ctx.db.scalars(select(OutboxEvent.id).where(OutboxEvent.name == "tea.brewed")))
        return len(teas), len(facts)

    return look


async def test_a_redirect_commits(client_as, kept) -> None:
    answer = await (await client_as("administrator")).post("/teahouse/teas/улун/well")
    assert (answer.status_code, answer.headers["location"]) == (303, "/teahouse/teas")
    assert await kept("улун") == (1, 1)


@pytest.mark.parametrize(("ending", "status"), [("conflict", 409), ("fault", 500), ("twice", 500), ("timeout", 503)])
async def test_an_error_rolls_back_and_says_so(client_as, kept, ending: str, status: int) -> None:
    answer = await (await client_as("administrator")).post(f"/teahouse/teas/улун/{ending}")
    assert answer.status_code == status, answer.text
    assert await kept("улун") == (0, 0)


async def test_what_is_written_about_something_gone_is_a_conflict_in_words(client_as, kept) -> None:
    """As a visit for a card that was merged while the form was open: the foreign key refuses it."""
    client = (await client_as("administrator")).htmx
    answer = await client.post("/teahouse/teas/улун/nowhere")
    assert (answer.status_code, "Обновите страницу" in answer.json()["sentence"]) == (409, True)
    assert await kept("улун") == (0, 0)


async def test_a_passing_trouble_asks_for_another_try(client_as) -> None:
    answer = await (await client_as("administrator")).post("/teahouse/teas/улун/timeout")
    assert answer.headers["retry-after"] == "2"


async def test_a_fault_tells_nothing_of_itself(client_as) -> None:
    answer = await (await client_as("administrator")).post("/teahouse/teas/улун/fault")
    assert "kettle" not in answer.text
    assert "Traceback" not in answer.text


async def test_what_a_right_forbids_changes_nothing_but_is_recorded(client_as, kept, ctx_as) -> None:
    doctor = await client_as("doctor")
    answer = await doctor.post("/teahouse/teas/улун/well")
    assert answer.status_code == 403
    assert "Чай: заваривание" in answer.text
    assert await kept("улун") == (0, 0)
    async with ctx_as("system") as ctx:
        refusals = await ctx.db.scalars(select(AuditRecord.after).where(AuditRecord.action == "refused"))
        assert [after["path"] for after in refusals] == ["/teahouse/teas/улун/well"]


async def open_transactions(runtime, last: str) -> int:
    """How many transactions of the application are open whose last statement is like this."""
    query = text("""
        select count(*) from pg_stat_activity where datname = current_database() and state <> 'idle'
          and query like :last and pid <> pg_backend_pid()
    """)
    async with runtime.app.connect() as db:
        return await db.scalar(query, {"last": last})


@pytest.mark.parametrize("ending", ["wait", "think"])
async def test_a_request_that_is_given_up_leaves_no_open_transaction(client_as, runtime, kept, ending: str) -> None:
    client = await client_as("administrator")
    before = runtime.app.pool.checkedout()
    # What the server shows of a transaction whose last statement is the one in which, or after which, the tea waits.
    last = {"wait": "select pg_sleep%", "think": "%core.deliver%"}[ending]

    async def is_inside() -> bool:
        return await open_transactions(runtime, last) == 1

    asking = asyncio.create_task(client.post(f"/teahouse/teas/улун/{ending}"))
    await until(is_inside)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert asking.cancelled()

    async def is_over() -> bool:
        return runtime.app.pool.checkedout() == before

    await until(is_over)
    assert await kept("улун") == (0, 0)
    async with runtime.app.connect() as db:
        assert await db.scalar(text("select current_setting('app.clinic_id', true)")) in (None, "")


async def test_a_request_is_two_transactions_and_few_statements(client_as, count_statements) -> None:
    client = await client_as("administrator")
    await client.get("/teahouse/teas")
    with count_statements() as statements:
        await client.get("/teahouse/teas")
    assert [statement.split()[:4] for statement in statements] == [
        ["select", "*", "from", "core.enter($1,"],
        ["SELECT", "teahouse.tea.name", "FROM", "teahouse.tea"],
    ]
