"""An ordered listener hears of one row in the order of its versions, whoever works, dies or waits (contract 5)."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select, text

from prikus.access.models import AuditRecord
from prikus.access.performing import Performer
from prikus.events.queue import CLAIM, HELD_BACK, TRIES, Head
from prikus.host.declarations import Event, listens
from prikus.settings.services.modules import switch
from prikus_teahouse.listeners import keep_book
from prikus_teahouse.models import Tea
from prikus_teahouse.services import trade

USUAL = {"share": 9, "held": [], "alone": True}
BOOK = "listener:teahouse.keep_book"


@pytest.fixture
async def teas(ctx_as) -> list[Tea]:
    async with ctx_as("system") as ctx:
        made = [Tea(name=name) for name in ("пуэр", "улун")]
        ctx.db.add_all(made)
    return made


@pytest.fixture
def book(ctx_as):
    async def read() -> list[str]:
        async with ctx_as("system") as ctx:
            query = select(AuditRecord.sentence).where(AuditRecord.action == "teahouse.booked").order_by(AuditRecord.id)
            return list(await ctx.db.scalars(query))

    return read


@pytest.fixture
def heads(runtime, clinic):
    async def read() -> list[tuple[str, int]]:
        query = text("select state, attempt from core.work where clinic_id = :id and kind = :kind order by id")
        async with runtime.relay.connect() as db:
            return [tuple(row) for row in await db.execute(query, {"id": clinic.id, "kind": BOOK})]

    return read


@pytest.fixture
def deal(ctx_as):
    """Trades, each in a transaction of its own."""

    async def trades(tea: Tea, *words: str) -> None:
        for word in words:
            async with ctx_as("system") as ctx:
                await trade(ctx, await ctx.load(Tea, tea.id), word)

    return trades


async def test_one_order_over_several_facts_of_a_row(teas, deal, book, house, clinic) -> None:
    words = ["куплен", "продан", "куплен ещё", "продан весь"]
    await deal(teas[0], *words)
    workers = [Performer(house.runtime, house.states) for _ in range(2)]
    while await book() != words:
        assert sum(await asyncio.gather(*(worker.perform_due(clinic.id) for worker in workers)))


async def test_facts_of_one_transaction_are_heard_as_they_were_told(teas, ctx_as, book, drain) -> None:
    async with ctx_as("system") as ctx:
        tea = await ctx.load(Tea, teas[0].id)
        for word in ("куплен", "продан"):
            await trade(ctx, tea, word)
    await drain()
    assert await book() == ["куплен", "продан"]


async def test_only_the_first_of_a_row_is_taken_and_other_rows_do_not_wait(teas, deal, house, clinic) -> None:
    await deal(teas[0], "куплен", "продан")
    await deal(teas[1], "куплен")
    queue = house.performer.queue
    taken = await queue.claim([BOOK], 9, clinic.id)
    assert len(taken) == 2
    assert await queue.claim([BOOK], 9, clinic.id) == []
    await house.performer.perform(taken[0])
    assert len(await queue.claim([BOOK], 9, clinic.id)) == 1


async def test_without_holding_back_the_order_is_lost(teas, deal, book, runtime, house, clinic) -> None:
    """The twin: two workers take one each, and the second is faster."""
    await deal(teas[0], "куплен", "продан")
    unguarded = text(CLAIM.text.replace(f"and not {HELD_BACK}", ""))
    taken = []
    for _ in range(2):
        async with runtime.relay.begin() as db:
            values = {"lease": 60, "kinds": [BOOK], "clinic": clinic.id, "count": 1, **USUAL}
            taken += [Head(*row) for row in await db.execute(unguarded, values)]
    for head in reversed(taken):
        await house.performer.perform(head)
    assert await book() == ["продан", "куплен"]


def test_what_a_listener_hears_is_named_once() -> None:
    with pytest.raises(TypeError, match="keep_book"):
        listens("tea.brewed", into=Event)(keep_book)


async def test_a_failing_one_holds_its_row_back_until_it_is_dropped(
    teas, deal, book, heads, hurry, house, clinic
) -> None:
    await deal(teas[0], "порча", "куплен", "продан")
    await deal(teas[1], "куплен другой")
    for _ in range(TRIES):
        await house.performer.perform_due(clinic.id)
        await hurry()
    assert await house.performer.perform_due(clinic.id) == 0
    assert await book() == ["куплен другой"]
    assert await heads() == [("dead", TRIES), ("due", 0), ("due", 0)]
    (letter,) = await house.performer.queue.letters(clinic_id=clinic.id)
    assert letter.holds_back == 2
    await house.performer.settle(clinic.id)
    assert await house.performer.queue.drop(letter.id)
    await house.performer.settle(clinic.id)
    assert await book() == ["куплен другой", "куплен", "продан"]


async def test_retried_it_still_comes_first(teas, deal, book, heads, hurry, performer, clinic) -> None:
    await deal(teas[0], "порча", "куплен")
    for _ in range(TRIES):
        await performer.perform_due(clinic.id)
        await hurry()
    (letter,) = await performer.queue.letters(clinic_id=clinic.id)
    assert await performer.queue.retry(letter.id)
    await performer.perform_due(clinic.id)
    assert (await book(), await heads()) == ([], [("due", 1), ("due", 0)])


async def test_a_switched_off_module_lays_the_whole_row_aside(
    teas, deal, book, heads, ctx_as, house, clinic, drain
) -> None:
    words = ["куплен", "продан", "куплен ещё"]
    await deal(teas[0], *words)
    async with ctx_as("director") as ctx:
        await switch(ctx, "teahouse", on=False, confirmed=("biscuits",))
    await house.performer.settle(clinic.id)
    assert [state for state, _ in await heads()] == ["parked"] * 3
    async with ctx_as("director") as ctx:
        await switch(ctx, "teahouse", on=True)
    await drain()
    assert await book() == words


async def test_the_order_is_that_of_the_row_and_not_of_the_transactions(teas, ctx_as, book, drain) -> None:
    """The second to change the row began first, and waited for it: its fact is older by the clock and goes second."""
    async with ctx_as("system") as early:
        await early.db.scalar(select(Tea.id))
        async with ctx_as("system") as late:
            await trade(late, await late.load(Tea, teas[0].id), "куплен")
        await trade(early, await early.load(Tea, teas[0].id), "продан")
    await drain()
    assert await book() == ["куплен", "продан"]


async def test_a_claim_does_not_read_what_others_wait_for(teas, deal, runtime, clinic) -> None:
    """The look at what comes before goes through its own index, also among many rows of others."""
    await deal(teas[0], "куплен", "продан")
    values = {"lease": 60, "kinds": [BOOK], "clinic": None, "count": 9, **USUAL}
    async with runtime.relay.connect() as db:
        for way in ("seqscan", "bitmapscan", "sort"):  # which a small table may prefer, as its statistics stand
            await db.execute(text(f"set local enable_{way} = off"))
        plan = "\n".join(await db.scalars(text(f"explain {CLAIM.text}"), values))
    assert "work_order_idx" in plan
    assert "work_turn_idx" in plan
