"""Pages by place: a row that comes in between neither hides another one nor shows it twice."""

from __future__ import annotations

import pytest

from prikus.data.paging import read_page
from prikus.errors import NotFound
from prikus.patients.models import Patient
from prikus.testing.clinics import TestClinic


async def page(clinic: TestClinic, *, newest_first: bool = True, **at: str | None):
    async with clinic.ctx_as("director") as ctx:
        query, by = ctx.visible(Patient, Patient.last_name), (Patient.created_at, Patient.id)
        return await read_page(ctx.db, query, by, lambda row: row.last_name, size=2, newest_first=newest_first, **at)


@pytest.mark.parametrize("newest_first", [True, False])
async def test_a_list_is_walked_there_and_back(clinic: TestClinic, newest_first: bool) -> None:
    names = ["Абаева", "Белова", "Вебер", "Гусева", "Дёмина"]
    for name in names:
        await clinic.patient(last_name=name)
    wanted = names[::-1] if newest_first else names
    rows, previous, after = await page(clinic, newest_first=newest_first)
    assert (rows, previous) == (wanted[:2], None)
    await clinic.patient(last_name="Новая")
    rows, previous, after = await page(clinic, newest_first=newest_first, after=after)
    assert rows == wanted[2:4]
    rows, previous, _ = await page(clinic, newest_first=newest_first, after=after)
    assert rows == (wanted[4:] if newest_first else [*wanted[4:], "Новая"])
    rows, previous, after = await page(clinic, newest_first=newest_first, before=previous)
    assert (rows, bool(previous), bool(after)) == (wanted[2:4], True, True)
    rows, previous, after = await page(clinic, newest_first=newest_first, before=previous)
    assert (rows, bool(previous), bool(after)) == (wanted[:2], newest_first, True)


async def test_an_empty_list_has_no_neighbours(clinic: TestClinic) -> None:
    assert await page(clinic) == ([], None, None)


@pytest.mark.parametrize(
    "cursor", ["", "x", "2026-01-01_5", "2026-01-01T00:00:00+00:00_x", f"2026-01-01T00:00:00+00:00_{2**63}", "_1"]
)
async def test_a_strange_cursor_is_not_found(clinic: TestClinic, cursor: str) -> None:
    for side in ("after", "before"):
        with pytest.raises(NotFound):
            await page(clinic, **{side: cursor})
