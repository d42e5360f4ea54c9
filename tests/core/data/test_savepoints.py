"""Savepoints take back what they must, and the first of a transaction costs no message of its own."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import event, insert, select
from sqlalchemy.exc import IntegrityError

from prikus.data.session import ClinicSession, Scope, make_engine
from prikus.data.statements import Prepared
from prikus_teahouse.models import Tea

ADD = Prepared(insert(Tea), ("name",))
FIRST = "Чай заведения"
"""What the clinic has already."""


@pytest.fixture
async def db(runtime, clinic) -> AsyncIterator[ClinicSession]:
    engine = make_engine(runtime.urls.url("app"), pool_size=1)
    async with ClinicSession(engine, Scope(clinic.id)) as db:
        yield db
    await engine.dispose()


@pytest.fixture
def heard(db: ClinicSession) -> list[str]:
    """Statements that have a message of their own, but for BEGIN and COMMIT: the first word of each."""
    words: list[str] = []
    engine = db.sync_session.get_bind()
    event.listen(engine, "before_cursor_execute", lambda *given: words.append(given[2].split()[0]))
    return words


async def names(db: ClinicSession) -> set[str]:
    return set(await db.scalars(select(Tea.name))) - {FIRST}


async def test_the_first_travels_with_begin_and_ends_with_the_commit(db: ClinicSession, heard: list[str]) -> None:
    async with db.begin_nested():
        await ADD.rows(db, name="улун")
    await db.commit()
    assert await names(db) == {"улун"}
    assert heard == ["INSERT", "SELECT"]


async def test_savepoints_after_the_first_are_released(db: ClinicSession, heard: list[str]) -> None:
    for name in ("улун", "пуэр", "сенча"):
        async with db.begin_nested():
            await ADD.rows(db, name=name)
    await db.commit()
    assert await names(db) == {"улун", "пуэр", "сенча"}
    each = ["SAVEPOINT", "INSERT", "RELEASE"]
    assert heard == ["INSERT", *each, *each, "SELECT"]


async def test_a_refusal_takes_back_the_first_savepoint_only(db: ClinicSession) -> None:
    nested = await db.begin_nested()
    await ADD.rows(db, name="улун")
    with pytest.raises(IntegrityError):
        await ADD.rows(db, name="улун")
    await nested.rollback()
    await ADD.rows(db, name="пуэр")
    await db.commit()
    assert await names(db) == {"пуэр"}


async def test_an_outer_savepoint_takes_back_an_inner_one_that_was_spared(db: ClinicSession) -> None:
    await ADD.rows(db, name="сенча")
    outer = await db.begin_nested()
    async with db.begin_nested():
        await ADD.rows(db, name="улун")
    await outer.rollback()
    async with db.begin_nested():
        await ADD.rows(db, name="пуэр")
    await db.commit()
    assert await names(db) == {"сенча", "пуэр"}


async def test_a_later_refusal_outside_leaves_nothing_of_a_spared_savepoint(db: ClinicSession) -> None:
    async with db.begin_nested():
        await ADD.rows(db, name="улун")
    with pytest.raises(IntegrityError):
        await ADD.rows(db, name="улун")
    await db.rollback()
    assert await names(db) == set()


@pytest.mark.parametrize("is_kept", [True, False])
async def test_a_savepoint_in_which_nothing_happened_is_never_sent(
    db: ClinicSession, heard: list[str], is_kept: bool
) -> None:
    nested = await db.begin_nested()
    await (nested.commit() if is_kept else nested.rollback())
    await ADD.rows(db, name="улун")
    async with db.begin_nested():
        await ADD.rows(db, name="пуэр")
    await db.commit()
    assert await names(db) == {"улун", "пуэр"}
    assert heard == ["INSERT", "SAVEPOINT", "INSERT", "SELECT"]
