"""An image that is added in the moment in which its patient is erased. The guard has its twin."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest
from sqlalchemy import TextClause, text

from prikus.patients.services.erasing import erase_patient
from prikus.testing.clinics import TestClinic
from prikus.toolkit import DENTAL_IMAGES, Context, Kept, NotFound, keep_bytes
from prikus_imaging.schemas import NewImage
from prikus_imaging.services import album
from prikus_imaging.testing import jpeg
from tests.waiting import outcome, until

NEW = NewImage(kind="panoramic", taken_on=dt.date(2026, 3, 14), comment="Морозова")
WAITS_BEHIND = text("""
    select exists (select 1 from pg_stat_activity a where :pid = any(pg_blocking_pids(a.pid))
      and exists (select 1 from pg_stat_activity b where a.pid = any(pg_blocking_pids(b.pid))))
""")
WAITS = text("select exists (select 1 from pg_stat_activity a where :pid = any(pg_blocking_pids(a.pid)))")


async def erase(clinic: TestClinic, patient: int) -> None:
    async with clinic.ctx_as("director") as ctx:
        await erase_patient(ctx, patient, "Заявление")


async def keep(clinic: TestClinic) -> Kept:
    return await keep_bytes(await clinic.outside_as("director"), jpeg(), "опг.jpg", DENTAL_IMAGES)


async def add(clinic: TestClinic, patient: int, kept: Kept) -> None:
    async with clinic.ctx_as("director", patiently=True) as ctx:
        await album.add_image(ctx, patient, NEW, kept, None)


async def comments(clinic: TestClinic) -> list[str | None]:
    async with clinic.ctx_as("director") as ctx:
        found = await ctx.db.scalars(text("select comment from imaging.dental_image order by id"))
        return list(found)


async def seen(clinic: TestClinic, query: TextClause, pid: int | None) -> bool:
    """Whether others wait for this transaction. A transaction of its own looks, since activity stands still in one."""
    async with clinic.house.runtime.relay.connect() as db:
        return bool(await db.scalar(query, {"pid": pid}))


async def race(clinic: TestClinic) -> BaseException | None:
    """Erasing has begun and waits for an earlier image; meanwhile the next one is added. What the adding came to."""
    patient = await clinic.patient()
    await add(clinic, patient, await keep(clinic))
    kept = await keep(clinic)
    async with asyncio.TaskGroup() as group, clinic.ctx_as("system", patiently=True) as holder:
        pid = await holder.db.scalar(text("select pg_backend_pid()"))
        await holder.db.execute(text("select 1 from imaging.dental_image for update"))

        group.create_task(erase(clinic, patient))
        await until(lambda: seen(clinic, WAITS, pid))
        adding = group.create_task(outcome(add(clinic, patient, kept)))
        await until(lambda: seen(clinic, WAITS_BEHIND, pid))
    return adding.result()


async def test_an_image_added_while_its_patient_is_erased_is_refused(clinic: TestClinic) -> None:
    assert isinstance(await race(clinic), NotFound)
    assert await comments(clinic) == [None]


async def test_twin_without_the_lock_it_outlives_the_erasing(
    clinic: TestClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unheld(ctx: Context, patient_id: int) -> None:
        await album.require_patient(ctx, patient_id)

    monkeypatch.setattr(album, "hold_patient", unheld)
    assert await race(clinic) is None
    assert await comments(clinic) == [None, "Морозова"]
