"""Versions, authors, types and bulk inserts: what every row has without its author's help."""

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import StatementError
from sqlalchemy.orm.exc import StaleDataError

from prikus.access.models import AuditRecord
from prikus.data.types import Money, Quantity, round_money
from prikus.patients.models import Patient
from prikus.toolkit import Metadata, note_metadata, read_metadata
from prikus_teahouse.models import Tea

CHANGED = select(func.max(Patient.changed_xid))


async def add(ctx, name="чай", **values):
    tea = Tea(name=name, **values)
    ctx.db.add(tea)
    await ctx.db.flush()
    return tea


async def test_a_core_update_counts_as_a_version(ctx_as) -> None:
    async with ctx_as("system") as ctx:
        tea = await add(ctx)
        assert tea.row_version == 1
        await ctx.db.execute(
            update(Tea).where(Tea.id == tea.id).values(name="новый").execution_options(synchronize_session=False)
        )
        assert await ctx.db.scalar(select(Tea.row_version).where(Tea.id == tea.id)) == 2


async def test_an_entity_saved_over_a_core_update_is_stale(ctx_as) -> None:
    async with ctx_as("system") as ctx:
        tea = await add(ctx)
        nested = await ctx.db.begin_nested()
        await ctx.db.execute(
            update(Tea).where(Tea.id == tea.id).values(name="чужая правка").execution_options(synchronize_session=False)
        )
        tea.name = "своя правка"
        with pytest.raises(StaleDataError):
            await ctx.db.flush()
        await nested.rollback()


async def test_two_edits_one_after_the_other_are_not_stale(ctx_as) -> None:
    async with ctx_as("system") as ctx:
        tea = await add(ctx)
        for name in ("первая правка", "вторая правка"):
            tea.name = name
            await ctx.db.flush()
        assert tea.row_version == 3


async def test_words_of_programs_are_a_change_but_no_version(clinic, ctx_as) -> None:
    patient = await clinic.patient()
    async with ctx_as("director") as ctx:
        row = await ctx.load(Patient, patient)
        version, changed = row.row_version, await ctx.db.scalar(CHANGED)
    async with ctx_as("director") as ctx:
        row = await ctx.load(Patient, patient)
        for given, noted in (({"a": "1", "b": "2"}, {"a": "1", "b": "2"}), ({"a": None}, {"b": "2"})):
            assert (await note_metadata(ctx, Patient, patient, Metadata(given))).metadata == noted
        assert await ctx.db.scalar(CHANGED) > changed
        row.comment = "Звонить после шести"
        await ctx.db.flush()
        assert row.row_version == version + 1
        assert (await read_metadata(ctx, Patient, patient)).metadata == {"b": "2"}


async def test_rows_know_their_author_and_the_last_editor(clinic, ctx_as) -> None:
    async with ctx_as("plugin:teahouse") as ctx:
        tea = await add(ctx)
    async with ctx_as("director") as ctx:
        (await ctx.load(Tea, tea.id)).name = "исправленный"
    async with ctx_as("system") as ctx:
        row = await ctx.load(Tea, tea.id)
        assert (row.created_by_kind, row.created_by_id) == ("plugin:teahouse", None)
        assert (row.updated_by_kind, row.updated_by_id) == ("staff", clinic.head.staff_id)
        assert row.updated_at > row.created_at
        assert row.created_at.tzinfo is not None


async def test_five_hundred_objects_are_one_statement(ctx_as, count_statements) -> None:
    async with ctx_as("system") as ctx:
        ctx.db.add_all(Tea(name=f"сорт {n}") for n in range(500))
        with count_statements() as statements:
            await ctx.db.flush()
        assert len(statements) == 1
        assert await ctx.db.scalar(select(func.count()).select_from(Tea)) == 501


@pytest.mark.parametrize("amount", [1.5, 0.1, True, "10", Decimal("0.001"), Decimal("NaN"), Decimal("Infinity")])
async def test_money_refuses_what_it_cannot_store_exactly(ctx_as, amount) -> None:
    async with ctx_as("system") as ctx:
        with pytest.raises((StatementError, TypeError, ValueError)):
            await ctx.db.execute(insert(Tea).values(name="дорогой", price=amount))


async def test_money_comes_back_exactly(ctx_as) -> None:
    async with ctx_as("system") as ctx:
        for amount in (Decimal("0.01"), Decimal("999999999999.99"), Decimal("-1.10"), 7):
            tea = await ctx.db.scalar(insert(Tea).values(name=f"за {amount}", price=amount).returning(Tea.id))
            stored = await ctx.db.scalar(select(Tea.price).where(Tea.id == tea))
            assert stored == amount
            assert stored.as_tuple().exponent == -2


def test_types_of_quantities_and_halves() -> None:
    assert Quantity().process_bind_param(Decimal("0.000001"), None) == Decimal("0.000001")
    with pytest.raises(ValueError, match="more digits"):
        Quantity().process_bind_param(Decimal("0.0000001"), None)
    assert Money().process_bind_param(None, None) is None
    assert [round_money(Decimal(x)) for x in ("0.005", "-0.005", "2.675")] == [
        Decimal("0.01"),
        Decimal("-0.01"),
        Decimal("2.68"),
    ]


async def test_an_instant_without_a_zone_is_refused(ctx_as) -> None:
    async with ctx_as("system") as ctx:
        with pytest.raises((StatementError, ValueError), match="no time zone"):
            await ctx.db.execute(select(Tea.id).where(Tea.created_at > dt.datetime(2026, 11, 24)))


async def test_the_audit_cannot_be_rewritten(ctx_as) -> None:
    async with ctx_as("system") as ctx:
        await ctx.audit("checked", "tea", 1, "Проверено")
    for change in (update(AuditRecord).values(sentence="подменено"), AuditRecord.__table__.delete()):
        async with ctx_as("system") as ctx:
            nested = await ctx.db.begin_nested()
            with pytest.raises(Exception, match="permission denied"):
                await ctx.db.execute(change)
            await nested.rollback()
