"""The loud policy and the keys: what one clinic can neither read nor point at (reliability 1, 2)."""

import asyncio

import pytest
from asyncpg import InterfaceError
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import create_async_engine

from prikus.data.session import ClinicConnection, ClinicSession, Scope, driver_url, make_engine
from prikus.data.statements import prepared_sql
from prikus_teahouse.models import Origin, Tea

COUNT = select(func.count()).select_from(Tea)
NEVER_SET, SET_BEFORE = "42704", "22P02"


class Forgetful(ClinicConnection):
    """A connection whose pending scope is not consumed: the mistake that the real one must not make."""

    async def execute(self, query, *args, **kw):
        if query.startswith("BEGIN") and self.pending_scope is not None:
            query = self.pending_scope.begin()
        return await super(ClinicConnection, self).execute(query, *args, **kw)


@pytest.fixture
async def one_connection(runtime):
    engine = make_engine(runtime.urls.url("app"), pool_size=1)
    yield engine
    await engine.dispose()


async def count_of(engine, scope):
    async with ClinicSession(engine, scope) as db:
        return await db.scalar(COUNT)


async def test_a_fresh_connection_without_a_clinic_raises(one_connection) -> None:
    with pytest.raises(DBAPIError) as raised:
        await count_of(one_connection, None)
    assert raised.value.orig.sqlstate == NEVER_SET


async def count_past_sessions(engine):
    async with engine.connect() as db:
        return await db.scalar(COUNT)


@pytest.mark.parametrize("count", [lambda engine: count_of(engine, None), count_past_sessions])
async def test_a_used_connection_without_a_clinic_raises(one_connection, clinic, count) -> None:
    assert await count_of(one_connection, Scope(clinic.id)) == 1
    with pytest.raises(DBAPIError) as raised:
        await count(one_connection)
    assert raised.value.orig.sqlstate == SET_BEFORE


async def test_without_consuming_the_scope_a_used_connection_would_leak(runtime, clinic) -> None:
    options = {"connection_class": Forgetful}
    engine = create_async_engine(driver_url(runtime.urls.url("app")), pool_size=1, connect_args=options)
    try:
        assert await count_of(engine, Scope(clinic.id)) == 1
        assert await count_past_sessions(engine) == 1
    finally:
        await engine.dispose()


async def test_the_next_clinic_on_a_connection_sees_only_its_own(one_connection, clinic, make_clinic) -> None:
    other = await make_clinic(plan="tea")
    async with other.ctx_as("system") as ctx:
        ctx.db.add(Tea(name="улун"))
    assert await count_of(one_connection, Scope(clinic.id)) == 1
    assert await count_of(one_connection, Scope(other.id)) == 2


async def test_a_request_given_up_at_any_moment_leaves_no_clinic_behind(one_connection, clinic, make_clinic) -> None:
    """A BEGIN that was cancelled on its way may have opened the transaction all the same."""
    other = await make_clinic()
    whose = prepared_sql("select current_setting('app.clinic_id')")

    async def ask(clinic_id: int) -> str:
        async with ClinicSession(one_connection, Scope(clinic_id)) as db:
            return str(await whose.scalar(db))

    given_up = 0
    for turns in range(40):
        request = asyncio.create_task(ask(clinic.id))
        for _ in range(turns):
            await asyncio.sleep(0)
        given_up += request.cancel()
        await asyncio.wait([request])
        assert await ask(other.id) == str(other.id), turns
    assert given_up > 5


async def left_open(connection, clinic_id):
    driver = (await connection.get_raw_connection()).driver_connection
    await driver.transaction().start()
    await driver.execute(f"set local app.clinic_id = '{clinic_id}'")
    return driver


async def test_a_connection_that_comes_back_inside_a_transaction_is_not_lent_again(one_connection, clinic) -> None:
    async with one_connection.connect() as raw:
        driver = await left_open(raw, clinic.id)
    assert driver.is_closed()
    assert await count_of(one_connection, Scope(clinic.id)) == 1


async def test_a_transaction_of_somebody_else_is_never_joined(one_connection, clinic) -> None:
    async with one_connection.connect() as raw:
        driver = await left_open(raw, clinic.id)
        driver.pending_scope = Scope(clinic.id + 1)
        with pytest.raises(InterfaceError, match="another transaction"):
            await driver.transaction().start()
        assert driver.is_closed()


async def test_no_clause_of_a_query_reaches_another_clinic(ctx_as, make_clinic) -> None:
    other = await make_clinic(plan="tea")
    async with ctx_as("system") as ctx:
        seen = await ctx.db.scalar(select(func.count()).select_from(Tea).where(Tea.clinic_id == other.id))
        changed = await ctx.db.execute(
            text("update teahouse.tea set name = 'чужой' where clinic_id = :id"), {"id": other.id}
        )
    assert (seen, changed.rowcount) == (0, 0)


async def test_a_row_cannot_be_written_into_another_clinic(ctx_as, make_clinic) -> None:
    other = await make_clinic(plan="tea")
    async with ctx_as("system") as ctx:
        nested = await ctx.db.begin_nested()
        with pytest.raises(ProgrammingError, match="row-level security"):
            await ctx.db.execute(insert(Tea).values(name="подброшенный", clinic_id=other.id))
        await nested.rollback()


async def test_a_reference_to_another_clinics_row_is_refused(ctx_as, make_clinic) -> None:
    other = await make_clinic(plan="tea")
    async with other.ctx_as("system") as ctx:
        foreign = await ctx.db.scalar(insert(Origin).values(name="Юньнань").returning(Origin.id))
    async with ctx_as("system") as ctx:
        own = await ctx.db.scalar(insert(Origin).values(name="Юньнань").returning(Origin.id))
        await ctx.db.execute(insert(Tea).values(name="пуэр", origin_id=own))
        nested = await ctx.db.begin_nested()
        with pytest.raises(IntegrityError, match="tea_clinic_id_origin_id_fkey"):
            await ctx.db.execute(insert(Tea).values(name="чужой пуэр", origin_id=foreign))
        await nested.rollback()


async def test_an_emptied_reference_leaves_the_clinic(ctx_as) -> None:
    async with ctx_as("system") as ctx:
        origin = await ctx.db.scalar(insert(Origin).values(name="Ассам").returning(Origin.id))
        tea = await ctx.db.scalar(insert(Tea).values(name="ассам", origin_id=origin).returning(Tea.id))
        await ctx.db.execute(text("delete from teahouse.origin where id = :id"), {"id": origin})
        row = (await ctx.db.execute(select(Tea.clinic_id, Tea.origin_id).where(Tea.id == tea))).one()
    assert row == (ctx.clinic.id, None)


async def test_a_name_may_repeat_in_another_clinic_and_after_deletion(ctx_as, make_clinic) -> None:
    other = await make_clinic(plan="tea")
    async with other.ctx_as("system") as ctx:
        ctx.db.add(Tea(name="сенча"))
    async with ctx_as("system") as ctx:
        tea = Tea(name="сенча")
        ctx.db.add(tea)
        await ctx.db.flush()
        ctx.soft_delete(tea)
        await ctx.db.flush()
        ctx.db.add(Tea(name="сенча"))
        await ctx.db.flush()
        nested = await ctx.db.begin_nested()
        with pytest.raises(IntegrityError, match="tea_name_key"):
            await ctx.db.execute(insert(Tea).values(name="сенча"))
        await nested.rollback()
