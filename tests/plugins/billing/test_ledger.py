"""The ledger guards itself in the database, and its check finds what disagrees."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from prikus.data.upgrade import plain
from prikus.testing.house import House
from prikus.toolkit import Context
from prikus_billing.services.check import check_ledger
from tests.plugins.billing.conftest import Desk, Units
from tests.waiting import PATIENCE

MORE = text("""
    insert into billing.ledger_entry
      (transaction_id, account, patient_id, legal_entity_id, invoice_id, amount, business_date)
    select transaction_id, account, patient_id, legal_entity_id, invoice_id, :more, business_date
    from billing.ledger_entry where account = :account
""")
TABLES = ("ledger_transaction", "ledger_entry", "payment")


async def test_an_entry_that_unbalances_its_transaction_is_refused_at_the_commit(desk: Desk, ctx_as: Units) -> None:
    await desk.invoice()
    with pytest.raises(DBAPIError, match="does not balance"):
        async with ctx_as("system") as ctx:
            await ctx.db.execute(MORE, {"account": "revenue", "more": 1})
    assert len(await desk.ledger()) == 2


async def test_two_entries_that_balance_each_other_pass(desk: Desk, ctx_as: Units) -> None:
    """The twin: not the insert is refused but the sum."""
    await desk.invoice()
    async with ctx_as("system") as ctx:
        await ctx.db.execute(MORE, {"account": "revenue", "more": 1})
        await ctx.db.execute(MORE.bindparams(account="receivable", more=-1))
    assert len(await desk.ledger()) == 4


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", ["update billing.{} set business_date = business_date", "delete from billing.{}"])
async def test_what_was_posted_cannot_be_changed(desk: Desk, ctx_as: Units, table: str, change: str) -> None:
    await desk.pay((await desk.invoice()).invoice_id, cash="100")
    with pytest.raises(DBAPIError, match="is append-only"):
        async with ctx_as("system") as ctx:
            await ctx.db.execute(text(change.format(table)))


@pytest.mark.parametrize("table", TABLES)
async def test_not_even_an_administrator_of_the_database_truncates_it(desk: Desk, house: House, table: str) -> None:
    await desk.pay((await desk.invoice()).invoice_id, cash="100")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="is append-only"):
        await truncate(house, table)


async def truncate(house: House, table: str) -> None:
    """As soon as no other test uses it; nobody stands behind this for long."""
    assert house.config.database_url is not None
    admin = await asyncpg.connect(plain(house.config.database_url))
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                with suppress(asyncpg.LockNotAvailableError):
                    await admin.execute(f"set lock_timeout = '200ms'; truncate billing.{table} cascade")
                    return
    finally:
        await admin.close()


@pytest.mark.parametrize(
    "change",
    [
        "status = 'paid'",
        "status = 'partly_paid'",
        "paid = total",
        "paid = total + 1, status = 'partly_paid'",
        "paid = -1, status = 'partly_paid'",
    ],
)
async def test_a_state_that_contradicts_the_sums_cannot_be_written(desk: Desk, ctx_as: Units, change: str) -> None:
    await desk.invoice()
    with pytest.raises(DBAPIError, match="violates check constraint"):
        async with ctx_as("system") as ctx:
            await ctx.db.execute(text(f"update billing.invoice set {change}"))


@asynccontextmanager
async def _undone(ctx_as: Units) -> AsyncIterator[Context]:
    """A unit of work that is rolled back, so that a spoiled ledger is nobody else's."""
    async with ctx_as("system") as ctx:
        yield ctx
        await ctx.db.rollback()


SPOILING = {
    "paid that the ledger does not know": "update billing.invoice set paid = 1, status = 'partly_paid' where paid = 0",
    "a total that the lines do not give": "update billing.invoice set total = total + 1 where paid = 0",
    "a line too few": "delete from billing.invoice_line where position = 1",
    "a hole in the numbers": "update billing.invoice set number = number + 10",
    "a counter that runs ahead": "update core.counter set value = value + 1 where series = 'invoice'",
}


@pytest.mark.parametrize("spoil", SPOILING.values(), ids=SPOILING.keys())
async def test_the_check_finds(desk: Desk, ctx_as: Units, spoil: str) -> None:
    await desk.pay((await desk.invoice()).invoice_id, cash="9100")
    await desk.invoice()
    async with _undone(ctx_as) as ctx:
        assert await check_ledger(ctx.db) == []
        await ctx.db.execute(text(spoil))
        assert await check_ledger(ctx.db) != []


async def test_the_check_finds_entries_that_do_not_balance(desk: Desk, ctx_as: Units) -> None:
    await desk.invoice()
    async with _undone(ctx_as) as ctx:
        await ctx.db.execute(MORE, {"account": "revenue", "more": 1})
        assert any("не сходится" in sentence for sentence in await check_ledger(ctx.db))
