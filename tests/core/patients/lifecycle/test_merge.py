"""One card of two, over everything that the database keeps (PAT-22)."""

from __future__ import annotations

import datetime as dt

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from prikus.data.upgrade import plain
from prikus.errors import Conflict, Denied, Invalid, NotFound
from prikus.patients.services import merging
from prikus.patients.services.merging import merge_patients, part_patients, survivor_of

TABLES = ("samovar.guest", "samovar.visit", "samovar.ticket", "samovar.coin", "core.patient_event")
LATER = dt.date(2026, 11, 25)


@pytest.fixture
async def pair(add, drink):
    """Two cards, each with one thing of every kind."""
    gone, kept = await add("Морозова Анна", email="a@example.ru"), await add("Морозова Анна Викторовна")
    await drink(gone.id, "уходит")
    await drink(kept.id, "остаётся", LATER)
    return gone.id, kept.id


async def counts(rows, patient_id: int) -> dict[str, int]:
    found = {}
    for table in TABLES:
        found[table] = (await rows(f"select count(*) from {table} where patient_id = :id", id=patient_id))[0][0]
    return found


async def snapshot(rows) -> dict[str, list]:
    """Every row of the clinic about patients, without what tells when it was changed."""
    technical = "'{row_version,changed_xid,updated_at,updated_by_kind,updated_by_id}'"
    found = {}
    for table in (*TABLES, "core.patient", "core.patient_address", "core.identity_document", "samovar.talk"):
        query = f"select to_jsonb(t) - {technical}::text[] from {table} t where true order by id"
        found[table] = [row[0] for row in await rows(query)]
    return found


@pytest.mark.spec("PAT-22", part="merging")
async def test_everything_turns_to_the_card_that_stays(clinic, pair, rows) -> None:
    gone, kept = pair
    await clinic.drain()
    before = [await counts(rows, one) for one in pair]
    async with clinic.ctx_as("administrator") as ctx:
        merged = await merge_patients(ctx, gone, kept)
    after = await counts(rows, kept)
    assert after == {table: before[0][table] + before[1][table] for table in TABLES} | {"samovar.guest": 1}
    assert sum(before[0].values()) - 1 == merged.moved
    assert await rows("select id, email from core.patient") == [(kept, "a@example.ru")]
    assert await rows("select habits from samovar.guest") == [("остаётся",)]
    async with clinic.ctx_as("doctor") as ctx:
        assert await survivor_of(ctx, gone) == kept
    await clinic.drain()
    assert await rows("select 1 from core.patient_event where kind = 'patient.merged' and patient_id = :id", id=kept)
    sentence = "select object_id, sentence from core.audit_record where action = 'patient.merged'"
    assert await rows(sentence) == [(kept, "Карта № 000001 объединена с картой № 000002.")]


async def test_the_amounts_of_append_only_rows_cannot_change_even_then(clinic, pair) -> None:
    for change in ("set amount = 6", "set amount = 6, patient_id = patient_id", "set created_at = now()"):
        with pytest.raises(Exception, match="append-only"):
            async with clinic.ctx_as("administrator") as ctx, ctx.lifecycle_unit() as own:
                await own.db.execute(text(f"update samovar.coin {change}"))
    with pytest.raises(Exception, match="append-only"):
        async with clinic.ctx_as("administrator") as ctx:
            await ctx.db.execute(text("update samovar.coin set patient_id = patient_id"))


@pytest.mark.spec("PAT-22", part="undo")
async def test_a_merge_is_undone_to_the_row(clinic, pair, rows, drink) -> None:
    gone, kept = pair
    await clinic.drain()
    before = await snapshot(rows)
    async with clinic.ctx_as("administrator") as ctx:
        merged = await merge_patients(ctx, gone, kept)
    async with clinic.ctx_as("administrator") as ctx:
        assert await part_patients(ctx, merged.merge_id) == gone
    assert await snapshot(rows) == before
    async with clinic.ctx_as("administrator") as ctx:
        with pytest.raises(Conflict, match="уже отменено"):
            await part_patients(ctx, merged.merge_id)
        assert await survivor_of(ctx, gone) is None


async def test_what_came_after_the_merge_stays_at_its_undoing(clinic, pair, rows, drink) -> None:
    gone, kept = pair
    async with clinic.ctx_as("administrator") as ctx:
        merged = await merge_patients(ctx, gone, kept)
    await drink(kept, "потом", LATER + dt.timedelta(days=1), guest=False)
    async with clinic.ctx_as("administrator") as ctx:
        await part_patients(ctx, merged.merge_id)
    query = "select wish from samovar.visit where patient_id = :id order by day"
    assert await rows(query, id=kept) == [("остаётся",), ("потом",)]
    assert await rows(query, id=gone) == [("уходит",)]


async def test_a_merge_is_not_undone_after_thirty_days(clinic, house, pair) -> None:
    async with clinic.ctx_as("administrator") as ctx:
        merged = await merge_patients(ctx, *pair)
    admin = await asyncpg.connect(plain(house.config.database_url))
    await admin.execute("alter table core.patient_merge disable trigger append_only_row")
    await admin.execute(
        "update core.patient_merge set created_at = now() - interval '31 days' where clinic_id = $1", clinic.id
    )
    await admin.execute("alter table core.patient_merge enable trigger append_only_row")
    await admin.close()
    async with clinic.ctx_as("administrator") as ctx:
        with pytest.raises(Conflict, match="30 дней"):
            await part_patients(ctx, merged.merge_id)


async def test_cards_merged_one_after_another_lead_to_the_last(clinic, add, drink, rows) -> None:
    first, second, third = [(await add("Морозова Анна", despite_duplicate=True)).id for _ in range(3)]
    await drink(first, "первая")
    async with clinic.ctx_as("administrator") as ctx:
        once = await merge_patients(ctx, first, second)
    async with clinic.ctx_as("administrator") as ctx:
        twice = await merge_patients(ctx, second, third)
    async with clinic.ctx_as("administrator") as ctx:
        assert [await survivor_of(ctx, one) for one in (first, second)] == [third, third]
    assert (await counts(rows, third))["samovar.visit"] == 1
    async with clinic.ctx_as("administrator") as ctx:
        await part_patients(ctx, twice.merge_id)
        assert [await survivor_of(ctx, one) for one in (first, second)] == [second, None]
        await part_patients(ctx, once.merge_id)
    assert (await counts(rows, first))["samovar.visit"] == 1


async def test_what_may_exist_only_once_and_does_not_give_way_is_named(clinic, add, drink, rows) -> None:
    gone, kept = (await add("Морозова Анна")).id, (await add("Иванов Пётр")).id
    await drink(gone, "уходит", guest=False)
    await drink(kept, "остаётся", guest=False)
    with pytest.raises(Conflict, match=r"Модуль «Самовар»: у обеих карточек .* \(samovar.visit\)"):
        async with clinic.ctx_as("administrator") as ctx:
            await merge_patients(ctx, gone, kept)
    assert (await counts(rows, gone))["samovar.visit"] == 1


async def test_a_plugin_refuses_for_a_clinic_where_it_is_off(clinic, add, drink) -> None:
    """Its data belong to the patient whether it is on or off."""
    from prikus.settings.services.modules import switch

    gone, kept = (await add("Морозова Анна")).id, (await add("Иванов Пётр")).id
    await drink(gone, "один")
    async with clinic.ctx_as("director") as ctx:
        await switch(ctx, "samovar", False, confirmed=[])
    with pytest.raises(Conflict, match="пересадите его"):
        async with clinic.ctx_as("administrator") as ctx:
            await merge_patients(ctx, gone, kept)


@pytest.mark.parametrize(("who", "problem"), [("doctor", Denied), (None, Denied)])
async def test_who_may_not(clinic, pair, who, problem) -> None:
    async with clinic.ctx_as(who) as ctx:
        with pytest.raises(problem):
            await merge_patients(ctx, *pair)
        with pytest.raises(problem):
            await part_patients(ctx, 1)


async def test_cards_that_cannot_be_merged(clinic, make_clinic, pair, add, rows) -> None:
    """Itself, one that is not there, another clinic's: to the card there, to the card here."""
    gone, kept = pair
    other = await make_clinic(plan="samovar")
    foreign = (await add("Чужая Вера", where=other)).id
    for here, there, problem in ((gone, gone, Invalid), (gone, 2**40, NotFound), (gone, foreign, NotFound)):
        for pair_ in ((here, there), (there, here)):
            async with clinic.ctx_as("administrator") as ctx:
                with pytest.raises(problem):
                    await merge_patients(ctx, *pair_)
    assert await rows("select id from core.patient order by id") == [(gone,), (kept,)]
    client = await clinic.client_as("administrator")
    refused = await client.htmx.post(f"/patients/{kept}/merge", data={"other_id": kept})
    assert list(refused.json()["fields"]) == ["other_id"]


async def late_visit(clinic, gone: int, kept: int) -> None:
    """Somebody has opened the card; it is merged; then their work about the card is written."""
    async with clinic.ctx_as("doctor") as late:
        assert await late.db.scalar(text("select true from core.patient where id = :id"), {"id": gone})
        async with clinic.ctx_as("administrator") as ctx:
            await merge_patients(ctx, gone, kept)
        await late.db.execute(
            text("insert into samovar.visit (patient_id, day) values (:id, '2026-12-01')"), {"id": gone}
        )


async def test_nothing_is_written_about_a_card_that_is_gone(clinic, pair, rows) -> None:
    with pytest.raises(IntegrityError, match="visit_clinic_id_patient_id_fkey"):
        await late_visit(clinic, *pair)
    assert await rows("select count(*) from samovar.visit where patient_id = :id", id=pair[0]) == [(0,)]


async def test_twin_a_card_that_stays_in_the_trash_is_written_about(clinic, pair, rows, monkeypatch) -> None:
    """Without the guard, the deletion of the row, the late work is lost on a card that nobody opens."""

    async def keep(ctx, gone) -> None:
        await ctx.db.execute(text("update core.patient set deleted_at = now() where id = :id"), {"id": gone.id})

    monkeypatch.setattr(merging, "remove_card", keep)
    await late_visit(clinic, *pair)
    assert await rows("select count(*) from samovar.visit where patient_id = :id", id=pair[0]) == [(1,)]


async def test_facts_not_heard_yet_are_told_about_the_card_that_stays(clinic, pair, rows) -> None:
    """The feed of the cards is written by a listener, after the merge here."""
    gone, kept = pair
    async with clinic.ctx_as("administrator") as ctx:
        await merge_patients(ctx, gone, kept)
    await clinic.drain()
    kinds = "select kind, count(*) from core.patient_event where patient_id = :id group by 1 order by 1"
    assert await rows(kinds, id=kept) == [("patient.created", 2), ("patient.merged", 1)]


async def test_the_other_clinic_is_not_touched(clinic, make_clinic, pair, add, drink, rows) -> None:
    other = await make_clinic(plan="samovar")
    theirs = (await add("Чужая Вера", where=other)).id
    await drink(theirs, "чужое", where=other)
    await other.drain()

    async def theirs_now():
        return [await rows(f"select to_jsonb(t) from {table} t order by id", where=other) for table in TABLES]

    before = await theirs_now()
    async with clinic.ctx_as("administrator") as ctx:
        await merge_patients(ctx, *pair)
    assert await theirs_now() == before


async def test_a_hook_that_forgets_the_clinic_sees_its_own_clinic_only(clinic, make_clinic, pair, add) -> None:
    """The guard is the role: the policy fixes the clinic for it too. The twin is the role that bypasses policies."""
    other = await make_clinic(plan="samovar")
    await add("Чужая Вера", where=other)
    everything = text("select count(distinct clinic_id) from core.patient")
    async with clinic.ctx_as("administrator") as ctx, ctx.lifecycle_unit() as own:
        assert await own.db.scalar(everything) == 1
    maint = await asyncpg.connect(plain(clinic.house.runtime.urls.url("maint")))
    assert await maint.fetchval(everything.text) > 1
    await maint.close()
