"""Room on the disk by the plan: what is counted, what is refused, and that two files at once cannot pass it."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Awaitable, Callable
from functools import partial

import asyncpg
import pytest
from sqlalchemy import text

from prikus.data.upgrade import plain
from prikus.errors import Invalid
from prikus.files.services.quota import DiskUse, disk_use
from prikus.operator import offering
from prikus.toolkit import PICTURES, Kept, drop_file, file_row, keep_bytes
from prikus.ui.filters import file_size
from tests.core.conftest import offer_plan
from tests.core.files.conftest import lying, picture

PNG = picture("PNG")
SIZE = len(PNG)
WRITERS = 6
PLAN = "album_small"
Hold = Callable[[], Awaitable[None]]


@pytest.fixture
async def clinic(house, make_clinic, worker_number):
    """Has room for two pictures and a half, on a plan of its own."""
    plan = f"{PLAN}_{worker_number}"
    await offer_plan(house.config, plan, "Маленький", "album")
    clinic = await make_clinic(plan=plan)
    await offering.give_disk(house.runtime, plan, SIZE * 5 // 2)
    return clinic


async def kept(clinic) -> Kept:
    return await keep_bytes(await clinic.outside_as(), PNG, "снимок.png", PICTURES)


async def use(clinic) -> DiskUse:
    async with clinic.ctx_as() as ctx:
        return await disk_use(ctx)


async def add(clinic, file: Kept, hold: Hold | None = None, *, unlocked: bool = False) -> int | None:
    """The row's id, None when there was no room. `hold` is waited for inside the transaction."""
    try:
        async with clinic.ctx_as() as ctx:
            await ctx.db.execute(text("set local lock_timeout = '60s'"))  # it waits for the test
            if unlocked:
                await ctx.db.execute(text("set local search_path = twin, pg_catalog, public"))
            file_id = await file_row(ctx, file)
            if hold:
                await hold()
            return file_id
    except Invalid:
        return None


@pytest.mark.spec("SET-01")
async def test_an_upload_beyond_the_quota_is_refused_with_a_sentence_and_keeps_nothing(clinic, folder) -> None:
    patient_id, client = await clinic.patient(), await clinic.client_as("administrator")
    files = [await add(clinic, await kept(clinic)) for _ in range(2)]
    answer = await client.htmx.post(
        "/album/photos", data={"patient_id": str(patient_id)}, files={"picture": ("a.png", PNG)}
    )
    assert answer.status_code == 422
    assert answer.json()["fields"]["picture"].startswith("На диске клиники не хватает места: занято ")
    assert len(lying(folder)) == 2
    assert await use(clinic) == DiskUse(2 * SIZE, SIZE * 5 // 2)
    async with clinic.ctx_as() as ctx:
        await drop_file(ctx, files[0])
    assert (await use(clinic)).free == SIZE * 3 // 2
    assert await add(clinic, await kept(clinic)) is not None


@pytest.mark.spec("SET-01")
async def test_the_block_of_the_settings_shows_used_total_and_free(clinic, worker_number) -> None:
    client, runtime, plan = await clinic.client_as("director"), clinic.house.runtime, f"{PLAN}_{worker_number}"
    await add(clinic, await kept(clinic))

    async def shown() -> list[tuple[str, str]]:
        page = (await client.get("/settings/general")).text
        return re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page)

    total = SIZE * 5 // 2
    assert await shown() == [
        ("Занято", file_size(SIZE)),
        ("Всего по тарифу", file_size(total)),
        ("Свободно", file_size(total - SIZE)),
    ]
    assert (await client.get("/api/v1/settings/disk")).json() == {"used": SIZE, "total": total, "free": total - SIZE}
    await offering.give_disk(runtime, plan, None)
    assert await shown() == [("Занято", file_size(SIZE)), ("Всего по тарифу", "без ограничения")]
    await offering.give_disk(runtime, plan, SIZE)
    assert "Место кончилось" in (await client.get("/settings/general")).text
    assert (await (await clinic.client_as("doctor")).get("/settings/general")).status_code == 403


async def test_only_rows_count_and_only_those_of_the_clinic(clinic, house, make_clinic, worker_number) -> None:
    other = await make_clinic(plan=f"{PLAN}_{worker_number}")
    await add(other, await kept(other))
    await kept(clinic)
    assert (await use(clinic)).used == 0
    assert (await use(other)).used == SIZE


async def test_no_limit_refuses_nothing_and_a_smaller_one_takes_nothing_away(clinic, worker_number) -> None:
    plan, runtime = f"{PLAN}_{worker_number}", clinic.house.runtime
    await offering.give_disk(runtime, plan, None)
    for _ in range(3):
        assert await add(clinic, await kept(clinic)) is not None
    assert await use(clinic) == DiskUse(3 * SIZE, None)
    files = [await kept(clinic)]
    await offering.give_disk(runtime, plan, SIZE)
    assert await use(clinic) == DiskUse(3 * SIZE, SIZE)
    assert (await use(clinic)).free == 0
    assert await add(clinic, files[0]) is None


async def test_two_files_at_once_never_pass_the_quota_together(clinic) -> None:
    files = [await kept(clinic) for _ in range(WRITERS)]
    added = await asyncio.gather(*(add(clinic, file, partial(asyncio.sleep, 0.2)) for file in files))
    assert len([one for one in added if one is not None]) == 2
    assert (await use(clinic)).used == 2 * SIZE


async def test_without_the_lock_they_do(clinic) -> None:
    """The twin: it is the lock that holds, and nothing else."""
    files = [await kept(clinic) for _ in range(WRITERS)]
    admin = await asyncpg.connect(plain(clinic.house.config.database_url))
    await admin.execute("create schema if not exists twin; grant usage on schema twin to public")
    await admin.execute("create or replace function twin.pg_advisory_xact_lock(bigint) returns void language sql as ''")
    await admin.close()
    inside, is_full = itertools.count(1), asyncio.Event()

    async def until_three_are_inside() -> None:
        if next(inside) == 3:
            is_full.set()
        await is_full.wait()

    added = await asyncio.gather(*(add(clinic, file, until_three_are_inside, unlocked=True) for file in files))
    assert len([one for one in added if one is not None]) > 2
    assert (await use(clinic)).used > (await use(clinic)).total


async def test_a_plan_gives_ten_gigabytes_unless_the_operator_says_otherwise(house, worker_number) -> None:
    await offer_plan(house.config, f"album_new_{worker_number}", "Новый", "album")
    found = {plan.code: plan.disk for plan in await offering.plans(house.runtime)}
    assert found[f"album_new_{worker_number}"] == found["practice"] == 10_000_000_000
