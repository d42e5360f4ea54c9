"""Prepared statements: the session's transaction, policies and types hold for them too."""

from decimal import Decimal

import pytest
from sqlalchemy import BigInteger, any_, bindparam, func, insert, literal, select, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.exc import DBAPIError, IntegrityError

from prikus.data import lending
from prikus.data.session import ClinicSession, Scope
from prikus.data.statements import Prepared, prepared, prepared_sql
from prikus.toolkit import Money
from prikus_teahouse.models import Tea

HOUSE_TEA = "Чай заведения"


@prepared
def by_name(is_dear: bool):
    query = select(Tea.name, Tea.price).where(Tea.name != HOUSE_TEA).order_by(Tea.name)
    return query.where(Tea.price > bindparam("least")) if is_dear else query


async def test_each_shape_is_built_once_and_runs_with_other_values(ctx_as) -> None:
    assert by_name(True) is by_name(True) is not by_name(False)
    async with ctx_as() as ctx:
        await Prepared(insert(Tea), ("name", "price")).rows(ctx.db, name="сенча", price=Decimal("5.00"))
        await Prepared(insert(Tea), ("name", "price")).rows(ctx.db, name="пуэр", price=Decimal("9.00"))
        assert [row.name for row in await by_name(False).rows(ctx.db)] == ["пуэр", "сенча"]
        assert await by_name(True).scalar(ctx.db, least=Decimal("7.00")) == "пуэр"
        assert await by_name(True).row(ctx.db, least=Decimal("9.00")) is None


async def test_what_is_pending_is_written_first(ctx_as) -> None:
    async with ctx_as() as ctx:
        ctx.db.add(Tea(name="улун"))
        assert await by_name(False).scalar(ctx.db) == "улун"


async def test_another_clinic_sees_nothing_and_no_clinic_is_refused(ctx_as, make_clinic, runtime) -> None:
    async with ctx_as() as ctx:
        await Prepared(insert(Tea), ("name",)).rows(ctx.db, name="сенча")
    other = await make_clinic()
    async with other.ctx_as() as ctx:
        assert await by_name(False).rows(ctx.db) == []
    async with ClinicSession(runtime.app, None) as db:
        with pytest.raises(DBAPIError):
            await by_name(False).rows(db)


async def test_types_refuse_and_decode_as_those_of_columns_do(ctx_as) -> None:
    dear = prepared_sql("select cast(:price as numeric) * 2", price=Money)
    async with ctx_as() as ctx:
        assert await dear.scalar(ctx.db, price=Decimal("1.10")) == Decimal("2.20")
        with pytest.raises(TypeError):
            await dear.scalar(ctx.db, price=1.1)
        told = Prepared(select(literal({"of": "чай"}, JSONB)))
        assert await told.scalar(ctx.db) == {"of": "чай"}
        chosen = Prepared(select(func.count()).where(literal(7) == any_(bindparam("ids", type_=ARRAY(BigInteger)))))
        assert [await chosen.scalar(ctx.db, ids=ids) for ids in ([], [7])] == [0, 1]


async def test_a_list_that_would_change_the_text_is_refused(ctx_as) -> None:
    async with ctx_as() as ctx:
        with pytest.raises(ValueError, match="any"):
            await Prepared(select(Tea.id).where(Tea.id.in_(bindparam("ids", expanding=True)))).rows(ctx.db, ids=[1])


async def test_an_error_of_the_database_is_the_sessions_and_is_counted(ctx_as, count_statements) -> None:
    add = Prepared(text("insert into teahouse.tea (name) values ('сенча')"))
    async with ctx_as() as ctx:
        await add.rows(ctx.db)
        with count_statements() as statements, pytest.raises(IntegrityError):
            await add.rows(ctx.db)
        await ctx.db.rollback()
    assert len(statements) == 1


async def test_a_lent_transaction_holds_for_them_too(ctx_as) -> None:
    commit = prepared_sql("commit")
    async with ctx_as() as ctx:
        await by_name(False).rows(ctx.db)
        with lending.lent(ctx.db, await ctx.db.connection(), 60), pytest.raises(lending.LoanRefused):
            await commit.rows(ctx.db)
        with lending.lent(ctx.db, await ctx.db.connection(), 0), pytest.raises(lending.LoanRefused):
            await by_name(False).rows(ctx.db)
        assert await by_name(False).rows(ctx.db) == []


async def test_a_savepoint_takes_back_what_they_did(ctx_as) -> None:
    add = Prepared(insert(Tea), ("name",))
    async with ctx_as() as ctx:
        await add.rows(ctx.db, name="сенча")
        savepoint = await ctx.db.begin_nested()
        await add.rows(ctx.db, name="пуэр")
        with pytest.raises(IntegrityError):
            await add.rows(ctx.db, name="сенча")
        await savepoint.rollback()
        assert [row.name for row in await by_name(False).rows(ctx.db)] == ["сенча"]


async def test_each_transaction_begins_anew_in_its_own_clinic(clinic, make_clinic, runtime) -> None:
    other = await make_clinic()
    where = prepared_sql("select current_setting('app.clinic_id')")
    async with ClinicSession(runtime.app, Scope(clinic.id)) as db:
        assert await where.scalar(db) == str(clinic.id)
        await db.commit()
        db.info["scope"] = Scope(other.id)
        assert await where.scalar(db) == str(other.id)


async def test_a_lost_connection_is_told_as_lost(runtime, clinic) -> None:
    suicide = prepared_sql("select pg_terminate_backend(pg_backend_pid())")
    async with ClinicSession(runtime.app, Scope(clinic.id)) as db:
        with pytest.raises(DBAPIError) as lost:
            await suicide.rows(db)
    assert lost.value.connection_invalidated
    async with ClinicSession(runtime.app, Scope(clinic.id)) as db:
        assert await prepared_sql("select 7").scalar(db) == 7
