"""Lists that programs follow: every change, deletions too, and no row that was committed late is missed."""

from __future__ import annotations

import pytest
from sqlalchemy import text, update

from prikus.data import changes
from prikus.patients.models import Patient
from prikus.patients.services.keeping import delete_patient
from prikus.patients.services.merging import merge_patients, part_patients
from prikus.testing.clinics import Client, TestClinic
from prikus.testing.following import followed, pages
from tests.contract.samples import new_patient

LIST = "/api/v1/patients"


@pytest.mark.spec("API-01", part="changes and deletions of patients")
async def test_changes_and_deletions_come_in_order_and_once(clinic: TestClinic) -> None:
    program = await clinic.program("patients.patient.view", per_minute=3000)
    first, second, third = [int(await new_patient(clinic, f"Первая{n}")) for n in range(3)]
    found, cursor = await followed(program, LIST, {first, second, third})
    assert found[first]["last_name"] == "Первая0"
    async with clinic.ctx_as() as ctx:
        await delete_patient(ctx, second)
    async with clinic.ctx_as() as ctx:
        merge = await merge_patients(ctx, third, first)
    found, cursor = await followed(program, LIST, {second, third}, cursor)
    assert found[second]["deleted"]
    assert found[third]["deleted"]
    assert found[third]["merged_into"] == first
    async with clinic.ctx_as() as ctx:
        await part_patients(ctx, merge.merge_id)
    found, _ = await followed(program, LIST, {third}, cursor)
    assert found[third]["deleted"] is False


async def late(clinic: TestClinic, program: Client) -> tuple[int, set[int]]:
    """A row changed early and committed late, and what a program that asked in between has seen at the end."""
    early, quick = [int(await new_patient(clinic, f"Поздняя{n}")) for n in range(2)]
    _, cursor = await followed(program, LIST, {early, quick})
    seen: set[int] = set()
    async with clinic.ctx_as() as ctx:
        await ctx.db.execute(update(Patient).where(Patient.id == early).values(comment="открыта"))
        async with clinic.ctx_as() as other:
            await other.db.execute(update(Patient).where(Patient.id == quick).values(comment="записана"))
        async for page in pages(program, LIST, cursor, 100):
            cursor = page["cursor"]
            seen |= {item["id"] for item in page["items"]}
    async for page in pages(program, LIST, cursor, 100):
        seen |= {item["id"] for item in page["items"]}
    return early, seen


@pytest.mark.spec("API-01", part="changes that are committed late")
async def test_what_is_committed_late_is_not_missed(clinic: TestClinic) -> None:
    program = await clinic.program("patients.patient.view", per_minute=3000)
    early = int(await new_patient(clinic, "Поздняя"))
    quick = int(await new_patient(clinic, "Быстрая"))
    _, cursor = await followed(program, LIST, {early, quick})
    async with clinic.ctx_as() as ctx:
        await ctx.db.execute(update(Patient).where(Patient.id == early).values(comment="открыта"))
        async with clinic.ctx_as() as other:
            await other.db.execute(update(Patient).where(Patient.id == quick).values(comment="записана"))
        [page] = [page async for page in pages(program, LIST, cursor, 100)]
        assert page["items"] == []
    found, _ = await followed(program, LIST, {early, quick}, page["cursor"])
    assert {early, quick} <= found.keys()


async def test_twin_without_waiting_for_open_transactions_it_is_missed(
    clinic: TestClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "EDGE", text(str(changes.EDGE).replace("pg_snapshot_xmin", "pg_snapshot_xmax")))
    early, seen = await late(clinic, await clinic.program("patients.patient.view", per_minute=3000))
    assert early not in seen


@pytest.mark.parametrize("cursor", ["x", "WzEsMiwzXQ", "bnVsbA", "%00", "WzEsLTEsMF0"])
async def test_a_strange_cursor_is_refused_beside_its_name(clinic: TestClinic, cursor: str) -> None:
    answer = await (await clinic.program("patients.patient.view", per_minute=3000)).get(
        LIST, params={"changed_since": cursor}
    )
    assert answer.status_code == 422
    assert "changed_since" in answer.json()["fields"]


@pytest.mark.spec("API-01", part="metadata of patients")
async def test_programs_note_metadata_and_take_it_away(clinic: TestClinic) -> None:
    program = await clinic.program("patients.patient.view", "patients.patient.edit")
    id = int(await new_patient(clinic, "Помеченная"))
    place = f"{LIST}/{id}/metadata"
    await program.post(place, json={"metadata": {"crm": "17", "source": "сайт"}})
    noted = await program.post(place, json={"metadata": {"source": None}})
    assert noted.json() == {"metadata": {"crm": "17"}}
    found, _ = await followed(program, LIST, {id})
    assert found[id]["metadata"] == {"crm": "17"}
    for wrong in ({f"k{n}": "x" for n in range(51)}, {"k": "x" * 501}, {"": "x"}, {"k": "\0"}):
        refused = await program.post(place, json={"metadata": wrong})
        assert refused.status_code == 422
        assert "metadata" in refused.json()["fields"]
    assert (await program.get(place)).json() == {"metadata": {"crm": "17"}}


async def test_the_order_of_changes_may_use_its_index_under_policies(clinic: TestClinic) -> None:
    async with clinic.ctx_as() as ctx:
        query = text("select proname from pg_proc where proname in ('xid8eq', 'xid8lt', 'xid8gt') and not proleakproof")
        assert (await ctx.db.scalars(query)).all() == []
