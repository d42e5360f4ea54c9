"""Files go when they are deleted, when nobody claims them, when a patient is erased; and they are exported."""

from __future__ import annotations

import datetime as dt
import io
import os
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import select

from prikus.errors import Conflict, NotFound
from prikus.files import jobs
from prikus.files.store import store_of
from prikus.host import rooms
from prikus.host.system import System
from prikus.operator.purging import purge
from prikus.operator.upgrade import upgrade_database
from prikus.patients.services.erasing import erase_patient
from prikus.patients.services.exporting import export_patient, note_export
from prikus.testing.clinics import TestClinic, open_test_clinic
from prikus.testing.databases import scratch_database
from prikus.testing.house import opened
from prikus.toolkit import PICTURES, Kept, StoredFile, drop_file, file_row, keep_bytes, open_file, without_identity
from prikus_album.models import Letter, Paper, Photo, Receipt
from tests.core.conftest import offer_plan
from tests.core.files.conftest import lying, picture

KINDS = (Photo, Letter, Paper, Receipt)
NAMES = {model: f"Морозова {model.__name__}.png" for model in KINDS}


async def kept(clinic, name="снимок.png") -> Kept:
    return await keep_bytes(await clinic.outside_as(), picture("PNG"), name, PICTURES)


async def points(clinic, model, patient_id: int, file_id: int, **values) -> int:
    async with clinic.ctx_as() as ctx:
        row = model(patient_id=patient_id, file_id=file_id, **values)
        ctx.db.add(row)
        await ctx.db.flush()
        return row.id


async def added(clinic, model, patient_id: int, **values) -> tuple[int, int, str]:
    """A row of the album with a file of its own: its id, the file's, the key."""
    file = await kept(clinic, NAMES[model])
    async with clinic.ctx_as() as ctx:
        file_id = await file_row(ctx, file)
    return await points(clinic, model, patient_id, file_id, **values), file_id, str(file.key)


async def names(clinic) -> dict[int, str]:
    async with clinic.ctx_as() as ctx:
        return dict((await ctx.db.execute(select(StoredFile.id, StoredFile.name))).all())


# --- dropping


async def test_bytes_go_after_the_commit_and_never_before(clinic, folder) -> None:
    file = await kept(clinic)
    async with clinic.ctx_as() as ctx:
        file_id = await file_row(ctx, file)

    async def change_of_mind() -> None:
        async with clinic.ctx_as() as ctx:
            await drop_file(ctx, file_id)
            raise Conflict("Передумали")

    with pytest.raises(Conflict):
        await change_of_mind()
    await clinic.drain()
    assert lying(folder) == {str(file.key)}
    async with clinic.ctx_as() as ctx:
        await drop_file(ctx, file_id)
    assert lying(folder) == {str(file.key)}
    await clinic.drain()
    assert lying(folder) == set()
    assert await names(clinic) == {}


async def test_deleting_twice_is_as_good_as_once(clinic, folder) -> None:
    file = await kept(clinic)
    outside = await clinic.outside_as("system")
    for _ in range(2):
        await jobs.forget_bytes(outside, jobs.ForgetBytes([file.key]))
    assert lying(folder) == set()


async def test_bytes_that_have_a_row_are_never_forgotten(clinic, folder) -> None:
    file = await kept(clinic)
    async with clinic.ctx_as() as ctx:
        await file_row(ctx, file)
    await jobs.forget_bytes(await clinic.outside_as("system"), jobs.ForgetBytes([file.key]))
    assert lying(folder) == {str(file.key)}


# --- the sweep


async def test_the_sweep_takes_halves_of_processes_that_were_killed(clinic, folder) -> None:
    claimed, young = await kept(clinic), await kept(clinic)
    async with clinic.ctx_as() as ctx:
        await file_row(ctx, claimed)
    halves = [folder / name for name in (f"{claimed.key}#1", f"{young.key}#2", "чужой#1")]
    for half in halves:
        half.write_bytes(b"?")
    long_ago = (dt.datetime.now(dt.UTC) - dt.timedelta(hours=25)).timestamp()
    for half in (halves[0], halves[2]):
        os.utime(half, (long_ago, long_ago))
    await jobs.sweep_bytes(await clinic.outside_as("system"))
    assert lying(folder) == {str(claimed.key), str(young.key), halves[1].name, halves[2].name}


async def test_the_sweep_takes_what_nobody_claimed_for_a_day_and_nothing_else(clinic, make_clinic, folder) -> None:
    claimed, old, young = [await kept(clinic) for _ in range(3)]
    async with clinic.ctx_as() as ctx:
        await file_row(ctx, claimed)
    other = await make_clinic(plan="album")
    foreign = await kept(other)
    long_ago = (dt.datetime.now(dt.UTC) - dt.timedelta(hours=25)).timestamp()
    strange = folder / "чужой файл"
    strange.write_bytes(b"?")
    for path in (
        folder / str(claimed.key),
        folder / str(old.key),
        folder.parent / f"{other.id}/{foreign.key}",
        strange,
    ):
        os.utime(path, (long_ago, long_ago))
    await jobs.sweep_bytes(await clinic.outside_as("system"))
    assert lying(folder) == {str(claimed.key), str(young.key), strange.name}
    assert lying(folder.parent / str(other.id)) == {str(foreign.key)}


async def test_a_clinic_without_files_is_swept_too(make_clinic) -> None:
    other = await make_clinic(plan="album")
    await jobs.sweep_bytes(await other.outside_as("system"))
    assert [batch async for batch in store_of(other.house.config).lying(other.id)] == []


# --- a patient is erased


async def test_erasing_takes_files_of_deleted_and_emptied_rows_and_leaves_what_the_law_keeps(clinic, folder) -> None:
    patient_id, neighbour_id = await clinic.patient(), await clinic.patient(last_name="Белова", phone="+79120000001")
    words = {Letter: {"words": "жалоба"}, Paper: {"words": "жалоба"}}
    own = {model: await added(clinic, model, patient_id, **words.get(model, {})) for model in KINDS}
    others = {model: await added(clinic, model, neighbour_id) for model in KINDS}
    async with clinic.ctx_as() as ctx:
        await erase_patient(ctx, patient_id, "Заявление")
    await clinic.drain()
    keys = {key for _, _, key in others.values()} | {own[Receipt][2]}
    assert lying(folder) == keys
    left = await names(clinic)
    assert {own[model][1] for model in KINDS} & left.keys() == {own[Paper][1], own[Receipt][1]}
    assert (left[own[Paper][1]], left[own[Receipt][1]]) == ("", NAMES[Receipt])
    assert all(left[file_id] == NAMES[model] for model, (_, file_id, _) in others.items())
    async with clinic.ctx_as() as ctx:
        assert await ctx.db.get(Photo, (clinic.id, own[Photo][0])) is None
        letter = await ctx.load(Letter, own[Letter][0])
        assert (letter.file_id, letter.words) == (None, None)
    with pytest.raises(NotFound, match="Файла больше нет"):
        await open_file(await clinic.outside_as(), own[Paper][1])


async def test_a_file_that_also_belongs_to_somebody_else_stays(clinic, folder) -> None:
    patient_id, neighbour_id = await clinic.patient(), await clinic.patient(last_name="Белова", phone="+79120000001")
    _, file_id, key = await added(clinic, Photo, patient_id)
    await points(clinic, Receipt, neighbour_id, file_id)
    async with clinic.ctx_as() as ctx:
        await erase_patient(ctx, patient_id, "Заявление")
    await clinic.drain()
    assert lying(folder) == {key}
    assert await names(clinic) == {file_id: NAMES[Photo]}


# --- handing out


async def test_the_export_holds_the_files_and_names_what_was_lost(clinic, folder) -> None:
    patient_id, neighbour_id = await clinic.patient(), await clinic.patient(last_name="Белова", phone="+79120000001")
    own = {model: await added(clinic, model, patient_id) for model in KINDS}
    await added(clinic, Photo, neighbour_id)
    (folder / own[Letter][2]).unlink()
    async with clinic.ctx_as() as ctx:
        patient = await note_export(ctx, patient_id)
    outside = await clinic.outside_as()
    data = b"".join([part async for part in export_patient(outside, patient)])
    archive = zipfile.ZipFile(io.BytesIO(data))
    assert archive.testzip() is None
    found = {name for name in archive.namelist() if name.startswith("файлы/")}
    name_of = {model: f"файлы/album.{model.__tablename__}/{own[model][1]} {NAMES[model]}" for model in KINDS}
    assert found == {
        *(name_of[model] for model in (Photo, Paper, Receipt)),
        f"{name_of[Letter]} – файл утрачен.txt",
    }
    assert archive.read(name_of[Photo]) == picture("PNG")


async def test_a_copy_for_a_third_party_is_named_after_nobody(clinic) -> None:
    _, file_id, _ = await added(clinic, Photo, await clinic.patient())
    opened = await without_identity(await clinic.outside_as(), file_id)
    data = b"".join([part async for part in opened.chunks()])
    assert (opened.name, opened.media_type, opened.size) == ("image.png", "image/png", len(data))
    assert data.startswith(b"\x89PNG")


async def test_with_the_data_of_a_removed_plugin_its_files_go_and_nobody_elses(house, system) -> None:
    bare = System(rooms.installed([]))
    async with scratch_database(house.config) as config:
        await upgrade_database(config, system=system)
        await offer_plan(config, "album", "С альбомом", "album")
        async with opened(config, system) as other:
            clinic = await open_test_clinic(other, plan="album")
            _, file_id, _ = await added(clinic, Photo, await clinic.patient())
            own = await kept(clinic, "логотип.png")
            async with clinic.ctx_as() as ctx:
                own_id = await file_row(ctx, own)
            assert await names(clinic) == {file_id: NAMES[Photo], own_id: "логотип.png"}
        await purge(config, bare, "album")
        async with opened(config, bare) as other:
            clinic = TestClinic(other, clinic.id, clinic.slug, clinic.head)
            assert await names(clinic) == {own_id: "логотип.png"}
            folder = Path(config.files) / str(clinic.id)
            for path in folder.iterdir():
                os.utime(path, (0, 0))
            await jobs.sweep_bytes(await clinic.outside_as("system"))
            assert lying(folder) == {str(own.key)}
