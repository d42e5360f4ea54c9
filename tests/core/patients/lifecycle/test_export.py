"""Everything about a patient in one archive, of every plugin on or off (reliability 53)."""

from __future__ import annotations

import io
import json
import zipfile
from contextlib import aclosing

import pytest
from sqlalchemy import event, text

from prikus.errors import Denied, NotFound
from prikus.patients.services.exporting import export_patient, note_export


async def exported(clinic, patient_id: int, who: str = "director") -> zipfile.ZipFile:
    async with clinic.ctx_as(who) as ctx:
        patient = await note_export(ctx, patient_id)
        whole = b"".join([part async for part in export_patient(ctx, patient)])
    archive = zipfile.ZipFile(io.BytesIO(whole))
    assert archive.testzip() is None
    return archive


def lines(archive: zipfile.ZipFile, table: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in archive.read(f"данные/{table}.jsonl").decode().splitlines()]


@pytest.fixture
async def anna(clinic, add, drink) -> int:
    patient = await add("Морозова Анна", snils="112-233-445 95", comment="<script>alert('Ы')</script>")
    await drink(patient.id, "с лимоном")
    stranger = await add("Другая Вера", phone="+7 912 000-00-00")
    await drink(stranger.id, "чужое")
    await clinic.drain()
    return patient.id


async def test_every_row_of_every_table_is_there_and_nobody_elses(clinic, anna) -> None:
    archive = await exported(clinic, anna)
    assert [row["id"] for row in lines(archive, "core.patient")] == [anna]
    for table, count in (("guest", 1), ("visit", 1), ("talk", 1), ("ticket", 2), ("coin", 2)):
        assert len(lines(archive, f"samovar.{table}")) == count, table
    assert lines(archive, "samovar.talk")[0]["words"] == "с лимоном"
    assert "чужое" not in "".join(archive.read(name).decode() for name in archive.namelist())


async def test_the_page_is_for_people(clinic, anna) -> None:
    page = (await exported(clinic, anna)).read("Данные пациента.html").decode()
    for words in ("Морозова Анна, карта № 000001", "11223344595", "Чаепития", "24.11.2026", "Карточка создана"):
        assert words in page
    assert "<script>" not in page


async def test_files_of_plugins_stand_in_a_folder_of_theirs(clinic, anna) -> None:
    assert (await exported(clinic, anna)).read("samovar/чай.txt").decode() == f"Гость {anna}"


async def test_a_plugin_that_is_off_takes_part(clinic, anna) -> None:
    from prikus.settings.services.modules import switch

    async with clinic.ctx_as("director") as ctx:
        await switch(ctx, "samovar", False, confirmed=[])
    archive = await exported(clinic, anna)
    assert lines(archive, "samovar.visit")
    assert "Чаепития" in archive.read("Данные пациента.html").decode()


@pytest.fixture
async def talkative(clinic, anna) -> int:
    """Of this patient there are more rows than leave at once."""
    many = """
        insert into samovar.talk (visit_id, words)
        select v.id, string_agg(md5(n::text || k::text), '') from samovar.visit v, generate_series(1, 40) n,
          generate_series(1, 2000) k where v.patient_id = :id group by v.id, n
    """
    async with clinic.ctx_as("system") as ctx:
        await ctx.db.execute(text(many), {"id": anna})
    return anna


async def test_a_table_of_any_size_leaves_in_parts(clinic, talkative) -> None:
    async with clinic.ctx_as("director") as ctx:
        patient = await note_export(ctx, talkative)
        parts = [len(part) async for part in export_patient(ctx, patient)]
    assert sum(parts) > 2**20
    assert max(parts) < sum(parts) / 2
    assert len(lines(await exported(clinic, talkative), "samovar.talk")) == 41


async def test_no_transaction_waits_for_whoever_reads_slowly(clinic, talkative) -> None:
    held: list[object] = []
    pool = clinic.house.runtime.lifecycle.sync_engine.pool
    took, gave = (lambda connection, *_: held.append(connection)), (lambda connection, *_: held.remove(connection))
    event.listen(pool, "checkout", took)
    event.listen(pool, "checkin", gave)
    async with clinic.ctx_as("director") as ctx:
        patient = await note_export(ctx, talkative)
        async with aclosing(export_patient(ctx, patient)) as parts:
            open_at = [len(held) async for _ in parts]
    event.remove(pool, "checkout", took)
    event.remove(pool, "checkin", gave)
    assert set(open_at) == {0}
    assert len(open_at) > 2


async def test_who_took_it_stands_in_the_audit_also_when_the_rest_fails(clinic, anna, rows) -> None:
    async with clinic.ctx_as("director") as ctx:
        await note_export(ctx, anna)
        await ctx.db.rollback()
    query = "select object_id, sentence from core.audit_record where action = 'patient.exported'"
    assert await rows(query) == [(anna, "Выгружены все данные карты № 000001.")]


async def test_who_may_not(clinic, make_clinic, anna) -> None:
    for who in ("administrator", "doctor", None):
        async with clinic.ctx_as(who) as ctx:
            with pytest.raises(Denied):
                await note_export(ctx, anna)
    other = await make_clinic(plan="samovar")
    async with other.ctx_as("director") as ctx:
        with pytest.raises(NotFound):
            await note_export(ctx, anna)
